import type { PerformanceMetric, RetrainingComparison, Task } from '@plumbline/contracts';
import { normalQuantile, normalSurvival, signTestPValue } from '@plumbline/statistics';
import { performanceEstimates, rowsOf, worseWhen } from '../detectors/performance-metrics.js';
import type { PerformanceData } from '../windows/window-data.js';

export type MetricComparison = RetrainingComparison['metrics'][number];

/** A mean over requests that both versions answered and that have a label. */
export interface PairedMetric {
  readonly metric: Extract<PerformanceMetric, 'accuracy' | 'brier' | 'mae'>;
  readonly n: number;
  readonly oldSum: number;
  readonly newSum: number;
  /** Of new − old, pair by pair. */
  readonly differenceSum: number;
  readonly differenceSquares: number;
}

/** Of the intervals. */
const CONFIDENCE = 0.95;
/** Chance, over all metrics together, to call a version worse that is not. */
const ALPHA = 0.05;
const Z = -normalQuantile((1 - CONFIDENCE) / 2);

/** What decides, by task: one metric of what is answered, one of how sure it is. The others say the same in other words. */
const DECIDING: readonly PerformanceMetric[] = ['accuracy', 'roc_auc', 'mae', 'rmse'];

/**
 * Compares versions on requests that both answered: the sign test of McNemar where an answer is right or wrong, else the mean
 * difference with its standard error. That both had the same requests takes their difficulty out of the comparison.
 */
export function comparePaired(metrics: readonly PairedMetric[]): MetricComparison[] {
  const level = ALPHA / Math.max(1, metrics.length);
  return metrics.map((paired): MetricComparison => {
    const { metric, n, oldSum, newSum, differenceSum, differenceSquares } = paired;
    const difference = differenceSum / n;
    const variance = Math.max(0, differenceSquares / n - difference ** 2);
    const standardError = Math.sqrt(variance / n);
    const worsening = worseWhen[metric] === 'lower' ? (oldSum - newSum) / n : difference;
    const [pValue, pBetter] =
      metric === 'accuracy'
        ? mcNemar(paired)
        : [survival(worsening, standardError), survival(-worsening, standardError)];
    return {
      metric,
      // Their own intervals would be about other requests than these.
      old: { value: oldSum / n, lower: null, upper: null, n },
      new: { value: newSum / n, lower: null, upper: null, n },
      worsening,
      lower: worsening - Z * standardError,
      upper: worsening + Z * standardError,
      p_value: pValue,
      verdict: verdictOf(pValue, pBetter, level),
    };
  });
}

/** Chances of at least so many pairs that only the old version got right, and only the new one, of those on which they disagree. */
function mcNemar({ differenceSum, differenceSquares }: PairedMetric): [pWorse: number, pBetter: number] {
  const lost = Math.round((differenceSquares - differenceSum) / 2);
  const disagreements = Math.round(differenceSquares);
  return [signTestPValue(lost, disagreements), signTestPValue(disagreements - lost, disagreements)];
}

/**
 * Compares versions on requests of their own, from the cells of each. The interval of a difference comes from the intervals of the
 * two estimates, squares added on the side that matters, so that it holds for rates near 0 and 1 as well.
 * Source: Zou and Donner (2008), Statistics in Medicine 27 ("MOVER"); for proportions it is Newcombe's method 10.
 */
export function compareSideBySide(
  before: PerformanceData,
  after: PerformanceData,
  task: Task | undefined,
  positiveClass: string | undefined,
): MetricComparison[] {
  const old = performanceEstimates(before, task, positiveClass, CONFIDENCE);
  const current = performanceEstimates(after, task, positiveClass, CONFIDENCE);
  const metrics = DECIDING.filter((metric) => old.has(metric) && current.has(metric));
  const level = ALPHA / Math.max(1, metrics.length);
  return metrics.map((metric): MetricComparison => {
    const a = old.get(metric)!;
    const b = current.get(metric)!;
    // Turned so that more is worse: the upper end of a metric that falls is its best case.
    const lowerIsWorse = worseWhen[metric] === 'lower';
    const worsening = lowerIsWorse ? a.value - b.value : b.value - a.value;
    const oldBelow = lowerIsWorse ? a.value - a.lower : a.upper - a.value;
    const oldAbove = lowerIsWorse ? a.upper - a.value : a.value - a.lower;
    const newBelow = lowerIsWorse ? b.upper - b.value : b.value - b.lower;
    const newAbove = lowerIsWorse ? b.value - b.lower : b.upper - b.value;
    const down = Math.hypot(oldBelow, newBelow);
    const up = Math.hypot(oldAbove, newAbove);
    const standardError = (worsening > 0 ? down : up) / Z;
    const pValue = survival(worsening, standardError);
    return {
      metric,
      old: { value: a.value, lower: a.lower, upper: a.upper, n: rowsOf(metric, before) },
      new: { value: b.value, lower: b.lower, upper: b.upper, n: rowsOf(metric, after) },
      worsening,
      lower: worsening - down,
      upper: worsening + up,
      p_value: pValue,
      verdict: verdictOf(pValue, survival(-worsening, standardError), level),
    };
  });
}

/** One-sided: a worsening or more by chance. */
function survival(worsening: number, standardError: number): number {
  if (standardError > 0) return normalSurvival(worsening / standardError);
  return worsening > 0 ? 0 : 1;
}

function verdictOf(pWorse: number, pBetter: number, level: number): MetricComparison['verdict'] {
  if (pWorse < level) return 'worse';
  return pBetter < level ? 'better' : 'no_difference';
}
