import type { Configuration } from '../configuration.schema.js';
import { parseDuration } from '../duration.schema.js';

/** Times that are taken, both inclusive, in milliseconds since 1970. */
export interface TimeRange {
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Returns the times that events may have at an instant. */
export function timeRange(intake: Pick<Configuration['intake'], 'maxAge' | 'maxAhead'>, nowMs: number): TimeRange {
  return {
    // Cells count time from 1970, whatever the configuration allows.
    oldestMs: Math.max(0, nowMs - parseDuration(intake.maxAge)),
    newestMs: nowMs + parseDuration(intake.maxAhead),
  };
}

/** Times that events may have which were received at an instant, in milliseconds since 1970. */
export type TimeRangeOfReceipt = (receivedAtMs: number) => TimeRange;

/**
 * Returns what judges the times of events by when they were received. That is part of each event, so that every delivery of it
 * is judged alike, however long it waits: the clock would set it aside in one delivery and store it in the next.
 * @param now stands in for an instant of 0, which a message without a time has
 */
export function timeRangeOfReceipt(
  intake: Pick<Configuration['intake'], 'maxAge' | 'maxAhead'>,
  now: () => number,
): TimeRangeOfReceipt {
  // Events come in crowds of one instant.
  let lastAtMs = NaN;
  let last: TimeRange | undefined;
  return (receivedAtMs) => {
    if (receivedAtMs === 0) return timeRange(intake, now());
    if (last === undefined || lastAtMs !== receivedAtMs) {
      lastAtMs = receivedAtMs;
      last = timeRange(intake, receivedAtMs);
    }
    return last;
  };
}
