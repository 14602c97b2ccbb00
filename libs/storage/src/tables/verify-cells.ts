import { z } from 'zod';
import { defineQuery } from '../query.js';
import { integer, millis, second } from '../row-types.js';
import type { Store } from '../store.js';
import { findEffectiveReference } from './reference.js';
import { listVersions } from './prediction.js';

export interface CellRange {
  readonly project: string;
  readonly model: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A minute whose cell is not what the raw rows give. */
export interface CellMismatch {
  readonly version: string;
  readonly segment: string;
  /** "" for the traffic cell. */
  readonly series: string;
  readonly minuteMs: number;
  /** Counts from raw rows and from the cell: n, missing, invalid, and a checksum of the bins. */
  readonly raw: readonly number[];
  readonly cell: readonly number[];
}

export interface CellVerification {
  readonly cells: number;
  readonly predictions: number;
  readonly mismatchCount: number;
  /** The first hundred. */
  readonly mismatches: readonly CellMismatch[];
}

const params = {
  project: z.string(),
  model: z.string(),
  version: z.string(),
  from: z.number().transform(second),
  to: z.number().transform(second),
};

/** Distinct raw rows of the range, one per segment they belong to. */
const rawRows = `
  SELECT toStartOfMinute(timestamp) AS minute, arrayJoin(arrayConcat([''], segments)) AS segment, numbers, texts, invalid,
         label, value, score, id_hash, error, schema_id
  FROM prediction FINAL
  WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
    AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')}`;

const cellScope = `project = {project:String} AND model = {model:String} AND version = {version:String}
  AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}`;

const row = z.object({
  segment: z.string(),
  minute_ms: millis,
  raw: z.array(integer),
  cell: z.array(integer),
  total: integer,
  differing: integer,
  raw_n: integer,
});

/** Both sides full-outer-joined; `total` and `differing` count all keys, the rows are the first that differ. */
const compare = (raw: string, cell: string): string => `
  WITH joined AS (
    SELECT segment, minute, sumForEach(raw_counts) AS raw, sumForEach(cell_counts) AS cell FROM (
      SELECT segment, minute, raw_counts, arrayResize([0]::Array(UInt64), length(raw_counts)) AS cell_counts FROM (${raw})
      UNION ALL
      SELECT segment, minute, arrayResize([0]::Array(UInt64), length(cell_counts)) AS raw_counts, cell_counts FROM (${cell})
    ) GROUP BY segment, minute)
  SELECT segment, toUnixTimestamp(minute) * 1000 AS minute_ms, raw, cell,
         count() OVER () AS total, countIf(raw != cell) OVER () AS differing, sumIf(raw[1], segment = '') OVER () AS raw_n
  FROM joined ORDER BY raw = cell, minute, segment LIMIT 100`;

const compareTraffic = defineQuery({
  name: 'compare traffic cells with raw rows',
  sql: compare(
    `SELECT segment, minute, [count(), sum(toUInt64(id_hash)), countIf(error != '')] AS raw_counts
     FROM (${rawRows}) GROUP BY segment, minute`,
    `SELECT segment, minute, [sum(n), sum(id_hash_sum), sum(errors)] AS cell_counts
     FROM traffic_cell WHERE ${cellScope} GROUP BY segment, minute`,
  ),
  params: z.object(params),
  row,
});

/**
 * The value of the series in each row: `x` a number or `t` a text, NULL when missing. Which feature stands where is in the
 * schema of the row; the bins are those of the reference, computed here by the engine and not by the code that wrote the cells.
 */
const compareSeries = defineQuery({
  name: 'compare feature cells with raw rows',
  sql: compare(
    `SELECT segment, minute,
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
             FROM (${rawRows}) AS r INNER JOIN (SELECT * FROM feature_schema FINAL) AS s ON r.schema_id = s.schema_id))
     GROUP BY segment, minute HAVING raw_counts[1] + raw_counts[2] + raw_counts[3] > 0`,
    `SELECT segment, minute,
       [sum(n) AS n_, sum(missing), sum(invalid),
        toUInt64(arraySum((index, count) -> toUInt64(index + 1) * toUInt64(index + 1) * count, (sumMap(bins) AS merged).1, merged.2))] AS cell_counts
     FROM feature_cell WHERE ${cellScope} AND series = {series:String} AND bin_set_id = {bin_set_id:String}
     GROUP BY segment, minute`,
  ),
  params: z.object({
    ...params,
    series: z.string(),
    kind: z.string(),
    bin_set_id: z.string(),
    edges: z.array(z.number()).transform((edges) => edges.map(String)),
    categories: z.array(z.string()),
    others: z.array(z.number()),
  }),
  row,
});

const selectStoredSeries = defineQuery({
  name: 'select series of feature cells',
  sql: `SELECT DISTINCT series, bin_set_id FROM feature_cell WHERE ${cellScope} ORDER BY series, bin_set_id`,
  params: z.object(params),
  row: z.object({ series: z.string(), bin_set_id: z.string() }),
});

/**
 * Compares cells with what the engine computes from the distinct raw rows of the range: counts, type errors, bins. An
 * independent second computation of what the ingester did in its own code.
 */
export async function verifyCells(store: Store, range: CellRange): Promise<CellVerification> {
  const { project, model, fromMs, toMs } = range;
  const mismatches: CellMismatch[] = [];
  let cells = 0;
  let predictions = 0;
  let mismatchCount = 0;
  for (const { version } of await listVersions(store, project, model)) {
    const bound = { project, model, version, from: fromMs, to: toMs };
    const collect = (series: string, rows: readonly z.output<typeof row>[]): void => {
      cells += rows[0]?.total ?? 0;
      mismatchCount += rows[0]?.differing ?? 0;
      for (const { segment, minute_ms, raw, cell } of rows) {
        const differs = raw.some((count, i) => count !== cell[i]);
        if (differs && mismatches.length < 100)
          mismatches.push({ version, segment, series, minuteMs: minute_ms, raw, cell });
      }
    };
    const traffic = await store.query(compareTraffic, bound);
    predictions += traffic[0]?.raw_n ?? 0;
    collect('', traffic);
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
      const rows = await store.query(compareSeries, {
        ...bound,
        series,
        bin_set_id,
        kind: reference?.kind ?? '',
        edges: [...(reference?.edges ?? [])],
        categories: [...(reference?.categories ?? [])],
        others: [...(reference?.otherHashes ?? [])],
      });
      collect(series, rows);
    }
  }
  return { cells, predictions, mismatchCount, mismatches };
}
