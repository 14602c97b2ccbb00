const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Returns an instant to the minute, in UTC: "2026-01-08 00:00 UTC". */
export function formatInstant(timestampMs: number): string {
  return `${minute(timestampMs)} UTC`;
}

/** Returns a window with its length: "2026-01-07 00:00 to 2026-01-08 00:00 UTC (1 day)". */
export function formatWindow(startMs: number, endMs: number): string {
  return `${minute(startMs)} to ${minute(endMs)} UTC (${formatDuration(endMs - startMs)})`;
}

/** Returns a duration in the two largest units it has: "1 day", "6 hours 30 minutes"; less than a second is "0 seconds". */
export function formatDuration(durationMs: number): string {
  const parts: string[] = [];
  let restMs = Math.max(0, durationMs);
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ') || '0 seconds';
}

function minute(timestampMs: number): string {
  const date = new Date(timestampMs);
  // A time beyond what dates can hold would throw, and a message must be made of anything.
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString().slice(0, 16).replace('T', ' ');
}
