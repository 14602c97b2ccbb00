const MINUTE_MS = 60_000;
/** Clocks of different machines differ by this much; what is later than that was written before a clock was set back. */
const TOLERATED_SKEW_MS = MINUTE_MS;
/** A resolve is sent again so long after it was first delivered. */
const RESEND_AFTER_MS: readonly number[] = [5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS];
const RESEND_PAUSE_MS = 5 * MINUTE_MS;

/** Returns the instant after a pause; now when the instant it counts from lies in the future, since the clock was set back. */
export function afterPause(sinceMs: number, pauseMs: number, nowMs: number): number {
  return sinceMs > nowMs + TOLERATED_SKEW_MS ? nowMs : sinceMs + pauseMs;
}

/** Returns when a resolve that was delivered is sent again, so that one that got lost heals; undefined when it is not any more. */
export function resendAtMs(delivered: {
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly repetitions: number;
}): number | undefined {
  const afterMs = RESEND_AFTER_MS[delivered.repetitions];
  if (afterMs === undefined) return undefined;
  const atMs = Math.max(delivered.firstAtMs + afterMs, delivered.lastAtMs + RESEND_PAUSE_MS);
  return atMs <= delivered.firstAtMs + RESEND_AFTER_MS.at(-1)! + RESEND_PAUSE_MS ? atMs : undefined;
}
