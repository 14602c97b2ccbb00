import type { Window } from './window.js';

/** Returns where the data of a window starts when it is widened to `factor` windows; the end never moves. */
export function widenedStart({ startMs, endMs }: Window, factor: number): number {
  return endMs - factor * (endMs - startMs);
}
