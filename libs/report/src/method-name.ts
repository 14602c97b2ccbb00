import { DRIFT_SHARE, performanceMetrics, qualityMetrics } from '@plumbline/contracts';
import { formatNumber, formatPercent } from './format-number.js';

const NAMES: Readonly<Record<string, string>> = {
  'psi.decile': 'PSI',
  ks: 'KS',
  'chi2.contingency': 'chi-square',
  'js.base2': 'Jensen–Shannon distance',
  hellinger: 'Hellinger distance',
  tv: 'total variation',
  'wasserstein.std': 'Wasserstein distance',
  drift_share: 'share of importance drifted',
  missing_rate: 'missing',
  invalid_rate: 'wrong type',
  unseen_rate: 'unseen categories',
  out_of_range_rate: 'out of range',
  accuracy: 'accuracy',
  balanced_accuracy: 'balanced accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  specificity: 'specificity',
  mcc: 'Matthews correlation',
  precision_macro: 'macro precision',
  recall_macro: 'macro recall',
  f1_macro: 'macro F1',
  precision_micro: 'micro precision',
  recall_micro: 'micro recall',
  f1_micro: 'micro F1',
  precision_weighted: 'weighted precision',
  recall_weighted: 'weighted recall',
  f1_weighted: 'weighted F1',
  roc_auc: 'ROC AUC',
  roc_auc_weighted: 'weighted ROC AUC',
  pr_auc: 'PR AUC',
  log_loss: 'log loss',
  brier: 'Brier score',
  ece: 'calibration error',
  mae: 'MAE',
  rmse: 'RMSE',
  mape: 'MAPE',
  r2: 'R²',
  bias: 'bias',
  absolute_error_p50: 'median absolute error',
  absolute_error_p90: 'absolute error p90',
  absolute_error_p95: 'absolute error p95',
  retraining_rejected: 'retraining rejected',
  volume: 'predictions',
  error_rate: 'error rate',
  latency_p50_ms: 'latency p50',
  latency_p95_ms: 'latency p95',
  latency_p99_ms: 'latency p99',
};

const isRate = (method: string): boolean => method.endsWith('_rate') || method === DRIFT_SHARE;
const isLatency = (method: string): boolean => method.endsWith('_ms');
const isOneOf = (names: readonly string[], method: string): boolean => names.includes(method);

/** Returns what people call a drift method or metric; its id where there is no such name. */
export function methodName(method: string): string {
  return NAMES[method] ?? method;
}

/** Returns the name of a series for people: the feature, "prediction", "score", or "" for the whole model. */
export function seriesName(feature: string): string {
  if (feature === '$prediction') return 'prediction';
  return feature === '$score' ? 'score' : feature;
}

/** Returns a value of the method in its unit: "0.41", "31 %", "2,300 ms". */
export function formatValue(method: string, value: number): string {
  if (isRate(method)) return formatPercent(value);
  return isLatency(method) && Number.isFinite(value) ? `${formatNumber(value)} ms` : formatNumber(value);
}

/** Returns a threshold in the unit it has: that of the value, or relative to the reference where it is declared so. */
export function formatThreshold(method: string, threshold: number): string {
  if (isOneOf(performanceMetrics, method)) return `${formatPercent(threshold)} worse`;
  if (isOneOf(qualityMetrics, method)) return `+${formatPercent(threshold)}`;
  return method === 'volume' ? `at most ${formatNumber(threshold)}` : formatValue(method, threshold);
}
