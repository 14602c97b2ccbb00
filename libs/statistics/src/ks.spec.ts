import { ksFromCounts } from './ks-from-counts.js';
import { ksMinimumCurrent } from './ks-minimum-current.js';
import { ksPValue } from './ks-p-value.js';
import { ksTwoSample } from './ks-two-sample.js';

describe('Kolmogorov–Smirnov', () => {
  it.each([
    ['identical', [1, 2, 3], [1, 2, 3], 0],
    ['disjoint', [1, 2], [3, 4], 1],
    ['ties', [0, 0, 0, 1], [0, 1, 1, 1], 0.5],
    ['constant reference', [5, 5, 5], [5, 5, 6], 1 / 3],
    ['infinities', [-Infinity, 0], [0, Infinity], 0.5],
  ])('distance of %s samples', (_, x, y, expected) => {
    expect(ksTwoSample(x, y)).toBeCloseTo(expected, 15);
    expect(ksTwoSample(y, x)).toBeCloseTo(expected, 15);
  });

  it('is undefined for an empty sample or one with NaN', () => {
    expect(ksTwoSample([], [1])).toBeNaN();
    expect(ksTwoSample([1, NaN], [1])).toBeNaN();
    expect(ksFromCounts([0, 0], [1, 2])).toEqual({ value: NaN, errorBound: NaN });
    expect(ksPValue(0.5, 10, 0)).toBeNaN();
    expect(ksPValue(NaN, 10, 10)).toBeNaN();
  });

  it('bounds what bins can hide by the largest share both samples have in one bin', () => {
    expect(ksFromCounts([10, 0, 10], [0, 5, 5])).toEqual({ value: 0.5, errorBound: 0.5 });
    expect(ksFromCounts([10, 0], [0, 5])).toEqual({ value: 1, errorBound: 0 });
  });

  it.each([
    [0.1, 0.05, 30_000],
    [0.2, 0.001, 5_000],
    [0.05, 0.05, 9_000],
  ])('needs enough rows for a distance of %p to be significant at %p with %p reference rows', (d, alpha, n) => {
    const rows = ksMinimumCurrent(d, alpha, n);
    expect(ksPValue(d, n, rows)).toBeLessThanOrEqual(alpha);
    expect(ksPValue(d, n, Math.floor(rows * 0.85))).toBeGreaterThan(alpha);
  });

  it('never has enough rows when the reference is too small', () => {
    expect(ksMinimumCurrent(0.1, 0.05, 184)).toBe(Infinity);
    expect(ksMinimumCurrent(0.1, 0.05, 186)).toBeLessThan(Infinity);
  });
});
