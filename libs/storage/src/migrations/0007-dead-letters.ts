import type { Migration } from './migration.js';

/** Dead letters that can be found, read and decided upon. */
export const migration0007DeadLetters: Migration = {
  id: 7,
  name: 'dead letters',
  statements: [
    // headers: of the message, as far as they say how to decode the payload again. encoding: "base64" for a payload that is no
    // UTF-8. received_at stands in for the time of an event that has none, so that a replay gives it the same time.
    `ALTER TABLE dead_letter
       ADD COLUMN IF NOT EXISTS model LowCardinality(String) AFTER project,
       ADD COLUMN IF NOT EXISTS prediction_id String AFTER model,
       ADD COLUMN IF NOT EXISTS headers Map(LowCardinality(String), String),
       ADD COLUMN IF NOT EXISTS encoding LowCardinality(String) DEFAULT 'utf8',
       ADD COLUMN IF NOT EXISTS payload_bytes UInt64 DEFAULT length(payload),
       ADD COLUMN IF NOT EXISTS received_at DateTime64(3, 'UTC') DEFAULT created_at`,
    // Apart from the letter, which a redelivered message may write again: that must not open it again.
    `CREATE TABLE IF NOT EXISTS dead_letter_state (
       project LowCardinality(String), dead_letter_id String, state LowCardinality(String),
       changed_at DateTime64(3, 'UTC'), changed_by String, version UInt64
     ) ENGINE = ReplacingMergeTree(version) ORDER BY (project, dead_letter_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
