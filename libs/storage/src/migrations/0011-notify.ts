import type { Migration } from './migration.js';

/** Who is told of what, when nobody is, and the messages. */
export const migration0011Notify: Migration = {
  id: 11,
  name: 'notify',
  statements: [
    `CREATE TABLE IF NOT EXISTS route (
       project LowCardinality(String), route String, declaration String, deleted UInt8, updated_by String,
       updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (project, route)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Never deleted: one that is over explains why nobody was told.
    `CREATE TABLE IF NOT EXISTS silence (
       project LowCardinality(String), silence_id String, matchers Array(String), starts_at DateTime64(3, 'UTC'),
       ends_at DateTime64(3, 'UTC'), author String, comment String, updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (project, silence_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Written before a message is sent, so that each attempt sends the same. model is "" for a group that names no model. Two that
    // make the same message at once send what the first of them wrote: precedence falls with time. transition_ids: what it tells
    // of and none before it did; told: all that it says, which the next one is compared with; open: whether an alert fires in it.
    `CREATE TABLE IF NOT EXISTS notification (
       project LowCardinality(String), model LowCardinality(String), notification_id String, receiver LowCardinality(String),
       route LowCardinality(String), group_key String, incident_id String, position UInt64, sequence UInt32,
       cause LowCardinality(String), status LowCardinality(String), severity LowCardinality(String),
       transition_ids Array(String) CODEC(ZSTD(1)), told String CODEC(ZSTD(1)), open UInt8, content String CODEC(ZSTD(1)),
       decided_at DateTime64(3, 'UTC'), created_at DateTime64(3, 'UTC'), precedence UInt64
     ) ENGINE = ReplacingMergeTree(precedence) ORDER BY (project, model, notification_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // memory: what the channel wants to have back with the next message of the incident.
    `ALTER TABLE delivery
       ADD COLUMN IF NOT EXISTS route LowCardinality(String) DEFAULT '',
       ADD COLUMN IF NOT EXISTS incident_id String DEFAULT '',
       ADD COLUMN IF NOT EXISTS memory String DEFAULT ''`,
  ],
};
