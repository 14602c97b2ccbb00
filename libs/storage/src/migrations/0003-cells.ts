import type { Migration } from './migration.js';

/** Mergeable statistics of one minute: what windows are made of, so that a check costs O(bins) and not O(rows). */
export const migration0003Cells: Migration = {
  id: 3,
  name: 'cells',
  statements: [
    // n counts valid values; a row without a value counts in missing, one with a value of the wrong type in invalid. The row of
    // series '' is written in one block with the others of its minute: its n (all predictions) and id_hash_sum tell whether these
    // were written, and not twice (see reconcile).
    `CREATE TABLE IF NOT EXISTS feature_cell (
       project LowCardinality(String), model LowCardinality(String), version LowCardinality(String),
       segment LowCardinality(String), series LowCardinality(String), bin_set_id LowCardinality(String),
       minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
       n SimpleAggregateFunction(sum, UInt64), missing SimpleAggregateFunction(sum, UInt64),
       invalid SimpleAggregateFunction(sum, UInt64), sum SimpleAggregateFunction(sum, Float64),
       sum_squares SimpleAggregateFunction(sum, Float64), min SimpleAggregateFunction(min, Float64),
       max SimpleAggregateFunction(max, Float64),
       bins SimpleAggregateFunction(sumMap, Tuple(Array(UInt16), Array(UInt64))) CODEC(ZSTD(1)),
       id_hash_sum SimpleAggregateFunction(sum, UInt64)
     ) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute)
     ORDER BY (project, model, version, segment, series, bin_set_id, minute)
     SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Written after feature_cell; n and id_hash_sum as there.
    `CREATE TABLE IF NOT EXISTS traffic_cell (
       project LowCardinality(String), model LowCardinality(String), version LowCardinality(String),
       segment LowCardinality(String), minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
       n SimpleAggregateFunction(sum, UInt64), id_hash_sum SimpleAggregateFunction(sum, UInt64),
       errors SimpleAggregateFunction(sum, UInt64), latency_n SimpleAggregateFunction(sum, UInt64),
       latency_bins SimpleAggregateFunction(sumMap, Tuple(Array(UInt16), Array(UInt64))) CODEC(ZSTD(1))
     ) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute)
     ORDER BY (project, model, version, segment, minute)
     SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Rebuilt whole from raw for a dirty hour, so the newest revision replaces the row. A key of confusion is the number of
    // characters of the predicted class, a colon, the predicted class, the true class: maps with tuples for keys cannot be summed.
    `CREATE TABLE IF NOT EXISTS performance_cell (
       project LowCardinality(String), model LowCardinality(String), version LowCardinality(String),
       segment LowCardinality(String), minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
       labelled UInt64, confusion Map(String, UInt64), scored UInt64,
       positives Map(UInt16, UInt64), negatives Map(UInt16, UInt64), sum_log_loss Float64, sum_brier Float64,
       valued UInt64, sum_error Float64, sum_absolute_error Float64, sum_squared_error Float64, revision UInt64
     ) ENGINE = ReplacingMergeTree(revision) PARTITION BY toYYYYMM(minute)
     ORDER BY (project, model, version, segment, minute)
     SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Hours whose cells must be checked against raw before they are trusted. The mark is written before the raw rows, so a
    // crash between raw and cells is found. aspect: prediction, label, or rebuild (the bins changed). A clean mark repeats
    // touched_at with dirty = 0, so a touch that came in between stays.
    `CREATE TABLE IF NOT EXISTS dirty_hour (
       project LowCardinality(String), model LowCardinality(String), aspect LowCardinality(String),
       hour DateTime('UTC'), touched_at UInt64, dirty UInt8
     ) ENGINE = ReplacingMergeTree(touched_at) ORDER BY (project, model, aspect, hour)
     SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
