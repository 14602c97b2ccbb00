import type { Migration } from './migration.js';

/** Segments by value, the reference's part in each segment, and importance of features that was uploaded. */
export const migration0015Segments: Migration = {
  id: 15,
  name: 'segments',
  statements: [
    // Values that have a segment of their own. Never taken back: of one value the first row stays, so rank falls with time, and
    // the values are those of the highest ranks whichever process wrote them.
    `CREATE TABLE IF NOT EXISTS segment_value (
       project LowCardinality(String), model LowCardinality(String), segment LowCardinality(String), value String,
       rank UInt64, updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(rank) ORDER BY (project, model, segment, value)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // What the rows of a segment add up to in the bins of the reference: a segment is compared with its own, never with all.
    `CREATE TABLE IF NOT EXISTS reference_segment (
       project LowCardinality(String), model LowCardinality(String), reference_id String, segment LowCardinality(String),
       series LowCardinality(String), bins Tuple(Array(UInt16), Array(UInt64)), n UInt64, missing UInt64, invalid UInt64,
       sum Float64, sum_squares Float64, min Float64, max Float64, created_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(created_at) ORDER BY (project, model, reference_id, segment, series)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    `CREATE TABLE IF NOT EXISTS feature_importance (
       project LowCardinality(String), model LowCardinality(String), importance String CODEC(ZSTD(1)), updated_by String,
       updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) ORDER BY (project, model)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
