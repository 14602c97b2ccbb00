import { windowsWithin } from './windows-within.js';

const windowing = { everyMs: 10, anchorMs: 3 };

describe('windowsWithin', () => {
  it.each([
    ['exactly two', 13, 33, [13, 23]],
    ['cuts both ends', 12, 34, [13, 23]],
    ['a range inside one window', 14, 20, []],
    ['an empty range', 13, 13, []],
    ['a range that ends before it starts', 33, 13, []],
    ['before the anchor', -20, 4, [-17, -7]],
  ])('%s', (_, fromMs, toMs, starts) => {
    expect(windowsWithin(windowing, fromMs, toMs)).toEqual(starts.map((startMs) => ({ startMs, endMs: startMs + 10 })));
  });
});
