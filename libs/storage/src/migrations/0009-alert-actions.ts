import type { Migration } from './migration.js';

/** What people do about alerts. */
export const migration0009AlertActions: Migration = {
  id: 9,
  name: 'alert-actions',
  statements: [
    // Append-only. An action repeated under its id is one row, the first: precedence falls with time.
    `CREATE TABLE IF NOT EXISTS alert_action (
       project LowCardinality(String), model LowCardinality(String), alert_id String, action_id String,
       action LowCardinality(String), author String, note String CODEC(ZSTD(1)), at DateTime64(3, 'UTC'), precedence UInt64
     ) ENGINE = ReplacingMergeTree(precedence) ORDER BY (project, model, alert_id, action_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // severity_before: so that an alert that becomes critical can be told from one that gets better. resolved_by: who ended it by
    // hand; such a row is also what the state machine learns of it from, so it is one row or nothing, whatever crashes.
    `ALTER TABLE transition
       ADD COLUMN IF NOT EXISTS severity_before LowCardinality(String) DEFAULT 'ok',
       ADD COLUMN IF NOT EXISTS resolved_by String DEFAULT ''`,
    // So that what began before an alert was ended by hand, as a row of breaches, is known from what began later.
    `ALTER TABLE alert_state ADD COLUMN IF NOT EXISTS since DateTime64(3, 'UTC')`,
  ],
};
