/**
 * How far back the outbox is looked at. Longer than all attempts together (three days), so that a change is given up because its
 * attempts ran out or the alerter was down for days, and not before.
 */
export const OUTBOX_LOOKBACK_MS = 7 * 24 * 3_600_000;
