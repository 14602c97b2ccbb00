import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, integer, second } from '../row-types.js';
import type { Store } from '../store.js';
import {
  type MergedPerformance,
  PERFORMANCE_COLUMNS,
  performanceScores,
  performanceTotals,
  performanceTruths,
  readPerformance,
  scoresRow,
  totalsRow,
  truthsRow,
} from './performance-sums.js';

export interface WindowScope {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  /** "" for all events. */
  readonly segment: string;
  /** Whole minutes; `toMs` is exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of every `stepMs` since `fromMs` only the first `lengthMs`, both whole minutes: the same time of several weeks. All when absent. */
  readonly season?: { readonly stepMs: number; readonly lengthMs: number } | undefined;
}

/** One series over a window: the sum of its cells. `bins` is sparse, by ascending index. */
export interface MergedSeries {
  readonly series: string;
  readonly binSetId: string;
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly min: number;
  readonly max: number;
  readonly binIndexes: readonly number[];
  readonly binCounts: readonly number[];
}

export interface MergedTraffic {
  readonly n: number;
  readonly errors: number;
  readonly latencyN: number;
  readonly latencyBins: readonly { readonly index: number; readonly count: number }[];
  /** Predictions of the service that the `n` stand for, and the sum of the squares of what each stands for. */
  readonly weight: number;
  readonly weightSquares: number;
}

const HOUR_MS = 3_600_000;

const params = z.object({
  project: z.string(),
  model: z.string(),
  version: z.string(),
  segment: z.string(),
  from: z.number().transform(second),
  to: z.number().transform(second),
  step_seconds: z.number(),
  length_seconds: z.number(),
});
const inSeason = (column: string): string =>
  `modulo(toInt64(toUnixTimestamp(${column})) - toInt64(toUnixTimestamp({from:DateTime('UTC')})), {step_seconds:Int64}) < {length_seconds:Int64}`;
const scope = `project = {project:String} AND model = {model:String} AND version = {version:String}
  AND segment = {segment:String} AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND ${inSeason('minute')}`;

/** Hours whose minute cells may be newer than their hourly sum, and labels newer than their performance. */
export const unsettledHours = `SELECT hour FROM dirty_hour FINAL
  WHERE project = {project:String} AND model = {model:String} AND dirty = 1`;

/** All series when none is named. */
const chosenSeries = `(empty({series:Array(String)}) OR series IN ({series:Array(String)}))`;

/**
 * Whole settled hours come from hourly cells, the rest from minutes: a day costs 24 rows a series. Reads are right at any time,
 * because an hour with a mark is read by its minutes.
 */
const mergeSeries = defineQuery({
  name: 'merge feature cells',
  sql: `WITH (SELECT groupArray(hour) FROM (${unsettledHours})) AS unsettled
        SELECT series, bin_set_id, sum(n) AS n_, sum(missing) AS missing_, sum(invalid) AS invalid_, sum(sum) AS sum_,
          sum(sum_squares) AS sum_squares_, min(min) AS min_, max(max) AS max_, sumMap(bins) AS bins_
        FROM (
          SELECT series, bin_set_id, n, missing, invalid, sum, sum_squares, min, max, bins FROM feature_cell_hour FINAL
          WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
            AND segment = {segment:String} AND hour >= {from_hour:DateTime('UTC')} AND hour < {to_hour:DateTime('UTC')}
            AND ${inSeason('hour')} AND NOT has(unsettled, hour) AND ${chosenSeries}
          UNION ALL
          SELECT series, bin_set_id, n, missing, invalid, sum, sum_squares, min, max, bins FROM feature_cell
          WHERE ${scope} AND series != '' AND ${chosenSeries} AND (minute < {from_hour:DateTime('UTC')} OR minute >= {to_hour:DateTime('UTC')}
            OR has(unsettled, toStartOfHour(minute))))
        GROUP BY series, bin_set_id ORDER BY series, bin_set_id`,
  params: params.extend({
    from_hour: z.number().transform(second),
    to_hour: z.number().transform(second),
    series: z.array(z.string()),
  }),
  row: z
    .object({
      series: z.string(),
      bin_set_id: z.string(),
      n_: integer,
      missing_: integer,
      invalid_: integer,
      sum_: float,
      sum_squares_: float,
      min_: float,
      max_: float,
      bins_: z.tuple([z.array(z.number()), z.array(integer)]),
    })
    .transform((row): MergedSeries => ({
      series: row.series,
      binSetId: row.bin_set_id,
      n: row.n_,
      missing: row.missing_,
      invalid: row.invalid_,
      sum: row.sum_,
      sumSquares: row.sum_squares_,
      min: row.min_,
      max: row.max_,
      binIndexes: row.bins_[0],
      binCounts: row.bins_[1],
    })),
});

const mergeTraffic = defineQuery({
  name: 'merge traffic cells',
  sql: `SELECT sum(n) AS n_, sum(errors) AS errors_, sum(latency_n) AS latency_n_, sumMap(latency_bins) AS bins,
          sum(sum_weight) AS weight_, sum(sum_weight_squares) AS weight_squares_
        FROM traffic_cell WHERE ${scope}`,
  params,
  row: z
    .object({
      n_: integer,
      errors_: integer,
      latency_n_: integer,
      bins: z.tuple([z.array(z.number()), z.array(integer)]),
      weight_: float,
      weight_squares_: float,
    })
    .transform((row): MergedTraffic => ({
      n: row.n_,
      errors: row.errors_,
      latencyN: row.latency_n_,
      latencyBins: row.bins[0].map((index, i) => ({ index, count: row.bins[1][i]! })),
      weight: row.weight_,
      weightSquares: row.weight_squares_,
    })),
});

const performanceCells = `SELECT ${PERFORMANCE_COLUMNS} FROM performance_cell FINAL WHERE ${scope}`;
const mergePerformance = {
  totals: defineQuery({
    name: 'merge performance cells',
    sql: performanceTotals(performanceCells),
    params,
    row: totalsRow,
  }),
  truths: defineQuery({
    name: 'merge true values of performance cells',
    sql: performanceTruths(performanceCells),
    params,
    row: truthsRow,
  }),
  scores: defineQuery({
    name: 'merge scores of performance cells',
    sql: performanceScores(performanceCells),
    params,
    row: scoresRow,
  }),
};

function bind(window: WindowScope): z.input<typeof params> {
  const { project, model, version, segment, fromMs, toMs, season } = window;
  // Without a season every second is the first of its kind.
  const [stepMs, lengthMs] = season === undefined ? [1_000, 1_000] : [season.stepMs, season.lengthMs];
  const seconds = { step_seconds: stepMs / 1_000, length_seconds: lengthMs / 1_000 };
  return { project, model, version, segment, from: fromMs, to: toMs, ...seconds };
}

/**
 * Sums of the feature cells of a window, one per series and bin set; no rows of raw are read.
 * @param series of which the sums are wanted; all when empty
 */
export async function mergeFeatureCells(
  store: Store,
  window: WindowScope,
  series: readonly string[] = [],
): Promise<MergedSeries[]> {
  const firstHour = Math.ceil(window.fromMs / HOUR_MS) * HOUR_MS;
  const lastHour = Math.floor(window.toMs / HOUR_MS) * HOUR_MS;
  // A window within one hour has no whole hour: then all of it comes from minutes.
  // Hours that lie partly in a season are read by their minutes, as all are then.
  const wholeHours =
    window.season === undefined ||
    [window.fromMs, window.season.stepMs, window.season.lengthMs].every((timeMs) => timeMs % HOUR_MS === 0);
  const [fromHour, toHour] = wholeHours && firstHour < lastHour ? [firstHour, lastHour] : [window.toMs, window.toMs];
  return store.query(mergeSeries, { ...bind(window), from_hour: fromHour, to_hour: toHour, series: [...series] });
}

/** Sum of the traffic cells of a window; all zero without events. */
export async function mergeTrafficCells(store: Store, window: WindowScope): Promise<MergedTraffic> {
  return (await store.query(mergeTraffic, bind(window)))[0]!;
}

/** Sum of the performance cells of a window; all zero without labels. */
export async function mergePerformanceCells(store: Store, window: WindowScope): Promise<MergedPerformance> {
  const bound = bind(window);
  return readPerformance({
    totals: () => store.query(mergePerformance.totals, bound),
    truths: () => store.query(mergePerformance.truths, bound),
    scores: () => store.query(mergePerformance.scores, bound),
  });
}

const selectLabelled = defineQuery({
  name: 'count labelled predictions',
  sql: `SELECT sum(labelled) AS n FROM performance_cell FINAL WHERE ${scope}`,
  params,
  row: z.object({ n: integer }),
});

/** How many predictions of a window have a label by now, without what the labels say of them. */
export async function countLabelled(store: Store, window: WindowScope): Promise<number> {
  return (await store.query(selectLabelled, bind(window)))[0]!.n;
}

const selectActiveVersions = defineQuery({
  name: 'select active versions',
  sql: `SELECT version FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND segment = ''
          AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        GROUP BY version HAVING sum(n) > 0 ORDER BY version`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    from: z.number().transform(second),
    to: z.number().transform(second),
  }),
  row: z.object({ version: z.string() }),
});

/** Versions with predictions in a window. */
export async function listActiveVersions(
  store: Store,
  project: string,
  model: string,
  fromMs: number,
  toMs: number,
): Promise<string[]> {
  return (await store.query(selectActiveVersions, { project, model, from: fromMs, to: toMs })).map(
    (row) => row.version,
  );
}
