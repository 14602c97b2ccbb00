import { confusionMetrics } from './confusion-metrics.js';
import { rocAucFromBins } from './roc-auc-from-bins.js';
import { rocAucInterval } from './roc-auc-interval.js';

describe('confusionMetrics', () => {
  it('is undefined without rows', () => {
    const nothing = { accuracy: NaN, precision: NaN, recall: NaN, f1: NaN };
    expect(confusionMetrics([])).toMatchObject(nothing);
    expect(confusionMetrics([{ predicted: '1', label: '0', n: 0 }], '1')).toMatchObject(nothing);
  });

  it('answers 0 for a positive class nobody predicted or had', () => {
    expect(confusionMetrics([{ predicted: '0', label: '0', n: 4 }], '1')).toMatchObject({
      accuracy: 1,
      precision: 0,
      recall: 0,
      f1: 0,
    });
  });

  it('adds repeated cells and ignores empty ones', () => {
    const cell = (predicted: string, label: string, n: number) => ({ predicted, label, n });
    expect(confusionMetrics([cell('1', '1', 2), cell('1', '0', 1), cell('1', '1', 1), cell('x', 'y', 0)])).toEqual(
      confusionMetrics([cell('1', '1', 3), cell('1', '0', 1)]),
    );
  });
});

describe('area under the ROC curve', () => {
  it.each([
    ['perfect', [5, 0], [0, 5], 1],
    ['backwards', [0, 5], [5, 0], 0],
    ['one bin', [5], [7], 0.5],
    ['no positives', [5, 1], [0, 0], NaN],
    ['no negatives', [0, 0], [1, 0], NaN],
  ])('%s', (_, negatives, positives, expected) => expect(rocAucFromBins(negatives, positives)).toBe(expected));

  it.each([
    [0.97, 4700, 300],
    [0.5, 10, 10],
    [1, 20, 5],
    [0, 20, 5],
    [0.7, 1, 1],
  ])('has an interval of positive width around %p', (auc, nNegative, nPositive) => {
    const { lower, upper } = rocAucInterval(auc, nNegative, nPositive, 0.95);
    expect(lower).toBeLessThanOrEqual(auc);
    expect(upper).toBeGreaterThanOrEqual(auc);
    expect(upper - lower).toBeGreaterThan(0);
    expect(lower).toBeGreaterThanOrEqual(0);
    expect(upper).toBeLessThanOrEqual(1);
  });

  it('has an interval of Hanley and McNeil’s width for a large sample', () => {
    // A = .8: Q1 = .8/1.2, Q2 = 1.28/1.8, variance = (.16 + 999(Q1 − .64) + 999(Q2 − .64))/1e6.
    const error = Math.sqrt((0.16 + 999 * (0.8 / 1.2 - 0.64) + 999 * (1.28 / 1.8 - 0.64)) / 1e6);
    const { lower, upper } = rocAucInterval(0.8, 1000, 1000, 0.95);
    expect((upper - lower) / (2 * 1.959964 * error)).toBeCloseTo(1, 2);
  });

  it('knows nothing when a class is empty', () => {
    expect(rocAucInterval(NaN, 0, 10, 0.95)).toEqual({ lower: 0, upper: 1 });
  });
});
