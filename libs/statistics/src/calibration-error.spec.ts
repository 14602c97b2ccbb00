import { calibrationError } from './calibration-error.js';

describe('calibrationError', () => {
  it('is the mean distance of hits from scores', () => {
    const bins = [
      { n: 10, hits: 3, sumScore: 1 },
      { n: 0, hits: 0, sumScore: 0 },
      { n: 30, hits: 20, sumScore: 24 },
    ];
    expect(calibrationError(bins, 0.95).value).toBeCloseTo((2 + 4) / 40, 15);
  });

  it('cannot tell a small error from none', () => {
    const { value, lower, upper } = calibrationError([{ n: 20, hits: 9, sumScore: 10 }], 0.95);
    expect([value, lower]).toEqual([0.05, 0]);
    expect(upper).toBeGreaterThan(0.05);
  });

  it.each([
    ['sure and wrong', { n: 50, hits: 0, sumScore: 50 }, 1],
    ['sure and right', { n: 50, hits: 50, sumScore: 50 }, 0],
  ])('%s', (_, bin, value) => {
    const found = calibrationError([bin], 0.95);
    expect(found.value).toBe(value);
    expect(found.lower).toBeLessThanOrEqual(value);
    expect(found.upper).toBeGreaterThanOrEqual(value);
    expect(found.upper).toBeLessThanOrEqual(1);
  });

  it('is undefined without rows', () => expect(calibrationError([], 0.95)).toEqual({ value: NaN, lower: 0, upper: 1 }));
});
