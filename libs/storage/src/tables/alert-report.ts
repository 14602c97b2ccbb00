import {
  type AlertReportScope,
  featureKindSchema,
  type Measurement,
  type PerformanceSummary,
  type ReferenceSeries,
  severitySchema,
} from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, instant, integer, json, millis, second } from '../row-types.js';
import type { Store } from '../store.js';
import { findReferenceSegment, seriesInSegment } from './reference-segment.js';
import { mergeFeatureCells, mergePerformanceCells, type MergedSeries, unsettledHours } from './window-data.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How far back a change counts as recent. */
const RECENT_MS = 30 * DAY_MS;
export const MAX_REPORT_FINDINGS = 20;

/** A measurement of the window, with what all series of its family moved together. */
export interface ReportedMeasurement extends Pick<
  Measurement,
  | 'monitor'
  | 'segment'
  | 'feature'
  | 'method'
  | 'windowEndMs'
  | 'dataStartMs'
  | 'value'
  | 'effect'
  | 'adjustedPValue'
  | 'pValue'
  | 'nReference'
  | 'nCurrent'
  | 'thresholdWarning'
  | 'thresholdCritical'
  | 'referenceId'
  | 'severity'
  | 'reason'
> {
  /** Sum of the effects above 0 of all series of this monitor, segment and method. */
  readonly effectOfAll: number;
}

/** The part of a reference that the findings are compared with. */
export interface ReportedReference {
  readonly referenceId: string;
  /** The one that its series are counted in. */
  readonly segment: string;
  readonly performance: PerformanceSummary;
  readonly series: readonly ReferenceSeries[];
}

/** Sums of the series that the findings are of, over the data of one window and segment. */
export interface ReportedCells {
  readonly segment: string;
  readonly dataStartMs: number;
  readonly windowEndMs: number;
  readonly series: readonly MergedSeries[];
}

/** Values of a feature, of the version in the window, and of all versions in the window of the same length before it. */
export interface SeriesPresence {
  readonly series: string;
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  readonly nBefore: number;
  readonly missingBefore: number;
  readonly invalidBefore: number;
}

export interface ReportedRetraining {
  readonly runId: string;
  readonly policy: string;
  readonly status: string;
  /** "" while there is none. */
  readonly newVersion: string;
  readonly requestedAtMs: number;
}

/** Predictions that a service made: those stored, times what each stands for; and the sum of the squares of that. */
export interface ReportedVolume {
  readonly weight: number;
  readonly weightSquares: number;
}

/** Everything a report is made of: rows of one model, version and window. */
export interface AlertReportRows {
  readonly measurements: readonly ReportedMeasurement[];
  /** How many there would be without the bound. */
  readonly measurementCount: number;
  readonly references: readonly ReportedReference[];
  readonly cells: readonly ReportedCells[];
  readonly predictions: number;
  readonly failed: number;
  readonly labelled: number;
  /** Stored in the window before. */
  readonly predictionsBefore: number;
  /** Made by the service in the window, in the one before, and in the same window a week before. */
  readonly volume: ReportedVolume;
  readonly volumeBefore: ReportedVolume;
  readonly volumeWeekBefore: ReportedVolume;
  /** First prediction of the version, if within the thirty days before the end of the window. */
  readonly versionStartMs: number | undefined;
  /** Other versions with predictions in the thirty days before that; the one with most predictions first. */
  readonly versionsBefore: readonly string[];
  /** Features that appeared or vanished since the window before, or whose values are mostly of the wrong type now. */
  readonly presence: readonly SeriesPresence[];
  /** The last run that was asked for before the end of the window, if in the thirty days before it. */
  readonly retraining: ReportedRetraining | undefined;
}

const modelParams = z.object({ project: z.string(), model: z.string() });
const instantParam = z.number().transform(instant);
const secondParam = z.number().transform(second);

/**
 * The last measurement of each series among the windows that end within this one: other monitors may have shorter windows. Chosen
 * are those that breach, and those of the alerts that are asked for, whatever became of them.
 */
const selectMeasurements = defineQuery({
  name: 'select measurements of a report',
  sql: `SELECT *, count() OVER () AS measurement_count FROM (
          SELECT monitor, segment, feature, method, toUnixTimestamp64Milli(window_end) AS window_end_ms,
            toUnixTimestamp64Milli(data_start) AS data_start_ms, value, effect, p_value, adjusted_p_value, n_reference, n_current,
            threshold_warning, threshold_critical, reference_id, severity, reason,
            sum(if(effect > 0, effect, 0)) OVER (PARTITION BY monitor, segment, method) AS effect_of_all,
            has(arrayZip({monitors:Array(String)}, {segments:Array(String)}, {features:Array(String)}, {methods:Array(String)}),
              (toString(monitor), toString(segment), toString(feature), toString(method))) AS asked_for
          FROM (
            SELECT * FROM measurement FINAL
            WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
              AND window_end > {from:DateTime64(3, 'UTC')} AND window_end <= {to:DateTime64(3, 'UTC')}
              AND gone = 0 AND (decides OR severity IN ('warning', 'critical'))
            ORDER BY window_end DESC, window_start DESC LIMIT 1 BY monitor, segment, feature, method))
        WHERE severity IN ('warning', 'critical') OR asked_for
        ORDER BY severity = 'critical' DESC, severity = 'warning' DESC, asked_for DESC,
          effect / nullIf(if(isNaN(threshold_warning), threshold_critical, threshold_warning), 0) DESC NULLS LAST,
          monitor, segment, feature, method
        LIMIT {limit:UInt32}`,
  params: modelParams.extend({
    version: z.string(),
    from: instantParam,
    to: instantParam,
    monitors: z.array(z.string()),
    segments: z.array(z.string()),
    features: z.array(z.string()),
    methods: z.array(z.string()),
    limit: z.number(),
  }),
  row: z
    .object({
      monitor: z.string(),
      segment: z.string(),
      feature: z.string(),
      method: z.string(),
      window_end_ms: millis,
      data_start_ms: millis,
      value: float,
      effect: float,
      p_value: float,
      adjusted_p_value: float,
      n_reference: integer,
      n_current: integer,
      threshold_warning: float,
      threshold_critical: float,
      reference_id: z.string(),
      severity: severitySchema,
      reason: z.string(),
      effect_of_all: float,
      measurement_count: integer,
    })
    .transform((row) => ({
      measurementCount: row.measurement_count,
      measurement: {
        monitor: row.monitor,
        segment: row.segment,
        feature: row.feature,
        method: row.method,
        windowEndMs: row.window_end_ms,
        dataStartMs: row.data_start_ms,
        value: row.value,
        effect: row.effect,
        pValue: row.p_value,
        adjustedPValue: row.adjusted_p_value,
        nReference: row.n_reference,
        nCurrent: row.n_current,
        thresholdWarning: row.threshold_warning,
        thresholdCritical: row.threshold_critical,
        referenceId: row.reference_id,
        severity: row.severity,
        reason: row.reason,
        effectOfAll: row.effect_of_all,
      } satisfies ReportedMeasurement,
    })),
});

const selectReferences = defineQuery({
  name: 'select references of a report',
  sql: `SELECT reference_id, any(performance) AS performance FROM reference_profile
        WHERE project = {project:String} AND model = {model:String} AND reference_id IN ({ids:Array(String)})
        GROUP BY reference_id`,
  params: modelParams.extend({ ids: z.array(z.string()) }),
  row: z.object({ reference_id: z.string(), performance: json(z.record(z.string(), z.number())) }),
});

const selectReferenceSeries = defineQuery({
  name: 'select reference series of a report',
  sql: `SELECT reference_id, series, kind, bin_set_id, edges, decile_edge_indexes, categories, counts, n, missing, invalid,
          mean, std, min, max
        FROM reference_series FINAL
        WHERE project = {project:String} AND model = {model:String} AND reference_id IN ({ids:Array(String)})
          AND series IN ({series:Array(String)}) ORDER BY reference_id, series`,
  params: modelParams.extend({ ids: z.array(z.string()), series: z.array(z.string()) }),
  row: z
    .object({
      reference_id: z.string(),
      series: z.string(),
      kind: featureKindSchema,
      bin_set_id: z.string(),
      edges: z.array(z.number()),
      decile_edge_indexes: z.array(z.number()),
      categories: z.array(z.string()),
      counts: z.array(integer),
      n: integer,
      missing: integer,
      invalid: integer,
      mean: float,
      std: float,
      min: float,
      max: float,
    })
    .transform(({ reference_id, bin_set_id, decile_edge_indexes, ...series }) => ({
      referenceId: reference_id,
      series: { ...series, binSetId: bin_set_id, decileEdgeIndexes: decile_edge_indexes, otherHashes: [] },
    })),
});

const volumeRow = z.tuple([float, float]).transform(([weight, weightSquares]) => ({ weight, weightSquares }));
const NO_VOLUME: ReportedVolume = { weight: 0, weightSquares: 0 };

const countPredictions = defineQuery({
  name: 'count predictions of a report',
  sql: `WITH version = {version:String} AND minute >= {from:DateTime('UTC')} AS in_window,
          minute >= {before:DateTime('UTC')} AND minute < {from:DateTime('UTC')} AS in_window_before,
          minute >= {week_before:DateTime('UTC')} AND minute < {week_before_end:DateTime('UTC')} AS in_week_before
        SELECT sumIf(n, in_window) AS predictions, sumIf(errors, in_window) AS failed, sumIf(n, in_window_before) AS predictions_before,
          (sumIf(sum_weight, in_window), sumIf(sum_weight_squares, in_window)) AS volume,
          (sumIf(sum_weight, in_window_before), sumIf(sum_weight_squares, in_window_before)) AS volume_before,
          (sumIf(sum_weight, in_week_before), sumIf(sum_weight_squares, in_week_before)) AS volume_week_before
        FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND segment = ''
          AND minute >= least({before:DateTime('UTC')}, {week_before:DateTime('UTC')}) AND minute < {to:DateTime('UTC')}`,
  params: modelParams.extend({
    version: z.string(),
    from: secondParam,
    to: secondParam,
    before: secondParam,
    week_before: secondParam,
    week_before_end: secondParam,
  }),
  row: z.object({
    predictions: integer,
    failed: integer,
    predictions_before: integer,
    volume: volumeRow,
    volume_before: volumeRow,
    volume_week_before: volumeRow,
  }),
});

/** Whether there is an older prediction stops at the first it meets, so that a long history costs nothing. */
const selectVersionStart = defineQuery({
  name: 'select first prediction of a version',
  sql: `SELECT toUnixTimestamp(min(minute)) * 1000 AS start_ms, count() AS cells,
          (SELECT count() FROM (SELECT 1 FROM traffic_cell
            WHERE project = {project:String} AND model = {model:String} AND version = {version:String} AND segment = ''
              AND minute < {since:DateTime('UTC')} LIMIT 1)) AS older
        FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND version = {version:String} AND segment = ''
          AND minute >= {since:DateTime('UTC')} AND minute < {to:DateTime('UTC')}`,
  params: modelParams.extend({ version: z.string(), since: secondParam, to: secondParam }),
  row: z.object({ start_ms: millis, cells: integer, older: integer }),
});

const selectVersionsBefore = defineQuery({
  name: 'select versions before another',
  sql: `SELECT version FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND segment = '' AND version != {version:String}
          AND minute >= {since:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        GROUP BY version ORDER BY sum(n) DESC, version LIMIT 3`,
  params: modelParams.extend({ version: z.string(), since: secondParam, to: secondParam }),
  row: z.object({ version: z.string() }),
});

/**
 * Sums of the window and of the one before it, from hours where these are settled and do not belong to both. What did not change is
 * left out here: a model may have thousands of features.
 */
const selectPresence = defineQuery({
  name: 'select features that came or went',
  sql: `WITH (SELECT groupArray(hour) FROM (${unsettledHours})) AS unsettled,
          toStartOfHour({from:DateTime('UTC')}) AS shared_hour
        SELECT series, sumIf(n, now) AS n_, sumIf(missing, now) AS missing_, sumIf(invalid, now) AS invalid_,
          sumIf(n, before) AS n_before, sumIf(missing, before) AS missing_before, sumIf(invalid, before) AS invalid_before
        FROM (
          SELECT series, n, missing, invalid, version = {version:String} AND hour >= {from:DateTime('UTC')} AS now,
            hour < {from:DateTime('UTC')} AS before
          FROM feature_cell_hour FINAL
          WHERE project = {project:String} AND model = {model:String} AND segment = '' AND hour >= {from_hour:DateTime('UTC')}
            AND hour < {to_hour:DateTime('UTC')} AND hour != shared_hour AND NOT has(unsettled, hour)
          UNION ALL
          SELECT series, n, missing, invalid, version = {version:String} AND minute >= {from:DateTime('UTC')} AS now,
            minute < {from:DateTime('UTC')} AS before
          FROM feature_cell
          WHERE project = {project:String} AND model = {model:String} AND segment = '' AND series != ''
            AND minute >= {start:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
            AND (minute < {from_hour:DateTime('UTC')} OR minute >= {to_hour:DateTime('UTC')}
              OR toStartOfHour(minute) = shared_hour OR has(unsettled, toStartOfHour(minute))))
        WHERE series NOT IN ('$prediction', '$score')
        GROUP BY series
        HAVING (n_ > 0) != (n_before > 0)
          OR (2 * invalid_ > n_ + missing_ + invalid_ AND 20 * invalid_before < n_before + missing_before + invalid_before)
        ORDER BY greatest(n_, n_before, invalid_) DESC, series LIMIT 100`,
  params: modelParams.extend({
    version: z.string(),
    start: secondParam,
    from: secondParam,
    to: secondParam,
    from_hour: secondParam,
    to_hour: secondParam,
  }),
  row: z
    .object({
      series: z.string(),
      n_: integer,
      missing_: integer,
      invalid_: integer,
      n_before: integer,
      missing_before: integer,
      invalid_before: integer,
    })
    .transform((row): SeriesPresence => ({
      series: row.series,
      n: row.n_,
      missing: row.missing_,
      invalid: row.invalid_,
      nBefore: row.n_before,
      missingBefore: row.missing_before,
      invalidBefore: row.invalid_before,
    })),
});

const selectRetraining = defineQuery({
  name: 'select last retraining before a time',
  sql: `SELECT run_id, policy, status, new_version, toUnixTimestamp64Milli(requested_at) AS requested_at_ms
        FROM retraining_run FINAL
        WHERE project = {project:String} AND model = {model:String} AND requested_at >= {since:DateTime64(3, 'UTC')}
          AND requested_at < {to:DateTime64(3, 'UTC')}
        ORDER BY requested_at DESC, run_id LIMIT 1`,
  params: modelParams.extend({ since: instantParam, to: instantParam }),
  row: z
    .object({
      run_id: z.string(),
      policy: z.string(),
      status: z.string(),
      new_version: z.string(),
      requested_at_ms: millis,
    })
    .transform((row): ReportedRetraining => ({
      runId: row.run_id,
      policy: row.policy,
      status: row.status,
      newVersion: row.new_version,
      requestedAtMs: row.requested_at_ms,
    })),
});

/**
 * Reads what a report of the scope is made of. The cost is bounded by one window of one model: no raw rows are read, cells of at
 * most twenty series, and history only as far as its first row.
 */
export async function readAlertReportRows(store: Store, scope: AlertReportScope): Promise<AlertReportRows> {
  const { project, model, version, windowStartMs: from, windowEndMs: to } = scope;
  const key = { project, model };
  const since = to - RECENT_MS;
  const lengthMs = to - from;
  const found = await store.query(selectMeasurements, {
    ...key,
    version,
    from,
    to,
    monitors: scope.alerts.map(({ monitor }) => monitor),
    segments: scope.alerts.map(({ segment }) => segment),
    features: scope.alerts.map(({ feature }) => feature),
    methods: scope.alerts.map(({ method }) => method),
    limit: MAX_REPORT_FINDINGS,
  });
  const measurements = found.map(({ measurement }) => measurement);
  const [counts] = await store.query(countPredictions, {
    ...key,
    version,
    from,
    to,
    before: from - lengthMs,
    week_before: from - 7 * DAY_MS,
    week_before_end: to - 7 * DAY_MS,
  });
  const performance = await mergePerformanceCells(store, { ...key, version, segment: '', fromMs: from, toMs: to });
  const [start] = await store.query(selectVersionStart, { ...key, version, since, to });
  const versionStartMs = start !== undefined && start.cells > 0 && start.older === 0 ? start.start_ms : undefined;
  const [retraining] = await store.query(selectRetraining, { ...key, since, to });
  const wholeHours = {
    from_hour: Math.ceil((from - lengthMs) / HOUR_MS) * HOUR_MS,
    to_hour: Math.max(Math.ceil((from - lengthMs) / HOUR_MS), Math.floor(to / HOUR_MS)) * HOUR_MS,
  };
  return {
    measurements,
    measurementCount: found[0]?.measurementCount ?? 0,
    ...(await readReportedSeries(store, scope, measurements)),
    predictions: counts?.predictions ?? 0,
    failed: counts?.failed ?? 0,
    labelled: performance.labelled,
    predictionsBefore: counts?.predictions_before ?? 0,
    volume: counts?.volume ?? NO_VOLUME,
    volumeBefore: counts?.volume_before ?? NO_VOLUME,
    volumeWeekBefore: counts?.volume_week_before ?? NO_VOLUME,
    versionStartMs,
    versionsBefore:
      versionStartMs === undefined
        ? []
        : (
            await store.query(selectVersionsBefore, {
              ...key,
              version,
              since: versionStartMs - RECENT_MS,
              to: versionStartMs,
            })
          ).map((row) => row.version),
    presence: await store.query(selectPresence, { ...key, version, start: from - lengthMs, from, to, ...wholeHours }),
    retraining,
  };
}

/** Reads the references and the cells that some measurements of one version were made of: one query for each segment and time range. */
export async function readReportedSeries(
  store: Store,
  of: Pick<AlertReportScope, 'project' | 'model' | 'version'>,
  measurements: readonly ReportedMeasurement[],
): Promise<Pick<AlertReportRows, 'references' | 'cells'>> {
  return {
    references: await readReferences(store, of, measurements),
    cells: await readCells(store, of, measurements),
  };
}

async function readReferences(
  store: Store,
  { project, model }: Pick<AlertReportScope, 'project' | 'model'>,
  measurements: readonly ReportedMeasurement[],
): Promise<ReportedReference[]> {
  const ids = [...new Set(measurements.map(({ referenceId }) => referenceId).filter((id) => id !== ''))];
  if (ids.length === 0) return [];
  const heads = await store.query(selectReferences, { project, model, ids });
  const names = [...new Set(measurements.map(({ feature }) => feature))];
  const series = await store.query(selectReferenceSeries, { project, model, ids, series: names });
  const references: ReportedReference[] = [];
  for (const { reference_id: referenceId, performance } of heads) {
    const whole = series.filter((row) => row.referenceId === referenceId).map((row) => row.series);
    const segments = new Set(
      measurements.filter((each) => each.referenceId === referenceId).map((each) => each.segment),
    );
    for (const segment of segments) {
      const own =
        segment === '' ? undefined : await findReferenceSegment(store, { project, model, referenceId }, segment);
      const inSegment = own && new Map(own.map((each) => [each.series, each]));
      const counted = inSegment ? whole.map((each) => seriesInSegment(each, inSegment.get(each.series))) : whole;
      references.push({ referenceId, segment, performance, series: counted });
    }
  }
  return references;
}

/** Reads the cells once for each segment and time range that the measurements are of. */
async function readCells(
  store: Store,
  { project, model, version }: Pick<AlertReportScope, 'project' | 'model' | 'version'>,
  measurements: readonly ReportedMeasurement[],
): Promise<ReportedCells[]> {
  const ranges = new Map<string, { segment: string; dataStartMs: number; windowEndMs: number; series: Set<string> }>();
  for (const { segment, feature, dataStartMs, windowEndMs } of measurements) {
    if (feature === '') continue;
    const id = JSON.stringify([segment, dataStartMs, windowEndMs]);
    const range = ranges.get(id) ?? { segment, dataStartMs, windowEndMs, series: new Set() };
    ranges.set(id, range);
    range.series.add(feature);
  }
  const cells: ReportedCells[] = [];
  for (const { segment, dataStartMs, windowEndMs, series } of ranges.values()) {
    const scope = { project, model, version, segment, fromMs: dataStartMs, toMs: windowEndMs };
    cells.push({ segment, dataStartMs, windowEndMs, series: await mergeFeatureCells(store, scope, [...series]) });
  }
  return cells;
}
