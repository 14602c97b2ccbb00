import { EventFault } from './event-fault.js';
import type { TimeRange } from './time-range.js';

/** Why an event of this time is refused; undefined when it is within the range. */
export function timeFault(timeMs: number, field: string, { oldestMs, newestMs }: TimeRange): EventFault | undefined {
  if (timeMs >= oldestMs && timeMs <= newestMs) return undefined;
  const past = timeMs < oldestMs;
  const hint = past && timeMs > 0 && timeMs * 1000 >= oldestMs ? '; send milliseconds, not seconds' : '';
  return new EventFault(
    field,
    past ? 'too_far_in_the_past' : 'too_far_in_the_future',
    `must lie between ${instantText(oldestMs)} and ${instantText(newestMs)}, but is ${instantText(timeMs)}${hint}`,
  );
}

/** Text of an instant, for messages; not every number of a client is one. */
function instantText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? String(timeMs) : date.toISOString();
}
