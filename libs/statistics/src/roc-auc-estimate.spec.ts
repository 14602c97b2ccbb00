import { rocAucDeviation } from './roc-auc-deviation.js';
import { rocAucEstimate } from './roc-auc-estimate.js';

describe('rocAucDeviation', () => {
  it('is the standard error of DeLong', () => {
    // Positives 3, 5, 6; negatives 1, 2, 4. Shares of negatives below: 2/3, 1, 1; of positives above: 1, 1, 2/3; each has the
    // variance 1/27 about 8/9, so the error is √(1/27/3 + 1/27/3).
    const deviation = rocAucDeviation([1, 1, 0, 1, 0, 0], [0, 0, 1, 0, 1, 1]);
    expect(deviation).toBeCloseTo(Math.sqrt(2 / 81), 14);
  });

  it.each([
    ['classes that are apart', [2, 0], [0, 2], 0],
    ['one positive', [2, 1], [0, 1], NaN],
    ['no rows', [], [], NaN],
  ])('%s', (_, negatives, positives, expected) => expect(rocAucDeviation(negatives, positives)).toBe(expected));
});

describe('rocAucEstimate', () => {
  it.each([
    ['classes that are apart', [20, 0], [0, 5], 1],
    ['backwards', [0, 5], [20, 0], 0],
    ['one positive', [2, 1], [0, 1], 5 / 6],
    ['one score for all', [9], [4], 0.5],
    ['overlapping', [30, 20, 5], [2, 9, 20], 1440 / 1705],
  ])('%s', (_, negatives, positives, expected) => {
    const { value, lower, upper } = rocAucEstimate(negatives, positives, 0.95);
    expect(value).toBeCloseTo(expected, 14);
    expect(lower).toBeGreaterThanOrEqual(0);
    expect(lower).toBeLessThanOrEqual(value);
    expect(upper).toBeGreaterThanOrEqual(value);
    expect(upper).toBeLessThanOrEqual(1);
    expect(upper - lower).toBeGreaterThan(0);
  });

  it('is undefined where a class is empty', () =>
    expect(rocAucEstimate([3, 2], [0, 0], 0.95)).toEqual({ value: NaN, lower: 0, upper: 1 }));
});
