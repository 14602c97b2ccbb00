import type { Migration } from './migration.js';

/** Sums for every metric of performance, its interval and the lag of its labels, in place of 256 score bins. */
export const migration0013PerformanceSums: Migration = {
  id: 13,
  name: 'performance-sums',
  statements: [
    // One entry of the score lists per class and key, ascending: rows with this score for the class whose label is the class
    // (positives) or another (negatives). Keys keep the order of scores; their last score_shifts bits are cut in busy minutes.
    // probable: rows whose scores are all within [0, 1], which log loss, Brier score and calibration are over. calibration: by
    // bins of 1/15. truth: mean and central sums of powers of the true values; squared_error_by_truth: sums of squared error times
    // distance of the truth from truth_mean, and times its square. Bins of errors and lags grow by 2 %.
    `ALTER TABLE performance_cell
       ADD COLUMN IF NOT EXISTS score_classes Array(LowCardinality(String)) CODEC(ZSTD(1)),
       ADD COLUMN IF NOT EXISTS score_keys Array(Int64) CODEC(ZSTD(1)),
       ADD COLUMN IF NOT EXISTS score_positives Array(UInt64) CODEC(ZSTD(1)),
       ADD COLUMN IF NOT EXISTS score_negatives Array(UInt64) CODEC(ZSTD(1)),
       ADD COLUMN IF NOT EXISTS score_shifts Array(UInt8) CODEC(ZSTD(1)),
       ADD COLUMN IF NOT EXISTS probable UInt64,
       ADD COLUMN IF NOT EXISTS sum_log_loss_squares Float64,
       ADD COLUMN IF NOT EXISTS sum_brier_squares Float64,
       ADD COLUMN IF NOT EXISTS calibration_rows Map(UInt8, UInt64),
       ADD COLUMN IF NOT EXISTS calibration_hits Map(UInt8, UInt64),
       ADD COLUMN IF NOT EXISTS calibration_scores Map(UInt8, Float64),
       ADD COLUMN IF NOT EXISTS sum_quartic_error Float64,
       ADD COLUMN IF NOT EXISTS sum_percentage_error Float64,
       ADD COLUMN IF NOT EXISTS sum_percentage_error_squares Float64,
       ADD COLUMN IF NOT EXISTS truth_mean Float64,
       ADD COLUMN IF NOT EXISTS truth_squares Float64,
       ADD COLUMN IF NOT EXISTS truth_cubes Float64,
       ADD COLUMN IF NOT EXISTS truth_quartics Float64,
       ADD COLUMN IF NOT EXISTS squared_error_by_truth Array(Float64),
       ADD COLUMN IF NOT EXISTS error_bins Map(Int32, UInt64),
       ADD COLUMN IF NOT EXISTS lag_bins Map(Int32, UInt64)`,
    `ALTER TABLE performance_cell DROP COLUMN IF EXISTS positives, DROP COLUMN IF EXISTS negatives`,
    // The next reconcile counts the cells of these hours anew, from raw rows and labels. Later than any mark of the hours.
    `INSERT INTO dirty_hour (project, model, aspect, hour, touched_at, dirty)
     SELECT cell.project, cell.model, 'label', cell.hour,
            greatest(toUInt64(toUnixTimestamp64Milli(now64(3))), max(mark.touched_at) + 1), 1
     FROM (SELECT DISTINCT project, model, toStartOfHour(minute) AS hour FROM performance_cell) AS cell
     LEFT JOIN (SELECT project, model, touched_at FROM dirty_hour) AS mark
       ON cell.project = mark.project AND cell.model = mark.model
     GROUP BY cell.project, cell.model, cell.hour`,
  ],
};
