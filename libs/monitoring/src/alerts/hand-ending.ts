import type { AlertState } from '@plumbline/contracts';
import { initialAlertState } from './initial-alert-state.js';

/** That somebody ended the open alert of a series by hand: after this window it starts afresh, whatever windows before it say. */
export interface HandEnding {
  readonly alertId: string;
  /** End of the last window that had been decided on the series. */
  readonly windowEndMs: number;
}

/** How a series stood after a window. */
export interface StandingState {
  readonly windowEndMs: number;
  readonly state: AlertState;
}

/** Returns how a series stands before the next window: as after the one before, or afresh where it was ended by hand since. */
export function standingBefore(
  nextWindowEndMs: number,
  { windowEndMs, state }: StandingState,
  endings: readonly HandEnding[],
): AlertState {
  return endedBetween(windowEndMs, nextWindowEndMs, endings).length > 0 ? initialAlertState : state;
}

/** Returns the endings after a window and before the next. */
export function endedBetween(
  windowEndMs: number,
  nextWindowEndMs: number,
  endings: readonly HandEnding[],
): readonly HandEnding[] {
  return endings.filter((ending) => ending.windowEndMs >= windowEndMs && ending.windowEndMs < nextWindowEndMs);
}

/**
 * Returns the end of the window from which on a series is to be decided anew, because who decided its last state did not know of
 * an ending yet: what it is about, say an open alert or breaches that wait for more, began before the ending and goes on beyond it.
 * undefined when there is no such ending.
 */
export function unawareSince(
  { windowEndMs, state }: StandingState,
  endings: readonly HandEnding[],
): number | undefined {
  if (state.sinceMs === 0) return undefined;
  const missed = endings.filter(
    (ending) =>
      state.sinceMs <= ending.windowEndMs &&
      // In the window of the ending itself the alert is open as it was decided then.
      (ending.windowEndMs < windowEndMs || (ending.windowEndMs === windowEndMs && ending.alertId !== state.alertId)),
  );
  return missed.length === 0 ? undefined : Math.min(...missed.map((ending) => ending.windowEndMs));
}
