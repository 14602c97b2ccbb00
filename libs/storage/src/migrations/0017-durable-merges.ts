import type { Migration } from './migration.js';

const TABLES = [
  'alert_action',
  'alert_state',
  'dead_letter',
  'dead_letter_state',
  'delivery',
  'dirty_hour',
  'evaluation',
  'evaluation_request',
  'feature_cell',
  'feature_cell_hour',
  'feature_importance',
  'feature_schema',
  'label',
  'link_key',
  'measurement',
  'measurement_revision',
  'model',
  'model_feature',
  'monitor',
  'notification',
  'performance_cell',
  'prediction',
  'receiver',
  'reconciliation',
  'reference_profile',
  'reference_segment',
  'reference_series',
  'retraining_event',
  'retraining_policy',
  'retraining_run',
  'route',
  'segment_value',
  'silence',
  'traffic_cell',
  'transition',
];

/**
 * Merged parts reach the disk before they take the place of what they were made of: the embedded engine deletes that about half a minute
 * later, and rows that were synced when they were acknowledged would then lie in memory alone (ADR 0023).
 */
export const migration0017DurableMerges: Migration = {
  id: 17,
  name: 'durable-merges',
  statements: TABLES.map((table) => `ALTER TABLE ${table} MODIFY SETTING min_rows_to_fsync_after_merge = 1`),
};
