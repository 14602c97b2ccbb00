export { Store } from './store.js';
export type { DamagedPart } from './damaged-parts.js';
export {
  ReadRefusedError,
  type ReadLimits,
  type ReadRequest,
  type SelectOnlyEngine,
} from './reader/select-only-engine.js';
export type { StoreOptions } from './store-options.js';
export { StorageError, type StorageFailure } from './storage-error.js';
export { entityHasher } from './entity-hash.js';
export { migrate, pendingMigrations } from './migrate.js';
export type { Migration } from './migrations/migration.js';
export * from './tables/model.js';
export type { ModelKey } from './tables/model-key.js';
export * from './tables/model-feature.js';
export * from './tables/segment-value.js';
export * from './tables/monitor.js';
export * from './tables/cells.js';
export * from './tables/dead-letter.js';
export * from './tables/dirty-hour.js';
export * from './tables/feature-schema.js';
export * from './tables/label.js';
export * from './tables/performance-cell.js';
export type { LogBin, MergedPerformance } from './tables/performance-sums.js';
export * from './tables/prediction.js';
export * from './tables/window-data.js';
export * from './tables/active-segment.js';
export * from './tables/delivery.js';
export * from './tables/outbox.js';
export * from './tables/paired-performance.js';
export * from './tables/last-evaluation.js';
export * from './tables/link-key.js';
export * from './tables/notification.js';
export * from './tables/receiver.js';
export * from './tables/route.js';
export * from './tables/silence.js';
export * from './tables/retraining-event.js';
export * from './tables/retraining-policy.js';
export * from './tables/retraining-run.js';
export * from './tables/file-performance.js';
export * from './tables/reference.js';
export * from './tables/reference-source.js';
export * from './tables/reference-segment.js';
export * from './tables/segment-source.js';
export { type SourceFile, withSourceFile } from './tables/source-file.js';
export { UnreadableSourceError } from './tables/unreadable-source-error.js';
export * from './tables/verify-cells.js';
export * from './tables/alert-action.js';
export * from './tables/alert-state.js';
export * from './tables/evaluation.js';
export * from './tables/evaluation-request.js';
export * from './tables/reconciliation.js';
export * from './tables/measurement.js';
export * from './tables/resolve-alert.js';
export * from './tables/alert-report.js';
export * from './tables/transition.js';
export * from './tables/traffic-start.js';
export { steadyTime } from './tables/steady-time.js';
