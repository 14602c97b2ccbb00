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
