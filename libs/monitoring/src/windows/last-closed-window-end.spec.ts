import { lastClosedWindowEnd } from './last-closed-window-end.js';

const windowing = { everyMs: 60, anchorMs: 0, settleMs: 5 };

describe('lastClosedWindowEnd', () => {
  it.each([
    ['just before the settle delay ends', 124, 60],
    ['when it ends', 125, 120],
    ['in the middle of the next window', 150, 120],
    ['before the anchor', -1, -60],
  ])('%s', (_, nowMs, endMs) => {
    expect(lastClosedWindowEnd(windowing, nowMs)).toBe(endMs);
  });
});
