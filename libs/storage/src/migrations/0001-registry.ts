import type { Migration } from './migration.js';

/**
 * Small tables that people and the first events fill. Each change is a new row (who, when), the newest wins: the history is the
 * audit trail. Every insert carries a token, so every table has a deduplication window.
 */
export const migration0001Registry: Migration = {
  id: 1,
  name: 'registry',
  statements: [
    `CREATE TABLE IF NOT EXISTS model (
       project LowCardinality(String), model String, declaration String, origin LowCardinality(String), updated_by String,
       updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (project, model)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // What kind a feature has: a declaration outranks an inference, and an inference is made once.
    `CREATE TABLE IF NOT EXISTS model_feature (
       project LowCardinality(String), model String, feature String, kind LowCardinality(String),
       importance Float64 DEFAULT nan, origin LowCardinality(String), rank UInt64, updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(rank) ORDER BY (project, model, feature)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    `CREATE TABLE IF NOT EXISTS monitor (
       project LowCardinality(String), model String, monitor String, declaration String, deleted UInt8, updated_by String,
       updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (project, model, monitor)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // A profile is written series by series, then the head row, which makes it visible: nothing half-made is ever read.
    `CREATE TABLE IF NOT EXISTS reference_series (
       project LowCardinality(String), model String, reference_id String, series String, kind LowCardinality(String),
       bin_set_id String, edges Array(Float64), decile_edge_indexes Array(UInt16), categories Array(String),
       other_hashes Array(UInt32), counts Array(UInt64), n UInt64, missing UInt64, invalid UInt64,
       mean Float64 DEFAULT nan, std Float64 DEFAULT nan, min Float64 DEFAULT nan, max Float64 DEFAULT nan
     ) ENGINE = ReplacingMergeTree ORDER BY (project, model, reference_id, series)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    `CREATE TABLE IF NOT EXISTS reference_profile (
       project LowCardinality(String), model String, version String, reference_id String, source String, n UInt64,
       performance String, created_by String, created_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree ORDER BY (project, model, version, created_at, reference_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
