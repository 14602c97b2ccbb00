import type { Migration } from './migration.js';

/** What a measurement says of its labels, and the revisions that late data replaced. */
export const migration0012MeasurementRevisions: Migration = {
  id: 12,
  name: 'measurement-revisions',
  statements: [
    // final_from: no more labels are expected from then on. gone: the newest revision of the window does not find the series.
    `ALTER TABLE measurement
       ADD COLUMN IF NOT EXISTS alpha Float64 DEFAULT nan,
       ADD COLUMN IF NOT EXISTS label_coverage Float64 DEFAULT nan,
       ADD COLUMN IF NOT EXISTS label_lag_p50_ms Float64 DEFAULT nan,
       ADD COLUMN IF NOT EXISTS label_lag_p95_ms Float64 DEFAULT nan,
       ADD COLUMN IF NOT EXISTS final_from DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC'),
       ADD COLUMN IF NOT EXISTS gone UInt8 DEFAULT 0`,
    // Start of the data that the window was judged by: what comes there later opens the window again. 0: only its own.
    `ALTER TABLE evaluation ADD COLUMN IF NOT EXISTS data_start DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC')`,
    // Rows of measurement as they were before a later revision of their window replaced them, written before it does. Apart from
    // measurement, so that what reads the windows of today does not read over their past.
    `CREATE TABLE IF NOT EXISTS measurement_revision (
       project LowCardinality(String), model LowCardinality(String), monitor LowCardinality(String),
       version LowCardinality(String), segment LowCardinality(String), feature LowCardinality(String),
       method LowCardinality(String), window_start DateTime64(3, 'UTC'), window_end DateTime64(3, 'UTC'),
       data_start DateTime64(3, 'UTC'), revision UInt32, value Float64 DEFAULT nan, effect Float64 DEFAULT nan,
       error_bound Float64 DEFAULT nan, p_value Float64 DEFAULT nan, adjusted_p_value Float64 DEFAULT nan,
       alpha Float64 DEFAULT nan, n_reference UInt64, n_current UInt64, n_missing UInt64,
       threshold_warning Float64 DEFAULT nan, threshold_critical Float64 DEFAULT nan, lower Float64 DEFAULT nan,
       upper Float64 DEFAULT nan, label_coverage Float64 DEFAULT nan, label_lag_p50_ms Float64 DEFAULT nan,
       label_lag_p95_ms Float64 DEFAULT nan, final_from DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC'),
       reference_id String, severity LowCardinality(String), decides UInt8, reason String CODEC(ZSTD(1)),
       evaluated_at DateTime64(3, 'UTC'), superseded_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(superseded_at) PARTITION BY toYYYYMM(window_end)
     ORDER BY (project, model, window_end, window_start, monitor, version, segment, feature, method, revision)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
