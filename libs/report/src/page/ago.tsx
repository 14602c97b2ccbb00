import { useContext } from 'preact/hooks';
import { formatInZone } from './format-in-zone.js';
import { ViewerContext } from './viewer.js';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** Returns how long ago an instant was, in its largest unit: "3 h ago", "in 2 d", "just now". */
export function formatAgo(atMs: number, nowMs: number): string {
  const distanceMs = Math.abs(nowMs - atMs);
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(distanceMs / unitMs);
    if (count > 0) return atMs <= nowMs ? `${count} ${unit} ago` : `in ${count} ${unit}`;
  }
  return 'just now';
}

/** How long ago an instant was; the instant itself is in the title. */
export function Ago({ atMs }: { readonly atMs: number }) {
  const { zone, nowMs } = useContext(ViewerContext);
  const date = new Date(atMs);
  if (Number.isNaN(date.getTime())) return <>–</>;
  return (
    <time dateTime={date.toISOString()} data-form="ago" title={formatInZone(atMs, zone)} class="instant">
      {formatAgo(atMs, nowMs)}
    </time>
  );
}
