import { lastClosedWindowEnd } from './last-closed-window-end.js';
import type { ResolvedWindowing } from './resolved-windowing.js';
import type { Window } from './window.js';
import { windowsWithin } from './windows-within.js';

/**
 * Returns the closed windows since `sinceMs` that were not evaluated yet, in order. A missed tick therefore catches up, whatever
 * was evaluated out of turn, and a tick without work returns nothing.
 * @param evaluatedEndsMs ends of the windows evaluated before
 */
export function dueWindows(
  windowing: ResolvedWindowing,
  evaluatedEndsMs: ReadonlySet<number>,
  sinceMs: number,
  nowMs: number,
): Window[] {
  return windowsWithin(windowing, sinceMs, lastClosedWindowEnd(windowing, nowMs)).filter(
    ({ endMs }) => !evaluatedEndsMs.has(endMs),
  );
}
