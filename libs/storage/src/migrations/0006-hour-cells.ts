import type { Migration } from './migration.js';

/** Hourly sums of feature cells: a window of a day then reads 24 rows a series instead of 1 440, whatever the traffic. */
export const migration0006HourCells: Migration = {
  id: 6,
  name: 'hour-cells',
  statements: [
    // Written whole by reconcile once an hour's minutes are right, so the newest revision replaces the row. Not a materialised
    // view: a view sees neither the deletes of a rebuild nor the deduplication of a retried insert.
    `CREATE TABLE IF NOT EXISTS feature_cell_hour (
       project LowCardinality(String), model LowCardinality(String), version LowCardinality(String),
       segment LowCardinality(String), series LowCardinality(String), bin_set_id LowCardinality(String),
       hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)), n UInt64, missing UInt64, invalid UInt64, sum Float64,
       sum_squares Float64, min Float64, max Float64, bins Tuple(Array(UInt16), Array(UInt64)) CODEC(ZSTD(1)),
       revision UInt64
     ) ENGINE = ReplacingMergeTree(revision) PARTITION BY toYYYYMM(hour)
     ORDER BY (project, model, version, segment, series, bin_set_id, hour)
     SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
