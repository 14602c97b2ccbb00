import { wassersteinFromBins } from './wasserstein-from-bins.js';
import { wassersteinFromSorted } from './wasserstein-from-sorted.js';

describe('Wasserstein distance', () => {
  it.each([
    ['a shift', [0, 1, 2], [10, 11, 12], 10],
    ['constants', [5, 5, 5], [5, 5], 0],
    ['different sizes', [0], [0, 1], 0.5],
    ['ties', [0, 0, 1], [0, 1, 1], 1 / 3],
  ])('of %s', (_, x, y, expected) => {
    expect(wassersteinFromSorted(x, y)).toBeCloseTo(expected, 14);
    expect(wassersteinFromSorted(y, x)).toBeCloseTo(expected, 14);
  });

  it('is undefined for an empty sample or one with NaN', () => {
    expect(wassersteinFromSorted([], [1])).toBeNaN();
    expect(wassersteinFromSorted([1, NaN], [1])).toBeNaN();
    expect(wassersteinFromBins([1], 0, 2, [0, 0], [1, 1])).toEqual({ value: NaN, errorBound: NaN });
  });

  it.each([
    ['all mass one bin up', [1], 0, 2, [4, 0], [0, 2], 1, 1],
    ['equal shares', [1, 2], 0, 3, [1, 1, 1], [2, 2, 2], 0, 1],
    ['a constant column', [5], 5, 5, [0, 10], [0, 3], 0, 0],
    ['a crossing inside a bin', [1, 2], 0, 3, [1, 0, 1], [0, 2, 0], 0.75, 1],
  ])('from bins: %s', (_, edges, min, max, reference, current, value, errorBound) => {
    const actual = wassersteinFromBins(edges, min, max, reference, current);
    expect(actual.value).toBeCloseTo(value, 14);
    expect(actual.errorBound).toBeCloseTo(errorBound, 14);
  });

  it('refuses counts that do not fit the edges', () => {
    expect(() => wassersteinFromBins([1, 2], 0, 3, [1, 1], [1, 1])).toThrow(RangeError);
  });
});
