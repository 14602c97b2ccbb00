import { averagePrecision, averagePrecisionInterval } from './average-precision.js';

describe('averagePrecision', () => {
  it.each([
    ['perfect', [5, 0], [0, 5], 1],
    ['one score for all', [6], [2], 0.25],
    ['backwards', [0, 1], [1, 0], 0.5],
    ['no negatives', [0, 0], [1, 2], 1],
    ['no positives', [3, 1], [0, 0], NaN],
    ['no rows', [], [], NaN],
  ])('%s', (_, negatives, positives, expected) => expect(averagePrecision(negatives, positives).value).toBe(expected));

  it('is exact in bins of one score, and within its bound in bins of several', () => {
    // Rows by falling score: + − + + − + − −; precisions at the positives 1, 2/3, 3/4, 4/6.
    const exact = (1 + 2 / 3 + 3 / 4 + 4 / 6) / 4;
    expect(averagePrecision([1, 1, 0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 1, 1, 0, 1])).toEqual({
      value: expect.closeTo(exact, 15) as number,
      errorBound: 0,
    });
    const { value, errorBound } = averagePrecision([2, 1, 1], [1, 1, 2], false);
    expect(errorBound).toBeGreaterThan(0);
    expect(Math.abs(value - exact)).toBeLessThanOrEqual(errorBound);
  });

  it('refuses counts of different bins', () => expect(() => averagePrecision([1], [1, 2])).toThrow(RangeError));
});

describe('averagePrecisionInterval', () => {
  it.each([
    [0, 5],
    [0.3, 1],
    [0.9, 50],
    [1, 20],
  ])('lies around %p within 0 and 1', (value, positives) => {
    const { lower, upper } = averagePrecisionInterval(value, positives, 0.95);
    expect(lower).toBeGreaterThanOrEqual(0);
    expect(lower).toBeLessThanOrEqual(value);
    expect(upper).toBeGreaterThanOrEqual(value);
    expect(upper).toBeLessThanOrEqual(1);
    expect(upper - lower).toBeGreaterThan(0);
  });

  it('knows nothing without positives', () =>
    expect(averagePrecisionInterval(NaN, 0, 0.95)).toEqual({ lower: 0, upper: 1 }));
});
