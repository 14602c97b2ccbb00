import { type ModelReportScope, type SeriesPoint, type SeriesSummary, severitySchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { flag, float, instant, integer, millis, second } from '../row-types.js';
import type { Store } from '../store.js';

const scopeParams = z.object({
  project: z.string(),
  model: z.string(),
  version: z.string().nullable(),
  segment: z.string(),
  from: z.number().transform(instant),
  to: z.number().transform(instant),
});

const inScope = `project = {project:String} AND model = {model:String} AND segment = {segment:String} AND gone = 0
  AND window_end > {from:DateTime64(3, 'UTC')} AND window_end <= {to:DateTime64(3, 'UTC')}
  AND ({version:Nullable(String)} IS NULL OR version = {version:Nullable(String)})`;

/** A window at a bound; the worse the greater. */
const rank = `multiIf(severity = 'critical', 2, severity = 'warning', 1, 0)`;
/** The effect beside its threshold: 1 is at it. NaN where either is not known. */
const ratio = `effect / if(isNaN(threshold_warning), threshold_critical, threshold_warning)`;

/** In the order of `pointRow`. */
const point = `tuple(toUnixTimestamp64Milli(window_start), toUnixTimestamp64Milli(window_end), toUnixTimestamp64Milli(data_start), value,
  effect, p_value, adjusted_p_value, alpha, n_reference, n_current, threshold_warning, threshold_critical, toString(reference_id),
  toString(severity), reason)`;

const pointRow = z
  .tuple([
    millis,
    millis,
    millis,
    float,
    float,
    float,
    float,
    float,
    integer,
    integer,
    float,
    float,
    z.string(),
    severitySchema,
    z.string(),
  ])
  .transform(
    ([
      windowStartMs,
      windowEndMs,
      dataStartMs,
      value,
      effect,
      pValue,
      adjustedPValue,
      alpha,
      nReference,
      nCurrent,
      thresholdWarning,
      thresholdCritical,
      referenceId,
      severity,
      reason,
    ]): SeriesPoint => ({
      windowStartMs,
      windowEndMs,
      dataStartMs,
      value,
      effect,
      pValue,
      adjustedPValue,
      alpha,
      nReference,
      nCurrent,
      thresholdWarning,
      thresholdCritical,
      referenceId,
      severity,
      reason,
    }),
  );

/** More series than this are not told of; those that were at a bound come first. */
const MAX_SERIES = 20_000;

const selectSummaries = defineQuery({
  name: 'summarize series of a model',
  sql: `SELECT version, monitor, feature, method, max(decides) AS decides_, count() AS windows,
          countIf(rank > 0) AS breaches, max(rank) AS worst_rank,
          toUnixTimestamp64Milli(minIf(window_start, rank > 0)) AS first_breach_ms,
          toUnixTimestamp64Milli(maxIf(window_end, rank > 0)) AS last_breach_ms,
          argMax(point, (window_end, window_start)) AS newest,
          argMax(point, (rank, if(isFinite(ratio), ratio, -1), window_end)) AS worst
        FROM (
          SELECT version, monitor, feature, method, window_start, window_end, decides, ${rank} AS rank, ${ratio} AS ratio, ${point} AS point
          FROM measurement FINAL
          WHERE ${inScope} AND (empty({methods:Array(String)}) OR method IN ({methods:Array(String)}))
            AND ({feature:Nullable(String)} IS NULL OR feature = {feature:Nullable(String)}))
        GROUP BY version, monitor, feature, method
        ORDER BY worst_rank DESC, breaches DESC, version, monitor, feature, method LIMIT {limit:UInt32}`,
  params: scopeParams.extend({ methods: z.array(z.string()), feature: z.string().nullable(), limit: z.number() }),
  row: z.object({
    version: z.string(),
    monitor: z.string(),
    feature: z.string(),
    method: z.string(),
    decides_: flag,
    windows: integer,
    breaches: integer,
    first_breach_ms: millis,
    last_breach_ms: millis,
    newest: pointRow,
    worst: pointRow,
  }),
});

export interface SummaryFilter {
  /** All methods when absent. */
  readonly methods?: readonly string[];
  /** "" for what is of the whole model; all when absent. */
  readonly feature?: string;
}

/**
 * Returns what the windows of the scope found of each series of its segment: one row for each version, monitor, feature and method,
 * those that were at a bound first. At most 20 000 series.
 */
export async function summarizeSeries(
  store: Store,
  scope: ModelReportScope,
  { methods = [], feature }: SummaryFilter = {},
): Promise<SeriesSummary[]> {
  const rows = await store.query(selectSummaries, {
    ...bind(scope),
    methods: [...methods],
    feature: feature ?? null,
    limit: MAX_SERIES,
  });
  return rows.map((row) => ({
    version: row.version,
    segment: scope.segment,
    feature: row.feature,
    method: row.method,
    monitor: row.monitor,
    decides: row.decides_,
    windows: row.windows,
    breaches: row.breaches,
    firstBreachMs: row.breaches > 0 ? row.first_breach_ms : undefined,
    lastBreachMs: row.breaches > 0 ? row.last_breach_ms : undefined,
    newest: row.newest,
    worst: row.worst,
  }));
}

/** Columns of equal length that cover a time range. */
export interface TimeColumns {
  readonly startMs: number;
  readonly columnMs: number;
}

/** The worst that the windows that end in a column found of a feature. */
export interface ColumnOfFeature {
  readonly feature: string;
  readonly column: number;
  /** Of the worst window: 2 critical, 1 warning, 0 neither, -1 none had enough data. */
  readonly rank: number;
  /** Largest effect beside its threshold; NaN where there is none. */
  readonly ratio: number;
}

const selectColumns = defineQuery({
  name: 'select drift of features over time',
  sql: `SELECT feature, intDiv(toUnixTimestamp64Milli(window_end) - 1 - {start_ms:Int64}, {column_ms:Int64}) AS column,
          max(multiIf(severity = 'critical', 2, severity = 'warning', 1, severity = 'ok', 0, -1)) AS rank_,
          maxIf(${ratio}, isFinite(${ratio})) AS ratio_, countIf(isFinite(${ratio})) AS ratios
        FROM measurement FINAL
        WHERE ${inScope} AND decides AND feature IN ({features:Array(String)}) AND method IN ({methods:Array(String)})
        GROUP BY feature, column ORDER BY feature, column`,
  params: scopeParams.extend({
    start_ms: z.number(),
    column_ms: z.number(),
    features: z.array(z.string()),
    methods: z.array(z.string()),
  }),
  row: z
    .object({ feature: z.string(), column: integer, rank_: integer, ratio_: float, ratios: integer })
    .transform((row): ColumnOfFeature => ({
      feature: row.feature,
      column: row.column,
      rank: row.rank_,
      ratio: row.ratios > 0 ? row.ratio_ : NaN,
    })),
});

/** Returns for each of some features the worst of each column of time, over all versions of the scope, by methods that decide. */
export async function listFeatureColumns(
  store: Store,
  scope: ModelReportScope,
  of: TimeColumns & { readonly features: readonly string[]; readonly methods: readonly string[] },
): Promise<ColumnOfFeature[]> {
  if (of.features.length === 0) return [];
  return store.query(selectColumns, {
    ...bind(scope),
    start_ms: of.startMs,
    column_ms: of.columnMs,
    features: [...of.features],
    methods: [...of.methods],
  });
}

/** Traffic of one column of time. */
export interface ColumnOfTraffic {
  readonly version: string;
  readonly column: number;
  /** Made by the service: those stored, times what each stands for. */
  readonly predictions: number;
  readonly stored: number;
  readonly errors: number;
  /** Of its first minute with a prediction, and end of the last. */
  readonly startMs: number;
  readonly endMs: number;
}

const selectTraffic = defineQuery({
  name: 'select traffic over time',
  sql: `SELECT version, intDiv(toUnixTimestamp(minute) * 1000 - {start_ms:Int64}, {column_ms:Int64}) AS column,
          sum(sum_weight) AS predictions, sum(n) AS stored, sum(errors) AS errors_, toUnixTimestamp(min(minute)) * 1000 AS start_ms_,
          toUnixTimestamp(max(minute)) * 1000 + 60000 AS end_ms_
        FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND segment = {segment:String}
          AND ({version:Nullable(String)} IS NULL OR version = {version:Nullable(String)})
          AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        GROUP BY version, column ORDER BY version, column LIMIT 20000`,
  params: scopeParams.extend({
    from: z.number().transform(second),
    to: z.number().transform(second),
    start_ms: z.number(),
    column_ms: z.number(),
  }),
  row: z
    .object({
      version: z.string(),
      column: integer,
      predictions: float,
      stored: integer,
      errors_: integer,
      start_ms_: millis,
      end_ms_: millis,
    })
    .transform((row): ColumnOfTraffic => ({
      version: row.version,
      column: row.column,
      predictions: row.predictions,
      stored: row.stored,
      errors: row.errors_,
      startMs: row.start_ms_,
      endMs: row.end_ms_,
    })),
});

/** Returns the traffic of each version in columns of time, without those that have none. */
export async function listTrafficColumns(
  store: Store,
  scope: ModelReportScope,
  { startMs, columnMs }: TimeColumns,
): Promise<ColumnOfTraffic[]> {
  return store.query(selectTraffic, { ...bind(scope), start_ms: startMs, column_ms: columnMs });
}

function bind({ project, model, version, segment, fromMs, toMs }: ModelReportScope) {
  return { project, model, version: version ?? null, segment, from: fromMs, to: toMs };
}
