import { type PerformanceMetric, performanceMetrics, type Task } from '@plumbline/contracts';
import {
  averagePrecision,
  averagePrecisionInterval,
  calibrationError,
  type ClassEstimates,
  confusionEstimates,
  type Estimate as ValueWithInterval,
  normalQuantile,
  regressionEstimates,
  rocAucEstimate,
} from '@plumbline/statistics';
import type { PerformanceData } from '../windows/window-data.js';

/** Value of a metric, where it lies with the confidence asked for, and how far it may be from that of the rows themselves. */
export interface Estimate extends ValueWithInterval {
  /** 0 unless scores or errors were joined to bins. */
  readonly errorBound: number;
}

type Direction = 'lower' | 'higher' | 'farther';

/** Which way a metric gets worse, and what people call it; bias is worse the further it is from 0. */
const METRICS: Readonly<Record<PerformanceMetric, readonly [worseWhen: Direction, name: string]>> = {
  accuracy: ['lower', 'accuracy'],
  balanced_accuracy: ['lower', 'balanced accuracy'],
  precision: ['lower', 'precision'],
  recall: ['lower', 'recall'],
  f1: ['lower', 'F1'],
  specificity: ['lower', 'specificity'],
  mcc: ['lower', 'Matthews correlation'],
  precision_macro: ['lower', 'macro precision'],
  recall_macro: ['lower', 'macro recall'],
  f1_macro: ['lower', 'macro F1'],
  precision_micro: ['lower', 'micro precision'],
  recall_micro: ['lower', 'micro recall'],
  f1_micro: ['lower', 'micro F1'],
  precision_weighted: ['lower', 'weighted precision'],
  recall_weighted: ['lower', 'weighted recall'],
  f1_weighted: ['lower', 'weighted F1'],
  roc_auc: ['lower', 'ROC AUC'],
  roc_auc_weighted: ['lower', 'weighted ROC AUC'],
  pr_auc: ['lower', 'PR AUC'],
  log_loss: ['higher', 'log loss'],
  brier: ['higher', 'Brier score'],
  ece: ['higher', 'calibration error'],
  mae: ['higher', 'MAE'],
  rmse: ['higher', 'RMSE'],
  mape: ['higher', 'MAPE'],
  r2: ['lower', 'R²'],
  bias: ['farther', 'bias'],
  absolute_error_p50: ['higher', 'median absolute error'],
  absolute_error_p90: ['higher', 'absolute error p90'],
  absolute_error_p95: ['higher', 'absolute error p95'],
};

const ofMetrics = <T>(of: (metric: PerformanceMetric) => T): Readonly<Record<PerformanceMetric, T>> =>
  Object.fromEntries(performanceMetrics.map((metric) => [metric, of(metric)])) as Record<PerformanceMetric, T>;

export const worseWhen = ofMetrics((metric) => METRICS[metric][0]);
export const metricNames = ofMetrics((metric) => METRICS[metric][1]);

/** Values in bins that grow by 2 % are within 1 % of what they stand for. */
const LOG_BIN_ERROR = 0.01;

/**
 * Returns the metrics that the labels of a window allow, with intervals; docs/statistics.md says how each is made. Precision,
 * recall, F1 and specificity are of the positive class, or the mean over classes. What is not defined (a class missing, one row for
 * R²), or not finite, is left out.
 * @param confidence of the intervals, in (0, 1)
 */
export function performanceEstimates(
  data: PerformanceData,
  task: Task | undefined,
  positiveClass: string | undefined,
  confidence: number,
): Map<PerformanceMetric, Estimate> {
  const found: Partial<Record<PerformanceMetric, Estimate>> = {
    ...ofClasses(data, task === 'multiclass' ? undefined : positiveClass, confidence),
    ...ofRanks(data, confidence),
    ...ofProbabilities(data, confidence),
    ...ofErrors(data, confidence),
  };
  const estimates = new Map<PerformanceMetric, Estimate>();
  for (const metric of performanceMetrics) {
    const estimate = found[metric];
    if (estimate !== undefined && Number.isFinite(estimate.value)) estimates.set(metric, estimate);
  }
  return estimates;
}

/** Returns the labelled predictions that a metric is over. */
export function rowsOf(metric: PerformanceMetric, data: PerformanceData): number {
  switch (metric) {
    case 'roc_auc':
    case 'roc_auc_weighted':
    case 'pr_auc':
      return data.scored;
    case 'log_loss':
    case 'brier':
    case 'ece':
      return data.probable;
    case 'mae':
    case 'rmse':
    case 'mape':
    case 'r2':
    case 'bias':
    case 'absolute_error_p50':
    case 'absolute_error_p90':
    case 'absolute_error_p95':
      return data.valued;
    default:
      return data.confusion.reduce((sum, { n }) => sum + n, 0);
  }
}

type Found = Partial<Record<PerformanceMetric, Estimate>>;

const exact = (estimate: ValueWithInterval): Estimate => ({ ...estimate, errorBound: 0 });

function ofClasses({ confusion }: PerformanceData, positiveClass: string | undefined, confidence: number): Found {
  const found = confusionEstimates(confusion, positiveClass, confidence);
  if (found === undefined) return {};
  const { macro, micro, weighted } = found;
  const rates = ({ precision, recall, f1 }: ClassEstimates): readonly [Estimate, Estimate, Estimate] => [
    exact(precision),
    exact(recall),
    exact(f1),
  ];
  const [precision, recall, f1] = rates(found);
  const [precisionMacro, recallMacro, f1Macro] = rates(macro);
  const [precisionMicro, recallMicro, f1Micro] = rates(micro);
  const [precisionWeighted, recallWeighted, f1Weighted] = rates(weighted);
  return {
    accuracy: exact(found.accuracy),
    balanced_accuracy: exact(found.balancedAccuracy),
    precision,
    recall,
    f1,
    specificity: exact(found.specificity),
    mcc: exact(found.mcc),
    precision_macro: precisionMacro,
    recall_macro: recallMacro,
    f1_macro: f1Macro,
    precision_micro: precisionMicro,
    recall_micro: recallMicro,
    f1_micro: f1Micro,
    precision_weighted: precisionWeighted,
    recall_weighted: recallWeighted,
    f1_weighted: f1Weighted,
  };
}

/** Of a binary model of the positive class; of several classes each against the rest, averaged over those that have both sides. */
function ofRanks({ scores }: PerformanceData, confidence: number): Found {
  const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);
  const classes = scores
    .map(({ negatives, positives, exact: isExact }) => {
      const nPositive = sum(positives);
      const nNegative = sum(negatives);
      const share = negatives.reduce((total, n, i) => total + (n / nNegative) * (positives[i]! / nPositive), 0);
      return { negatives, positives, isExact, nPositive, nNegative, areaBound: isExact ? 0 : share / 2 };
    })
    .filter(({ nPositive, nNegative }) => nPositive > 0 && nNegative > 0);
  if (classes.length === 0) return {};
  const areas = classes.map(({ negatives, positives, areaBound, nPositive }) => ({
    nPositive,
    estimate: { ...rocAucEstimate(negatives, positives, confidence), errorBound: areaBound },
  }));
  const precisions = classes.map(({ negatives, positives, nPositive, isExact }) => {
    const { value, errorBound } = averagePrecision(negatives, positives, isExact);
    const interval = averagePrecisionInterval(value, nPositive, confidence);
    return { nPositive, estimate: { value, ...interval, errorBound } };
  });
  const roc = averaged(areas, () => 1);
  return {
    roc_auc: roc,
    pr_auc: averaged(precisions, () => 1),
    ...(classes.length > 1 && { roc_auc_weighted: averaged(areas, (nPositive) => nPositive) }),
  };
}

/** The classes of one model are of the same rows, so the ends are averaged as they are: as wide as if all erred together. */
function averaged(
  parts: readonly { readonly nPositive: number; readonly estimate: Estimate }[],
  weightOf: (nPositive: number) => number,
): Estimate {
  const total = parts.reduce((sum, { nPositive }) => sum + weightOf(nPositive), 0);
  const mean = (of: (estimate: Estimate) => number): number =>
    parts.reduce((sum, { nPositive, estimate }) => sum + weightOf(nPositive) * of(estimate), 0) / total;
  return {
    value: mean(({ value }) => value),
    lower: mean(({ lower }) => lower),
    upper: mean(({ upper }) => upper),
    errorBound: mean(({ errorBound }) => errorBound),
  };
}

function ofProbabilities(data: PerformanceData, confidence: number): Found {
  const n = data.probable;
  if (n === 0) return {};
  const z = -normalQuantile((1 - confidence) / 2);
  const mean = (sum: number, squares: number): Estimate => {
    const value = sum / n;
    const halfWidth = z * Math.sqrt(Math.max(0, squares / n - value ** 2) / n);
    return exact({ value, lower: Math.max(0, value - halfWidth), upper: value + halfWidth });
  };
  return {
    log_loss: mean(data.sumLogLoss, data.sumLogLossSquares),
    brier: mean(data.sumBrier, data.sumBrierSquares),
    ece: exact(calibrationError(data.calibration, confidence)),
  };
}

function ofErrors(data: PerformanceData, confidence: number): Found {
  const found = regressionEstimates(data, confidence);
  if (found === undefined) return {};
  const binned = (estimate: ValueWithInterval): Estimate => ({
    ...estimate,
    errorBound: LOG_BIN_ERROR * Math.abs(estimate.value),
  });
  return {
    mae: exact(found.mae),
    rmse: exact(found.rmse),
    mape: exact(found.mape),
    r2: exact(found.r2),
    bias: exact(found.bias),
    absolute_error_p50: binned(found.errorP50),
    absolute_error_p90: binned(found.errorP90),
    absolute_error_p95: binned(found.errorP95),
  };
}
