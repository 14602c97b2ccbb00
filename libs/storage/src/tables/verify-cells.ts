import { z } from 'zod';
import { defineQuery } from '../query.js';
import { flag, float, integer, millis, second } from '../row-types.js';
import type { Store } from '../store.js';
import { findEffectiveReference } from './reference.js';
import { unsettledHours } from './window-data.js';

export interface CellRange {
  readonly project: string;
  readonly model: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Class that scores speak for; undefined when the model has none, and then no score is a positive one. */
  readonly positiveClass?: string | undefined;
}

export type CellTable = 'traffic_cell' | 'feature_cell' | 'feature_cell_hour' | 'performance_cell';

/** A minute, or in `feature_cell_hour` an hour, whose cell is not what the raw rows give. */
export interface CellMismatch {
  readonly table: CellTable;
  readonly version: string;
  readonly segment: string;
  /** "" for cells of the whole model. */
  readonly series: string;
  readonly minuteMs: number;
  /**
   * Counts from raw rows and from the cell. Of a series: n, missing, invalid, and a checksum of the bins. Of performance: labelled,
   * a checksum of the confusion, scored, checksums of the scores of positives and of the others, probable, log loss and Brier score
   * with their squares, a checksum, hits and sum of scores of the calibration, valued, the sums of the error, of its amount, of its
   * square and fourth power, of the percentage error and its square, of the true values, their squares and fourth powers, of the
   * product of both squares, and checksums of the bins of errors and lags.
   */
  readonly raw: readonly number[];
  readonly cell: readonly number[];
}

export interface CellVerification {
  readonly cells: number;
  readonly predictions: number;
  readonly mismatchCount: number;
  /** The first of each table. */
  readonly mismatches: readonly CellMismatch[];
}

const params = {
  project: z.string(),
  model: z.string(),
  version: z.string(),
  from: z.number().transform(second),
  to: z.number().transform(second),
};

/** Distinct raw rows of the range, one per segment they belong to. An hour's cells stand in its first minute. */
const rawRowsBy = (grain: 'Minute' | 'Hour'): string => `
  SELECT toStartOf${grain}(timestamp) AS minute, prediction_id, arrayJoin(arrayConcat([''], segments)) AS segment, numbers, texts, invalid,
         label, value, score, scores, timestamp, id_hash, error, schema_id, sample_weight
  FROM prediction FINAL
  WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
    AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')}`;
const rawRows = rawRowsBy('Minute');

const cellScope = `project = {project:String} AND model = {model:String} AND version = {version:String}
  AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}`;

const row = z.object({
  segment: z.string(),
  minute_ms: millis,
  raw: z.array(float),
  cell: z.array(float),
  differs: flag,
  total: integer,
  differing: integer,
  raw_n: integer,
});

/** Sums depend on the order in which they were added up; counts are exact up to 2^53. */
const differs = `arrayExists((a, b) -> abs(a - b) > 1e-9 * greatest(1, abs(a), abs(b)), raw, cell)`;

/** Both sides full-outer-joined; `total` and `differing` count all keys, the rows are the first that differ. */
const compare = (raw: string, cell: string): string => `
  WITH joined AS (
    SELECT segment, minute, sumForEach(raw_counts) AS raw, sumForEach(cell_counts) AS cell, ${differs} AS differs FROM (
      SELECT segment, minute, raw_counts::Array(Float64) AS raw_counts,
             arrayResize([0]::Array(Float64), length(raw_counts)) AS cell_counts FROM (${raw})
      UNION ALL
      SELECT segment, minute, arrayResize([0]::Array(Float64), length(cell_counts)) AS raw_counts,
             cell_counts::Array(Float64) AS cell_counts FROM (${cell})
    ) GROUP BY segment, minute)
  SELECT segment, toUnixTimestamp(minute) * 1000 AS minute_ms, raw, cell, differs,
         count() OVER () AS total, countIf(differs) OVER () AS differing, sumIf(raw[1], segment = '') OVER () AS raw_n
  FROM joined ORDER BY differs DESC, minute, segment LIMIT 100`;

const compareTraffic = defineQuery({
  name: 'compare traffic cells with raw rows',
  sql: compare(
    `SELECT segment, minute, [count(), sum(toUInt64(id_hash)), countIf(error != ''), sum(sample_weight), sum(sample_weight * sample_weight)] AS raw_counts
     FROM (${rawRows}) GROUP BY segment, minute`,
    `SELECT segment, minute, [sum(n), sum(id_hash_sum), sum(errors), sum(sum_weight), sum(sum_weight_squares)] AS cell_counts
     FROM traffic_cell WHERE ${cellScope} GROUP BY segment, minute`,
  ),
  params: z.object(params),
  row,
});

/**
 * The value of the series in each row: `x` a number or `t` a text, NULL when missing. Which feature stands where is in the
 * schema of the row; the bins are those of the reference, computed here by the engine and not by the code that wrote the cells.
 */
const countsOfSeries = (rows: string): string => `SELECT segment, minute,
       [countIf(valid), countIf(NOT valid AND NOT bad AND counted), countIf(bad),
        sumIf(toUInt64(bin + 1) * toUInt64(bin + 1), valid AND {bin_set_id:String} != '')] AS raw_counts
     FROM (
       SELECT segment, minute,
         multiIf({series:String} = '$score', score, {series:String} = '$prediction', value,
                 number_position > 0, numbers[number_position], nan) AS x,
         multiIf({series:String} = '$prediction', if(label = '', char(0), label),
                 text_position > 0, toString(texts[text_position]), char(0)) AS t,
         mapContains(invalid, {series:String}) AS refused,
         {kind:String} = 'numeric' OR ({bin_set_id:String} = '' AND (number_position > 0 OR {series:String} = '$score')) AS wants_number,
         if(wants_number, NOT isNaN(x), t != char(0)) AS valid,
         refused OR (NOT valid AND if(wants_number, t != char(0) AND {series:String} != '$prediction', NOT isNaN(x) AND {series:String} != '$prediction')) AS bad,
         NOT ({bin_set_id:String} = '' AND {series:String} = '$score')
           AND ({bin_set_id:String} != '' OR number_position > 0 OR text_position > 0) AS counted,
         toUInt64(multiIf({kind:String} = 'numeric',
             arrayCount(edge -> toFloat64(edge) <= x, {edges:Array(String)}),
             indexOf({categories:Array(String)}, t) > 0, indexOf({categories:Array(String)}, t) - 1,
             has({others:Array(UInt32)}, murmurHash3_32(t)), length({categories:Array(String)}),
             length({categories:Array(String)}) + 1)) AS bin
       FROM (SELECT r.*, indexOf(s.number_names, {series:String}) AS number_position,
                    indexOf(arrayConcat(s.text_names, s.boolean_names), {series:String}) AS text_position
             FROM (${rows}) AS r INNER JOIN (SELECT * FROM feature_schema FINAL) AS s ON r.schema_id = s.schema_id))
     GROUP BY segment, minute HAVING raw_counts[1] + raw_counts[2] + raw_counts[3] > 0`;

const seriesParams = z.object({
  ...params,
  series: z.string(),
  kind: z.string(),
  bin_set_id: z.string(),
  edges: z.array(z.number()).transform((edges) => edges.map(String)),
  categories: z.array(z.string()),
  others: z.array(z.number()),
});

const checksumOfBins = `toUInt64(arraySum((index, count) -> toUInt64(index + 1) * toUInt64(index + 1) * count, merged.1, merged.2))`;

const compareSeries = defineQuery({
  name: 'compare feature cells with raw rows',
  sql: compare(
    countsOfSeries(rawRows),
    `SELECT segment, minute, [sum(n), sum(missing), sum(invalid), ${checksumOfBins}] AS cell_counts, sumMap(bins) AS merged
     FROM feature_cell WHERE ${cellScope} AND series = {series:String} AND bin_set_id = {bin_set_id:String}
     GROUP BY segment, minute`,
  ),
  params: seriesParams,
  row,
});

/** Of settled hours alone: windows read the others by their minutes. */
const compareHours = defineQuery({
  name: 'compare hourly feature cells with raw rows',
  sql: compare(
    countsOfSeries(`SELECT * FROM (${rawRowsBy('Hour')}) WHERE minute NOT IN (${unsettledHours})`),
    `SELECT segment, hour AS minute, [n, missing, invalid, ${checksumOfBins}] AS cell_counts, bins AS merged
     FROM feature_cell_hour FINAL
     WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
       AND hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')} AND hour NOT IN (${unsettledHours})
       AND series = {series:String} AND bin_set_id = {bin_set_id:String}`,
  ),
  params: seriesParams,
  row,
});

/** From raw rows as well: a version may have lost all its cells. */
const selectVersions = defineQuery({
  name: 'select versions to verify',
  sql: `SELECT DISTINCT version FROM (
          SELECT toString(version) AS version FROM prediction
          WHERE project = {project:String} AND model = {model:String}
            AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')}
          UNION ALL
          SELECT toString(version) AS version FROM traffic_cell
          WHERE project = {project:String} AND model = {model:String}
            AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')})
        ORDER BY version`,
  params: z.object({ project: params.project, model: params.model, from: params.from, to: params.to }),
  row: z.object({ version: z.string() }),
});

const selectStoredSeries = defineQuery({
  name: 'select series of feature cells',
  sql: `SELECT DISTINCT series, bin_set_id FROM (
          SELECT series, bin_set_id FROM feature_cell WHERE ${cellScope} AND series != ''
          UNION ALL
          SELECT series, bin_set_id FROM feature_cell_hour
          WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
            AND hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')})
        ORDER BY series, bin_set_id`,
  params: z.object(params),
  row: z.object({ series: z.string(), bin_set_id: z.string() }),
});

/** Values that stand for something, as a number that can be summed. */
const hashOf = (...values: string[]): string => `cityHash64(${values.join(', ')}) % 1000003`;

/** Bins of a score that no cut of its key moves; -1 and 256 are beyond what a probability can be. */
const scoreBin = (score: string): string => `least(256, greatest(-1, floor(${score} * 256)))`;
const HALF_KEY = '4602678819172646912';
const scoreOfKey = (key: string): string =>
  `multiIf(${key} < 0, -1., ${key} < ${HALF_KEY}, reinterpretAsFloat64(${key}),
           ${key} <= 2 * ${HALF_KEY}, 1 - reinterpretAsFloat64(2 * ${HALF_KEY} - ${key}), 2.)`;
const scoreSum = (name: string, bin: string): string => `pow(${bin} + 2, 2) * (${hashOf(name)})`;

/** Index of the bin of an error or a lag. */
const logBin = (amount: string): string =>
  `if(${amount} > 0, toInt32(floor(log(${amount}) / log(1.02))), toInt32(-2000000000))`;

/** Labelled rows with what a score of theirs says, class by class. */
const labelledRows = `
  SELECT p.segment AS segment, p.minute AS minute, toString(p.label) AS class, toString(l.label) AS truth, p.value AS value,
    l.value AS truth_value, isFinite(value) AND isFinite(truth_value) AS valued, value - truth_value AS miss,
    abs(miss) / greatest(abs(truth_value), 2.220446049250313e-16) AS share,
    toUnixTimestamp64Milli(l.timestamp) - toUnixTimestamp64Milli(p.timestamp) AS lag,
    CAST(p.scores, 'Map(String, Float64)') AS per_class, {positive_class:String} AS one,
    arrayFilter(pair -> NOT isNaN(pair.2), [(one, if(isNaN(p.score) AND has(mapKeys(per_class), one), per_class[one], p.score))]) AS single,
    arrayMap(name -> (name, per_class[name]), arrayDistinct(arrayConcat(mapKeys(per_class), [truth]))) AS several,
    multiIf(truth = '', [], one != '', single, empty(per_class), [], several) AS pairs,
    notEmpty(pairs) AS scored,
    if(length(pairs) > 50, [], pairs) AS ranked,
    scored AND arrayMin(pair -> pair.2, pairs) >= 0 AND arrayMax(pair -> pair.2, pairs) <= 1 AS probable,
    arrayFirst(pair -> pair.1 = truth, pairs).2 AS of_truth,
    if(one != '' AND truth != one, 1 - pairs[1].2, of_truth) AS chance,
    -log(least(1 - 2.220446049250313e-16, greatest(2.220446049250313e-16, chance))) AS loss,
    arraySum(pair -> pow(pair.2 - (pair.1 = truth), 2), pairs) AS distance,
    arrayMax(pair -> pair.2, pairs) AS top,
    arrayFirst(pair -> pair.2 = top, pairs).1 = truth AS hit,
    least(14, floor(top * 15)) AS calibration_bin
  FROM (SELECT * FROM (${rawRows}) WHERE toStartOfHour(minute) NOT IN (${unsettledHours})) AS p
  INNER JOIN (SELECT prediction_id, label, value, timestamp FROM label FINAL
              WHERE project = {project:String} AND model = {model:String}) AS l ON p.prediction_id = l.prediction_id`;

/**
 * Label by label, where the writer of the cells works with maps and lists: every statistic is a sum over the rows of a minute. A key
 * of `confusion` is taken apart again, a key of a score turned back, and sums about a mean moved to 0.
 */
const comparePerformance = defineQuery({
  name: 'compare performance cells with raw rows and labels',
  sql: compare(
    `SELECT segment, minute,
       [count(), sumIf(${hashOf('class', 'truth')}, class != '' AND truth != ''), countIf(scored),
        sum(arraySum(pair -> if(pair.1 = truth, ${scoreSum('pair.1', scoreBin('pair.2'))}, 0), ranked)),
        sum(arraySum(pair -> if(pair.1 != truth, ${scoreSum('pair.1', scoreBin('pair.2'))}, 0), ranked)),
        countIf(probable), sumIf(loss, probable), sumIf(loss * loss, probable), sumIf(distance, probable),
        sumIf(distance * distance, probable), sumIf(pow(calibration_bin + 1, 2), probable), countIf(probable AND hit),
        sumIf(top, probable), countIf(valued), sumIf(miss, valued), sumIf(abs(miss), valued), sumIf(pow(miss, 2), valued),
        sumIf(pow(miss, 4), valued), sumIf(share, valued), sumIf(share * share, valued), sumIf(truth_value, valued),
        sumIf(pow(truth_value, 2), valued), sumIf(pow(truth_value, 4), valued), sumIf(pow(miss * truth_value, 2), valued),
        sumIf(${hashOf(logBin('abs(miss)'))}, valued), sum(${hashOf(logBin('lag'))})] AS raw_counts
     FROM (${labelledRows})
     GROUP BY segment, minute`,
    `SELECT segment, minute,
       [labelled,
        arraySum((key, count) -> (${hashOf('substringUTF8(pairOf(key), 1, lengthOf(key))', 'substringUTF8(pairOf(key), lengthOf(key) + 1)')}) * count,
                 mapKeys(confusion), mapValues(confusion)),
        scored,
        arraySum((name, key, count) -> ${scoreSum('name', scoreBin(scoreOfKey('key')))} * count, names, score_keys, score_positives),
        arraySum((name, key, count) -> ${scoreSum('name', scoreBin(scoreOfKey('key')))} * count, names, score_keys, score_negatives),
        probable, sum_log_loss, sum_log_loss_squares, sum_brier, sum_brier_squares,
        arraySum((bin, count) -> pow(bin + 1, 2) * count, mapKeys(calibration_rows), mapValues(calibration_rows)),
        arraySum(mapValues(calibration_hits)), arraySum(mapValues(calibration_scores)),
        valued, sum_error, sum_absolute_error, sum_squared_error, sum_quartic_error, sum_percentage_error,
        sum_percentage_error_squares, valued * truth_mean, truth_squares + valued * pow(truth_mean, 2),
        truth_quartics + 4 * truth_cubes * truth_mean + 6 * truth_squares * pow(truth_mean, 2) + valued * pow(truth_mean, 4),
        squared_error_by_truth[2] + 2 * squared_error_by_truth[1] * truth_mean + sum_squared_error * pow(truth_mean, 2),
        arraySum((index, count) -> (${hashOf('index')}) * count, mapKeys(error_bins), mapValues(error_bins)),
        arraySum((index, count) -> (${hashOf('index')}) * count, mapKeys(lag_bins), mapValues(lag_bins))] AS cell_counts
     FROM (SELECT *, arrayMap(name -> toString(name), score_classes) AS names FROM performance_cell FINAL
           WHERE ${cellScope} AND toStartOfHour(minute) NOT IN (${unsettledHours}))`,
  )
    .replaceAll('pairOf(key)', `substringUTF8(key, position(key, ':') + 1)`)
    .replaceAll('lengthOf(key)', `toUInt32(substring(key, 1, position(key, ':') - 1))`),
  params: z.object({ ...params, positive_class: z.string() }),
  row,
});

const HOUR_MS = 3_600_000;
const EXAMPLES_PER_TABLE = 25;

/**
 * Compares cells with what the engine computes from the distinct raw rows of the range: counts, type errors, bins, and what labels
 * say of them. An independent second computation of what the ingester did in its own code. Hourly sums and performance are
 * compared where their hour is settled, hourly sums of whole hours alone.
 */
export async function verifyCells(store: Store, range: CellRange): Promise<CellVerification> {
  const { project, model, fromMs, toMs, positiveClass } = range;
  const fromHourMs = Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
  const toHourMs = Math.floor(toMs / HOUR_MS) * HOUR_MS;
  const mismatches: CellMismatch[] = [];
  let cells = 0;
  let predictions = 0;
  let mismatchCount = 0;
  for (const { version } of await store.query(selectVersions, { project, model, from: fromMs, to: toMs })) {
    const bound = { project, model, version, from: fromMs, to: toMs };
    const collect = (table: CellTable, series: string, rows: readonly z.output<typeof row>[]): void => {
      cells += rows[0]?.total ?? 0;
      mismatchCount += rows[0]?.differing ?? 0;
      for (const { segment, minute_ms, raw, cell, differs: isMismatch } of rows) {
        if (isMismatch && mismatches.filter((known) => known.table === table).length < EXAMPLES_PER_TABLE)
          mismatches.push({ table, version, segment, series, minuteMs: minute_ms, raw, cell });
      }
    };
    const traffic = await store.query(compareTraffic, bound);
    predictions += traffic[0]?.raw_n ?? 0;
    collect('traffic_cell', '', traffic);
    const performance = await store.query(comparePerformance, { ...bound, positive_class: positiveClass ?? '' });
    collect('performance_cell', '', performance);
    const profile = await findEffectiveReference(store, project, model, version);
    const expected = new Map(profile?.series.map((series) => [series.series, series]));
    const stored = await store.query(selectStoredSeries, bound);
    // Series of the reference that have no cells at all would be a mismatch too, so they are compared as well.
    const keys = new Map([
      ...stored.map((one) => [`${one.series}\n${one.bin_set_id}`, one] as const),
      ...[...expected.values()].map(
        (one) => [`${one.series}\n${one.binSetId}`, { series: one.series, bin_set_id: one.binSetId }] as const,
      ),
    ]);
    for (const { series, bin_set_id } of keys.values()) {
      const reference = expected.get(series);
      if (reference !== undefined && reference.binSetId !== bin_set_id) continue; // made with older bins: no window reads them
      const ofSeries = {
        series,
        bin_set_id,
        kind: reference?.kind ?? '',
        edges: [...(reference?.edges ?? [])],
        categories: [...(reference?.categories ?? [])],
        others: [...(reference?.otherHashes ?? [])],
      };
      collect('feature_cell', series, await store.query(compareSeries, { ...bound, ...ofSeries }));
      if (fromHourMs < toHourMs) {
        const hours = { ...bound, ...ofSeries, from: fromHourMs, to: toHourMs };
        collect('feature_cell_hour', series, await store.query(compareHours, hours));
      }
    }
  }
  return { cells, predictions, mismatchCount, mismatches };
}
