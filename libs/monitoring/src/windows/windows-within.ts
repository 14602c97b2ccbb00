import type { ResolvedWindowing } from './resolved-windowing.js';
import type { Window } from './window.js';

/** Returns the whole windows inside [fromMs, toMs), in order; a window that only overlaps the range is not among them. */
export function windowsWithin(
  { everyMs, anchorMs }: Pick<ResolvedWindowing, 'everyMs' | 'anchorMs'>,
  fromMs: number,
  toMs: number,
): Window[] {
  const windows: Window[] = [];
  let startMs = anchorMs + Math.ceil((fromMs - anchorMs) / everyMs) * everyMs;
  for (; startMs + everyMs <= toMs; startMs += everyMs) windows.push({ startMs, endMs: startMs + everyMs });
  return windows;
}
