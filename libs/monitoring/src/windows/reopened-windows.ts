import type { Window } from './window.js';

/** A window that was evaluated, with what was known at `evaluatedAtMs`. */
export interface EvaluatedWindow extends Window {
  readonly evaluatedAtMs: number;
}

/** Data of [startMs, endMs) that came at `touchedAtMs`. */
export interface Touch extends Window {
  readonly touchedAtMs: number;
}

/**
 * Returns the evaluated windows that hold data which came after their evaluation.
 * @param marginMs how much older than the evaluation a touch may be and still count: it is noted before its rows are written
 */
export function reopenedWindows<W extends EvaluatedWindow>(
  evaluated: readonly W[],
  touches: readonly Touch[],
  marginMs: number,
): W[] {
  return evaluated.filter(({ startMs, endMs, evaluatedAtMs }) =>
    touches.some(
      (touch) => touch.startMs < endMs && touch.endMs > startMs && touch.touchedAtMs > evaluatedAtMs - marginMs,
    ),
  );
}
