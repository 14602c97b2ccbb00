const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses before the second attempt, the third …: those of Standard Webhooks, a little over three days together. */
const PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** Part of a pause that is left to chance, so that what failed together does not come back together. */
const JITTER = 0.2;

/**
 * Returns when to try again after `attempt` (counted from 1) failed, or 0 when there were enough.
 * @param retryAfterMs what the receiver asked for: never earlier than that
 * @param random in [0, 1)
 */
export function nextAttemptAtMs(attempt: number, nowMs: number, random: number, retryAfterMs = 0): number {
  const pauseMs = PAUSES_MS[attempt - 1];
  if (pauseMs === undefined) return 0;
  return nowMs + Math.max(Math.round(pauseMs * (1 + JITTER * random)), retryAfterMs);
}
