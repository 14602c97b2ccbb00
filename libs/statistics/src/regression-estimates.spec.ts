import { regressionEstimates, type RegressionSums } from './regression-estimates.js';

const NONE: RegressionSums = {
  valued: 0,
  sumError: 0,
  sumAbsoluteError: 0,
  sumSquaredError: 0,
  sumQuarticError: 0,
  sumPercentageError: 0,
  sumPercentageErrorSquares: 0,
  truthMean: 0,
  truthSquares: 0,
  truthQuartics: 0,
  squaredErrorByTruth: 0,
  errorBins: [],
};

describe('regressionEstimates', () => {
  it('has nothing to say without rows', () => expect(regressionEstimates(NONE, 0.95)).toBeUndefined());

  it('has no R² of one row', () => {
    const { mae, r2 } = regressionEstimates(
      { ...NONE, valued: 1, sumError: 2, sumAbsoluteError: 2, sumSquaredError: 4 },
      0.95,
    )!;
    expect(mae.value).toBe(2);
    expect(r2.value).toBeNaN();
  });

  it.each([
    ['all right', 0, 1],
    ['not all right', 5, 0],
  ])('R² of a constant truth, %s', (_, sumSquaredError, expected) => {
    // The mean of equal numbers may differ from them by rounding.
    const sums = {
      ...NONE,
      valued: 10,
      truthMean: 0.1,
      truthSquares: 10 * (0.1 * Number.EPSILON) ** 2,
      sumSquaredError,
    };
    expect(regressionEstimates(sums, 0.95)!.r2.value).toBe(expected);
  });

  it('keeps the ends of errors from falling below 0', () => {
    const { mae, rmse, mape } = regressionEstimates(
      {
        ...NONE,
        valued: 2,
        sumAbsoluteError: 10,
        sumSquaredError: 100,
        sumQuarticError: 10_000,
        sumPercentageError: 1,
        sumPercentageErrorSquares: 1,
      },
      0.99,
    )!;
    expect([mae.lower, rmse.lower, mape.lower]).toEqual([0, 0, 0]);
    expect(rmse.value).toBeCloseTo(Math.sqrt(50), 12);
  });
});
