import type { ResolvedWindowing } from './resolved-windowing.js';

/** Returns the end of the last window whose settle delay has passed at `nowMs`. */
export function lastClosedWindowEnd({ everyMs, anchorMs, settleMs }: ResolvedWindowing, nowMs: number): number {
  return anchorMs + Math.floor((nowMs - settleMs - anchorMs) / everyMs) * everyMs;
}
