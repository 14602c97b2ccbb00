import type { Migration } from './migration.js';

/** What windows came to: measurements, the states of alerts after each window, and the changes of state. */
export const migration0004Evaluation: Migration = {
  id: 4,
  name: 'evaluation',
  statements: [
    // One row per series and window; evaluating a window again replaces its rows, with a higher revision where they differ.
    `CREATE TABLE IF NOT EXISTS measurement (
       project LowCardinality(String), model LowCardinality(String), monitor LowCardinality(String),
       version LowCardinality(String), segment LowCardinality(String), feature LowCardinality(String),
       method LowCardinality(String), window_start DateTime64(3, 'UTC'), window_end DateTime64(3, 'UTC'),
       data_start DateTime64(3, 'UTC'), revision UInt32, value Float64 DEFAULT nan, effect Float64 DEFAULT nan,
       error_bound Float64 DEFAULT nan, p_value Float64 DEFAULT nan, adjusted_p_value Float64 DEFAULT nan,
       n_reference UInt64, n_current UInt64, n_missing UInt64, threshold_warning Float64 DEFAULT nan,
       threshold_critical Float64 DEFAULT nan, lower Float64 DEFAULT nan, upper Float64 DEFAULT nan,
       reference_id String, severity LowCardinality(String), decides UInt8, reason String CODEC(ZSTD(1)),
       evaluated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(evaluated_at) PARTITION BY toYYYYMM(window_end)
     ORDER BY (project, model, window_end, window_start, monitor, version, segment, feature, method)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // The memory of the state machine after each window: what a window that is decided again starts from. Windows of another
    // length are another chain of states.
    `CREATE TABLE IF NOT EXISTS alert_state (
       project LowCardinality(String), model LowCardinality(String), monitor LowCardinality(String),
       version LowCardinality(String), segment LowCardinality(String), feature LowCardinality(String),
       method LowCardinality(String), window_ms UInt64, window_end DateTime64(3, 'UTC'), status LowCardinality(String),
       severity LowCardinality(String), breaches UInt32, counted_to DateTime64(3, 'UTC'), healthy UInt32,
       firing_since DateTime64(3, 'UTC'), alert_id String, updated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(updated_at) PARTITION BY toYYYYMM(window_end)
     ORDER BY (project, model, monitor, window_ms, window_end, version, segment, feature, method)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Alert history and outbox in one. A transition decided twice has one id and is one row, the first: precedence falls with
    // time, so that who has seen it does not see it anew. notifiable: someone is to be told (firing or resolved).
    `CREATE TABLE IF NOT EXISTS transition (
       project LowCardinality(String), model LowCardinality(String), monitor LowCardinality(String), transition_id String,
       alert_id String, version LowCardinality(String), segment LowCardinality(String), feature LowCardinality(String),
       method LowCardinality(String), window_start DateTime64(3, 'UTC'), window_end DateTime64(3, 'UTC'), revision UInt32,
       from_status LowCardinality(String), to_status LowCardinality(String), severity LowCardinality(String),
       value Float64 DEFAULT nan, threshold Float64 DEFAULT nan, n_current UInt64, p_value Float64 DEFAULT nan,
       reason String CODEC(ZSTD(1)), notifiable UInt8, decided_at DateTime64(3, 'UTC'), precedence UInt64
     ) ENGINE = ReplacingMergeTree(precedence) ORDER BY (project, model, window_end, transition_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // Which windows were evaluated, and as of when: written last, so that whatever a crash interrupts is done again.
    `CREATE TABLE IF NOT EXISTS evaluation (
       project LowCardinality(String), model LowCardinality(String), monitor LowCardinality(String), window_ms UInt64,
       window_end DateTime64(3, 'UTC'), revision UInt32, evaluated_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree(evaluated_at) ORDER BY (project, model, monitor, window_ms, window_end)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
