import { lastClosedWindowEnd } from './last-closed-window-end.js';
import type { ResolvedWindowing } from './resolved-windowing.js';
import type { Window } from './window.js';
import { windowsWithin } from './windows-within.js';

/**
 * Returns the closed windows that still have to be evaluated at `nowMs`, in order: those that end after the last evaluated one,
 * and no further back than `catchUpMs`. A missed tick therefore catches up, and a tick without work returns nothing.
 */
export function dueWindows(
  windowing: ResolvedWindowing,
  lastEvaluatedEndMs: number | undefined,
  nowMs: number,
  catchUpMs: number,
): Window[] {
  const windows = windowsWithin(windowing, nowMs - catchUpMs, lastClosedWindowEnd(windowing, nowMs));
  return lastEvaluatedEndMs === undefined ? windows : windows.filter(({ endMs }) => endMs > lastEvaluatedEndMs);
}
