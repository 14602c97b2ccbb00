import { type PerformanceMetric, performanceMetrics, type Task } from '@plumbline/contracts';
import {
  confusionMetrics,
  normalQuantile,
  rocAucFromBins,
  rocAucInterval,
  wilsonInterval,
} from '@plumbline/statistics';
import type { PerformanceData } from '../windows/window-data.js';

/** Value of a metric, and where it lies with the confidence asked for. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** Which way a metric gets worse; bias is worse the further it is from 0. */
export const worseWhen: Readonly<Record<PerformanceMetric, 'lower' | 'higher' | 'farther'>> = {
  accuracy: 'lower',
  precision: 'lower',
  recall: 'lower',
  f1: 'lower',
  roc_auc: 'lower',
  log_loss: 'higher',
  brier: 'higher',
  mae: 'higher',
  rmse: 'higher',
  bias: 'farther',
};

/**
 * Returns the metrics that the labels of a window allow, with intervals: Wilson for rates, Hanley–McNeil for the area under the
 * ROC curve, the normal approximation for means. Precision, recall and F1 are of the positive class, or the mean over classes.
 * @param confidence of the intervals, in (0, 1)
 */
export function performanceEstimates(
  data: PerformanceData,
  task: Task | undefined,
  positiveClass: string | undefined,
  confidence: number,
): Map<PerformanceMetric, Estimate> {
  const z = -normalQuantile((1 - confidence) / 2);
  const estimates = new Map<PerformanceMetric, Estimate>();
  const around = (metric: PerformanceMetric, value: number, standardError: number): void => {
    estimates.set(metric, { value, lower: value - z * standardError, upper: value + z * standardError });
  };

  const classified = data.confusion.reduce((sum, { n }) => sum + n, 0);
  if (classified > 0) {
    const single = task === 'multiclass' ? undefined : positiveClass;
    const values = confusionMetrics([...data.confusion], single);
    const rows = confusionRows(data, single, classified);
    for (const metric of ['accuracy', 'precision', 'recall', 'f1'] as const) {
      estimates.set(metric, {
        value: values[metric],
        ...wilsonInterval(values[metric] * rows[metric], rows[metric], confidence),
      });
    }
  }
  if (data.scored > 0) {
    const positives = data.positives.reduce((sum, n) => sum + n, 0);
    const negatives = data.negatives.reduce((sum, n) => sum + n, 0);
    if (positives > 0 && negatives > 0) {
      const value = rocAucFromBins([...data.negatives], [...data.positives]);
      estimates.set('roc_auc', { value, ...rocAucInterval(value, negatives, positives, confidence) });
    }
    const { logLoss, brier } = scoreDeviations(data);
    around('log_loss', data.sumLogLoss / data.scored, logLoss / Math.sqrt(data.scored));
    around('brier', data.sumBrier / data.scored, brier / Math.sqrt(data.scored));
  }
  if (data.valued > 0) {
    const n = data.valued;
    const mae = data.sumAbsoluteError / n;
    const meanSquare = data.sumSquaredError / n;
    const bias = data.sumError / n;
    around('mae', mae, Math.sqrt(Math.max(0, meanSquare - mae ** 2) / n));
    // Needs the fourth moment, which cells do not hold. Errors are taken to be Laplace (kurtosis 6): prudent where they are normal.
    around('rmse', Math.sqrt(meanSquare), Math.sqrt((5 * meanSquare) / (4 * n)));
    around('bias', bias, Math.sqrt(Math.max(0, meanSquare - bias ** 2) / n));
  }
  return new Map(
    performanceMetrics.flatMap((metric) => (estimates.has(metric) ? [[metric, estimates.get(metric)!]] : [])),
  );
}

/** Rows that each rate is a share of; for F1 the rows that are positive by either side, for means over classes all rows. */
function confusionRows(
  { confusion }: PerformanceData,
  positiveClass: string | undefined,
  all: number,
): Record<'accuracy' | 'precision' | 'recall' | 'f1', number> {
  if (positiveClass === undefined) return { accuracy: all, precision: all, recall: all, f1: all };
  const count = (belongs: (predicted: boolean, label: boolean) => boolean): number =>
    confusion.reduce(
      (sum, { predicted, label, n }) => (belongs(predicted === positiveClass, label === positiveClass) ? sum + n : sum),
      0,
    );
  return {
    accuracy: all,
    precision: count((predicted) => predicted),
    recall: count((_, label) => label),
    f1: count((predicted, label) => predicted || label),
  };
}

/** Standard deviations of a row's log loss and squared error, from the middles of the score bins. */
function scoreDeviations({ positives, negatives }: PerformanceData): { logLoss: number; brier: number } {
  const deviation = (loss: (probabilityOfTruth: number) => number): number => {
    let n = 0;
    let sum = 0;
    let squares = 0;
    const add = (rows: number, value: number): void => {
      n += rows;
      sum += rows * value;
      squares += rows * value ** 2;
    };
    positives.forEach((rows, bin) => add(rows, loss((bin + 0.5) / positives.length)));
    negatives.forEach((rows, bin) => add(rows, loss(1 - (bin + 0.5) / negatives.length)));
    return n === 0 ? NaN : Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
  };
  return { logLoss: deviation((p) => -Math.log(p)), brier: deviation((p) => (1 - p) ** 2) };
}
