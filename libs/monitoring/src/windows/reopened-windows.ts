import type { Window } from './window.js';

/** A window that was evaluated, with what was known at `evaluatedAtMs`. */
export interface EvaluatedWindow extends Window {
  readonly evaluatedAtMs: number;
  /** Start of the data that it was judged by: before its own start where that was widened. */
  readonly dataStartMs: number;
}

/** Data of [startMs, endMs) that came at `touchedAtMs`. */
export interface Touch extends Window {
  readonly touchedAtMs: number;
}

/** An evaluated window, with the data that came after its evaluation. */
export interface ReopenedWindow<W, T> {
  readonly window: W;
  readonly touches: readonly T[];
}

/**
 * Returns the evaluated windows whose data changed after their evaluation, with what changed it.
 * @param marginMs how much older than the evaluation a touch may be and still count: it is noted before its rows are written
 */
export function reopenedWindows<W extends EvaluatedWindow, T extends Touch>(
  evaluated: readonly W[],
  touches: readonly T[],
  marginMs: number,
): ReopenedWindow<W, T>[] {
  // Both may be thousands: only those that can overlap are looked at.
  const sorted = [...touches].sort((left, right) => left.startMs - right.startMs);
  const longestMs = touches.reduce((most, { startMs, endMs }) => Math.max(most, endMs - startMs), 0);
  return evaluated.flatMap((window) => {
    const { dataStartMs, endMs, evaluatedAtMs } = window;
    const late: T[] = [];
    for (let i = firstAfter(sorted, dataStartMs - longestMs); i < sorted.length; i++) {
      const touch = sorted[i]!;
      if (touch.startMs >= endMs) break;
      if (touch.endMs > dataStartMs && touch.touchedAtMs > evaluatedAtMs - marginMs) late.push(touch);
    }
    return late.length === 0 ? [] : [{ window, touches: late }];
  });
}

/** Index of the first that starts after the instant. */
function firstAfter(sorted: readonly Window[], instantMs: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.startMs > instantMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
