import { dueWindows } from './due-windows.js';

const windowing = { everyMs: 10, anchorMs: 0, settleMs: 2 };

describe('dueWindows', () => {
  it.each([
    ['nothing new', 40, 51, 1000, []],
    ['one window', 40, 52, 1000, [50]],
    ['a missed tick catches up in order', 20, 52, 1000, [30, 40, 50]],
    ['never evaluated: as far back as the catch-up', undefined, 52, 30, [40, 50]],
    ['evaluated long ago: no further back than the catch-up', 10, 52, 30, [40, 50]],
    ['the length changed since: windows that end later are due', 45, 52, 1000, [50]],
  ])('%s', (_, lastEvaluatedEndMs, nowMs, catchUpMs, ends) => {
    expect(dueWindows(windowing, lastEvaluatedEndMs, nowMs, catchUpMs).map(({ endMs }) => endMs)).toEqual(ends);
  });

  it('gives the same windows whenever the tick comes', () => {
    const seen = new Set<number>();
    let last: number | undefined = 0;
    for (const nowMs of [3, 11, 12, 19, 47, 48, 93]) {
      for (const { endMs } of dueWindows(windowing, last, nowMs, 1000)) {
        expect(seen.has(endMs)).toBe(false);
        seen.add(endMs);
        last = endMs;
      }
    }
    expect([...seen]).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });
});
