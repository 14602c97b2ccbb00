export * from './change-run.js';
export type { PairedMetric } from './compare-performance.js';
export type { Answers, Moments } from './compare-predictions.js';
export type { ModelSituation, OpenAlert } from './evaluate-condition.js';
export * from './rejection-alert.js';
export * from './report-change.js';
export * from './request-retraining.js';
export * from './run-progress.js';
export * from './verify-run.js';
