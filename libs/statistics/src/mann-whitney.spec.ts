import { mannWhitney, mannWhitneyFromCounts } from './mann-whitney.js';

describe('mannWhitney', () => {
  // scipy.stats.mannwhitneyu(y, x)
  it.each<[string, number[], number[], number, number]>([
    ['small, exact', [1, 2, 3, 5, 8], [4, 6, 7, 9, 10, 11], 0.7333333333333334, 0.05194805194805195],
    ['one against two', [1], [2, 3], 1.0, 0.6666666666666666],
    ['ties', [1, 1, 2, 3], [2, 2, 3, 4, 4], 0.6499999999999999, 0.1298911204818266],
    [
      'beyond eight rows, no ties',
      [0, 2, 4, 6, 8, 10, 12, 14, 16],
      [5, 8, 11, 14, 17, 20, 23, 26, 29, 32],
      0.6666666666666667,
      0.01591842274763915,
    ],
  ])('%s', (_, x, y, value, pValue) => {
    const result = mannWhitney(x, y);
    expect(result.value).toBeCloseTo(value, 14);
    expect(result.pValue / pValue).toBeCloseTo(1, 11);
  });

  it('is the same from counts of values', () => {
    const { errorBound, ...fromCounts } = mannWhitneyFromCounts([3, 0, 2, 1], [1, 4, 2, 0]);
    expect(fromCounts).toEqual(mannWhitney([1, 1, 1, 3, 3, 4], [1, 2, 2, 2, 2, 3, 3]));
    expect(errorBound).toBeCloseTo((3 + 4) / 42, 15);
  });

  it('is not defined for an empty sample', () => {
    expect(mannWhitney([], [1])).toEqual({ probability: NaN, value: NaN, pValue: NaN });
  });

  it('has the probability 1 for one value everywhere', () => {
    expect(mannWhitney([2, 2], [2, 2, 2])).toEqual({ probability: 0.5, value: 0, pValue: 1 });
  });
});
