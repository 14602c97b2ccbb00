import { widenedStart } from './widened-start.js';

describe('widenedStart', () => {
  it.each([
    [1, 100],
    [3, 80],
    [30, -190],
  ])('×%d keeps the end', (factor, startMs) => {
    expect(widenedStart({ startMs: 100, endMs: 110 }, factor)).toBe(startMs);
  });
});
