import type { Migration } from './migration.js';

/** Raw events: for audit, explanation and rebuilding cells. Feature names are values, never identifiers. */
export const migration0002Events: Migration = {
  id: 2,
  name: 'events',
  statements: [
    // Positions of `prediction.numbers` and `prediction.texts`, content-addressed.
    `CREATE TABLE IF NOT EXISTS feature_schema (
       schema_id UInt64, number_names Array(String), text_names Array(String), boolean_names Array(String)
     ) ENGINE = ReplacingMergeTree ORDER BY schema_id
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // An id is one prediction within an hour whatever its exact time: a re-sent event collapses. The earliest received wins
    // (precedence falls with time), so that a re-sent batch never changes what was stored.
    // numbers: NaN is a missing value. texts: the one-character text U+0000 is a missing value. invalid: values of the wrong
    // type as JSON text.
    `CREATE TABLE IF NOT EXISTS prediction (
       project LowCardinality(String), model LowCardinality(String), version LowCardinality(String),
       timestamp DateTime64(3, 'UTC') CODEC(Delta(8), LZ4), prediction_id String, id_hash UInt32,
       schema_id UInt64 CODEC(Delta(8), LZ4), numbers Array(Float64), texts Array(LowCardinality(String)),
       invalid Map(LowCardinality(String), String), segments Array(LowCardinality(String)),
       label LowCardinality(String), value Float64, score Float64, scores Map(LowCardinality(String), Float64),
       latency_ms Float64, error String, tags Map(LowCardinality(String), String), entity_hash String, trace_id String,
       received_at DateTime64(3, 'UTC') CODEC(Delta(8), LZ4), precedence UInt64 CODEC(Delta(8), LZ4),
       INDEX prediction_id_filter prediction_id TYPE bloom_filter(0.01) GRANULARITY 4
     ) ENGINE = ReplacingMergeTree(precedence) PARTITION BY toDate(timestamp)
     ORDER BY (project, model, toStartOfHour(timestamp), prediction_id)
     SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // The label with the later time wins, then the later received.
    `CREATE TABLE IF NOT EXISTS label (
       project LowCardinality(String), model LowCardinality(String), prediction_id String CODEC(ZSTD(1)),
       timestamp DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)), label LowCardinality(String), value Float64, weight Float64,
       received_at DateTime64(3, 'UTC'), version UInt64
     ) ENGINE = ReplacingMergeTree(version) ORDER BY (project, model, prediction_id)
     SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`,
    // What was accepted and could not be stored, with the reason: received = stored + dead-lettered.
    `CREATE TABLE IF NOT EXISTS dead_letter (
       dead_letter_id String, project LowCardinality(String), source LowCardinality(String), position String,
       stage LowCardinality(String), reason LowCardinality(String), detail String CODEC(ZSTD(3)),
       payload String CODEC(ZSTD(3)), created_at DateTime64(3, 'UTC')
     ) ENGINE = ReplacingMergeTree ORDER BY (project, dead_letter_id)
     SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1`,
  ],
};
