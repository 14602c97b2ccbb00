import { dueWindows } from './due-windows.js';

const windowing = { everyMs: 10, anchorMs: 0, settleMs: 2 };

describe('dueWindows', () => {
  it.each([
    ['nothing new', [40, 50], 30, 51, []],
    ['one window', [40], 30, 52, [50]],
    ['a missed tick catches up in order', [30], 20, 62, [40, 50, 60]],
    ['never evaluated: as far back as one looks', [], 25, 52, [40, 50]],
    ['a gap left by an evaluation out of turn', [30, 50], 20, 62, [40, 60]],
    ['a window that began before one looks is not due', [], 31, 52, [50]],
  ])('%s', (_, evaluated, sinceMs, nowMs, ends) => {
    expect(dueWindows(windowing, new Set(evaluated), sinceMs, nowMs).map(({ endMs }) => endMs)).toEqual(ends);
  });

  it('gives each window once, whenever the tick comes', () => {
    const seen: number[] = [];
    for (const nowMs of [3, 11, 12, 19, 47, 48, 93]) {
      seen.push(...dueWindows(windowing, new Set(seen), 0, nowMs).map(({ endMs }) => endMs));
    }
    expect(seen).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });
});
