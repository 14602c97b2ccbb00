import type { Migration } from './migration.js';

/** What processes ask of one another and must be able to see the end of. */
export const migration0008Requests: Migration = {
  id: 8,
  name: 'requests',
  statements: [
    // Written by whoever works on it, so that any process can answer how far it is. version grows with the attempt first: one
    // that lost the model goes on writing in vain. decided_at: of its transitions, so that they are found again.
    `CREATE TABLE IF NOT EXISTS evaluation_request (
       project LowCardinality(String), model LowCardinality(String), evaluation_id String, status LowCardinality(String),
       windows_total UInt32, windows_done UInt32, attempts UInt32, decided_at Array(DateTime64(3, 'UTC')), error String,
       requested_at DateTime64(3, 'UTC'), updated_at DateTime64(3, 'UTC'), version UInt64
     ) ENGINE = ReplacingMergeTree(version) ORDER BY (project, evaluation_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // That cells were made equal to raw rows after a request was made: who asked waits for the row of its own id, for minutes at
    // most. Nobody reads an old one, so these rows, and only such rows, leave by TTL.
    `CREATE TABLE IF NOT EXISTS reconciliation (
       request_id String, project LowCardinality(String), model LowCardinality(String), finished_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(finished_at) ORDER BY request_id TTL toDateTime(finished_at) + INTERVAL 7 DAY
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
