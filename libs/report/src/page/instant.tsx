import { useContext } from 'preact/hooks';
import { formatInZone, type InstantForm } from './format-in-zone.js';
import { ViewerContext } from './viewer.js';

/** An instant in the viewer's zone, machine readable. The script of the console writes it anew where it knows the zone better. */
export function Instant({ atMs, form = 'minute' }: { readonly atMs: number; readonly form?: InstantForm }) {
  const { zone } = useContext(ViewerContext);
  const date = new Date(atMs);
  if (Number.isNaN(date.getTime())) return <>–</>;
  return (
    <time dateTime={date.toISOString()} data-form={form} class="instant">
      {formatInZone(atMs, zone, form)}
    </time>
  );
}
