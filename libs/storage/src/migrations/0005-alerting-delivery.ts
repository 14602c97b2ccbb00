import type { Migration } from './migration.js';

/** Whom to tell, whom to call for a retraining, and the log of what was sent. */
export const migration0005AlertingDelivery: Migration = {
  id: 5,
  name: 'alerting-delivery',
  statements: [
    // created_at is carried over by changes: a new receiver is not told of what happened before it existed.
    `CREATE TABLE IF NOT EXISTS receiver (
       project LowCardinality(String), receiver String, declaration String, state LowCardinality(String),
       created_at DateTime64(3, 'UTC'), updated_by String, updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (project, receiver)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    `CREATE TABLE IF NOT EXISTS retraining_policy (
       project LowCardinality(String), model String, policy String, declaration String, deleted UInt8, updated_by String,
       updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (project, model, policy)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Two write here: the alerter, and the pipeline that reports back, sometimes before the alerter has recorded its call. So
    // progress outranks time: rank grows with the status first.
    `CREATE TABLE IF NOT EXISTS retraining_run (
       project LowCardinality(String), model String, run_id String, version String, policy String, alert_ids Array(String),
       features Array(String), status LowCardinality(String), reason String, new_version String, detail String,
       requested_at DateTime64(3, 'UTC'), updated_at DateTime64(3, 'UTC'), rank UInt64
     ) ENGINE = ReplacingMergeTree(rank) ORDER BY (project, run_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // The notification log: one row per attempt, written after it. next_attempt_at is 0 where no further one will be made.
    `CREATE TABLE IF NOT EXISTS delivery (
       project LowCardinality(String), model LowCardinality(String), receiver LowCardinality(String), delivery_id String,
       channel LowCardinality(String), kind LowCardinality(String), transition_ids Array(String), attempt UInt16,
       outcome LowCardinality(String), status UInt16, detail String, sent_at DateTime64(3, 'UTC'),
       next_attempt_at DateTime64(3, 'UTC')
     ) ENGINE = MergeTree ORDER BY (project, model, sent_at, delivery_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
