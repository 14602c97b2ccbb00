import type { Migration } from './migration.js';

/** What becomes of a retraining run after it was asked for, and the key of the links that people and pipelines are sent. */
export const migration0010RetrainingLoop: Migration = {
  id: 10,
  name: 'retraining-loop',
  statements: [
    // The audit of a run, and where it stands: the run's own row is the request and never changes. Several write here (the
    // alerter, people, the pipeline), so progress outranks time: rank grows with the status first. The id is a hash of what
    // changed; of two equal changes the earlier one stays, as precedence falls with time.
    `CREATE TABLE IF NOT EXISTS retraining_event (
       project LowCardinality(String), model String, run_id String, event_id String, from_status LowCardinality(String),
       to_status LowCardinality(String), who String, detail String, new_version String, external_id String,
       external_url String, comparison String, at DateTime64(3, 'UTC'), rank UInt64, precedence UInt64
     ) ENGINE = ReplacingMergeTree(precedence) ORDER BY (project, run_id, event_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // The time of the schedule that asked for the run; 1970 for one that alerts asked for.
    `ALTER TABLE retraining_run ADD COLUMN IF NOT EXISTS scheduled_for DateTime64(3, 'UTC')`,
    // Made at the first start of a system that is configured with none, so that all its processes sign with the same key. Two
    // may be made at once: all of them are good for reading, the oldest is the one to sign with.
    `CREATE TABLE IF NOT EXISTS link_key (
       key String, created_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree ORDER BY (created_at, key)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
