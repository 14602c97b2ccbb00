import { driftMethods, performanceMetrics, type Severity, severitySchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { flag, float, instant, integer, millis, second } from '../row-types.js';
import type { Store } from '../store.js';

/** A model among all of its project: what a list is ordered and filtered by. */
export interface FleetModel {
  readonly model: string;
  /** "" while it is not known. */
  readonly task: string;
  /** Alerts that fire, and the severities they have. */
  readonly firing: number;
  readonly firingSeverities: readonly Severity[];
  /** When a window of it was evaluated last; 0 when none was. */
  readonly evaluatedAtMs: number;
  /** Another one after each evaluation of a window; "" when none was evaluated. */
  readonly evaluations: string;
  /** Of the newest windows of its monitors, those that are no verdict: error, no_data, no_reference. */
  readonly unjudged: readonly Severity[];
}

const selectModels = defineQuery({
  name: 'select models of the fleet',
  sql: `SELECT model, JSONExtractString(declaration, 'task') AS task FROM model FINAL WHERE project = {project:String} ORDER BY model`,
  params: z.object({ project: z.string() }),
  row: z.object({ model: z.string(), task: z.string() }),
});

const selectFiring = defineQuery({
  name: 'select firing alerts of the fleet',
  sql: `SELECT model, count() AS firing, groupUniqArray(severity_) AS severities FROM (
          SELECT model, alert_id, argMax(to_status, at) = 'inactive' AS resolved,
            toString(argMaxIf(severity, at, to_status = 'firing')) AS severity_
          FROM (SELECT *, (decided_at, window_end, revision) AS at FROM transition FINAL
            WHERE project = {project:String} AND alert_id != '')
          GROUP BY model, alert_id HAVING NOT resolved)
        GROUP BY model`,
  params: z.object({ project: z.string() }),
  row: z.object({ model: z.string(), firing: integer, severities: z.array(severitySchema) }),
});

const selectEvaluated = defineQuery({
  name: 'select last evaluations of the fleet',
  sql: `SELECT model, toUnixTimestamp64Milli(max(evaluated_at)) AS at_ms,
          toString(sum(cityHash64(monitor, window_ms, window_end, revision, evaluated_at))) AS evaluations
        FROM evaluation WHERE project = {project:String} GROUP BY model`,
  params: z.object({ project: z.string() }),
  row: z.object({ model: z.string(), at_ms: millis, evaluations: z.string() }),
});

// The inner look at the severities costs a byte a row; only windows that it finds are read as they stand, with their replacements.
// Without data is a monitor that has none of any version: one that was replaced has none for ever.
const selectUnjudged = defineQuery({
  name: 'select unjudged windows of the fleet',
  sql: `WITH newest AS (SELECT model, monitor, max(window_end) AS window_end_ FROM evaluation WHERE project = {project:String} GROUP BY model, monitor)
        SELECT model, groupUniqArrayArray(severities_) AS severities FROM (
          SELECT model, monitor, arrayFilter(
              x -> x IN ('error', 'no_reference') OR (x = 'no_data' AND countIf(severity IN ('ok', 'warning', 'critical')) = 0),
              groupUniqArray(toString(severity))) AS severities_
          FROM measurement FINAL
          PREWHERE project = {project:String} AND (model, window_end, monitor) IN (
            SELECT model, window_end, monitor FROM measurement
            PREWHERE severity IN ('error', 'no_data', 'no_reference')
            WHERE project = {project:String} AND window_end > {since:DateTime64(3, 'UTC')}
              AND (model, monitor, window_end) IN (SELECT model, monitor, window_end_ FROM newest))
          WHERE gone = 0 AND decides = 1
          GROUP BY model, monitor)
        GROUP BY model`,
  params: z.object({ project: z.string(), since: z.number().transform(instant) }),
  row: z.object({ model: z.string(), severities: z.array(severitySchema) }),
});

/** Windows of monitors that are this much older than now say nothing of today. */
const RECENT_MS = 8 * 86_400_000;

/** Returns all models of a project by name, each with what makes it better or worse than another: four queries, however many there are. */
export async function listFleet(store: Store, project: string, nowMs: number): Promise<FleetModel[]> {
  const [models, firing, evaluated, unjudged] = await Promise.all([
    store.query(selectModels, { project }),
    store.query(selectFiring, { project }),
    store.query(selectEvaluated, { project }),
    store.query(selectUnjudged, { project, since: nowMs - RECENT_MS }),
  ]);
  const firingOf = new Map(firing.map((row) => [row.model, row]));
  const evaluatedOf = new Map(evaluated.map((row) => [row.model, row]));
  const unjudgedOf = new Map(unjudged.map((row) => [row.model, row.severities]));
  return models.map(({ model, task }) => ({
    model,
    task,
    firing: firingOf.get(model)?.firing ?? 0,
    firingSeverities: firingOf.get(model)?.severities ?? [],
    evaluatedAtMs: evaluatedOf.get(model)?.at_ms ?? 0,
    evaluations: evaluatedOf.get(model)?.evaluations ?? '',
    unjudged: unjudgedOf.get(model) ?? [],
  }));
}

/** What the newest windows of a model found: the same until one of them is evaluated. */
export interface FleetDetail {
  /** Features at or beyond a bound in the newest windows, and features that are measured there. */
  readonly driftedFeatures: number;
  readonly measuredFeatures: number;
  readonly performance: readonly FleetMetric[];
}

/** A metric of the whole model over its newest windows. */
export interface FleetMetric {
  readonly metric: string;
  readonly decides: boolean;
  /** Of the newest window. */
  readonly severity: Severity;
  readonly windowEndMs: number;
  /** Of the newest windows, oldest first, of the version with the most labels in each; NaN where it is not defined. */
  readonly values: readonly number[];
}

const keyParams = z.object({ project: z.string(), models: z.array(z.string()) });

const selectTraffic = defineQuery({
  name: 'select traffic of some models',
  sql: `SELECT model, sum(sum_weight) AS predictions FROM traffic_cell
        WHERE project = {project:String} AND model IN ({models:Array(String)}) AND segment = '' AND minute >= {since:DateTime('UTC')}
        GROUP BY model`,
  params: keyParams.extend({ since: z.number().transform(second) }),
  row: z.object({ model: z.string(), predictions: float }),
});

const selectNewest = defineQuery({
  name: 'select newest windows of some models',
  sql: `SELECT model, monitor, window_ms, toUnixTimestamp64Milli(max(window_end)) AS end_ms FROM evaluation
        WHERE project = {project:String} AND model IN ({models:Array(String)}) GROUP BY model, monitor, window_ms`,
  params: keyParams,
  row: z.object({ model: z.string(), monitor: z.string(), window_ms: integer, end_ms: millis }),
});

// Both take the row in force of each series without FINAL, which would read all columns of the key of all series. Models and time narrow
// what is read, and windows are told apart afterwards: to look up hundreds of pairs of both in the primary key takes longer than to read.
const selectDrift = defineQuery({
  name: 'select drifted features of some models',
  sql: `SELECT model, uniqExactIf(feature, severity_ IN ('warning', 'critical')) AS drifted, uniqExact(feature) AS measured
        FROM (
          SELECT model, feature, argMax((toString(severity), decides, gone), evaluated_at) AS last, last.1 AS severity_
          FROM measurement
          WHERE project = {project:String} AND model IN ({models:Array(String)})
            AND window_end IN (SELECT fromUnixTimestamp64Milli(arrayJoin({ends:Array(Int64)}), 'UTC'))
            AND segment = '' AND feature != '' AND NOT startsWith(feature, '$') AND method IN ({methods:Array(String)})
          GROUP BY model, window_end, window_start, monitor, version, feature, method
          HAVING last.2 = 1 AND last.3 = 0 AND (model, monitor, toUnixTimestamp64Milli(window_end)) IN (
            SELECT arrayJoin(arrayZip({models:Array(String)}, {monitors:Array(String)}, {ends:Array(Int64)}))))
        GROUP BY model`,
  params: keyParams.extend({ monitors: z.array(z.string()), ends: z.array(z.number()), methods: z.array(z.string()) }),
  row: z.object({ model: z.string(), drifted: integer, measured: integer }),
});

const selectPerformance = defineQuery({
  name: 'select performance of some models',
  sql: `SELECT model, metric, max(decides_) AS decides, argMax(severity_, end_ms) AS newest_severity, max(end_ms) AS newest_ms,
          arraySort(groupArray((end_ms, value_))) AS points
        FROM (
          SELECT model, monitor, metric, end_ms, max(last.3) AS decides_, argMax(last.2, last.4) AS severity_, argMax(last.1, last.4) AS value_
          FROM (
            SELECT model, monitor, method AS metric, toUnixTimestamp64Milli(window_end) AS end_ms,
              argMax((value, toString(severity), decides, n_current, gone), evaluated_at) AS last
            FROM measurement
            PREWHERE feature = ''
            WHERE project = {project:String} AND model IN ({models:Array(String)})
              AND window_end >= {since:DateTime64(3, 'UTC')}
              AND segment = '' AND method IN ({methods:Array(String)})
            GROUP BY model, window_end, window_start, monitor, version, method
            HAVING last.5 = 0)
          GROUP BY model, monitor, metric, end_ms)
        GROUP BY model, monitor, metric ORDER BY model, monitor, metric`,
  params: keyParams.extend({ since: z.number().transform(instant), methods: z.array(z.string()) }),
  row: z.object({
    model: z.string(),
    metric: z.string(),
    decides: flag,
    newest_severity: severitySchema,
    newest_ms: millis,
    points: z.array(z.tuple([millis, float])),
  }),
});

/** Windows of a trend. */
const TREND_WINDOWS = 14;
/** Windows of several lengths: of more than these no trend is made. */
const MAX_LENGTHS = 3;

/** Returns how many predictions some models of a project made since an instant, sampled ones scaled up: none of those that are absent. */
export async function countPredictions(
  store: Store,
  project: string,
  models: readonly string[],
  sinceMs: number,
): Promise<ReadonlyMap<string, number>> {
  if (models.length === 0) return new Map();
  const rows = await store.query(selectTraffic, { project, models: [...models], since: sinceMs });
  return new Map(rows.map((row) => [row.model, row.predictions]));
}

/** Returns what the newest windows of some models of a project found, by name: three queries, and one more for each other length of windows. */
export async function readFleetDetails(
  store: Store,
  project: string,
  models: readonly string[],
): Promise<ReadonlyMap<string, FleetDetail>> {
  const newest = models.length === 0 ? [] : await store.query(selectNewest, { project, models: [...models] });
  const none: FleetDetail = { driftedFeatures: 0, measuredFeatures: 0, performance: [] };
  if (newest.length === 0) return new Map(models.map((model) => [model, none]));
  const trend = trendWindows(newest);
  const [drift, ...performance] = await Promise.all([
    store.query(selectDrift, {
      project,
      models: newest.map(({ model }) => model),
      monitors: newest.map(({ monitor }) => monitor),
      ends: newest.map(({ end_ms }) => end_ms),
      methods: [...driftMethods],
    }),
    // Apart by length: fourteen windows of a month are a year, which is not to be read of models with windows of an hour.
    ...[...trend.byLength.values()].map(({ models: alike, sinceMs }) =>
      store.query(selectPerformance, { project, models: alike, since: sinceMs, methods: [...performanceMetrics] }),
    ),
  ]);
  const driftOf = new Map(drift.map((row) => [row.model, row]));
  const performanceOf = new Map<string, FleetMetric[]>();
  for (const row of performance.flat()) {
    const metrics = performanceOf.get(row.model) ?? [];
    metrics.push({
      metric: row.metric,
      decides: row.decides,
      severity: row.newest_severity,
      windowEndMs: row.newest_ms,
      values: row.points.filter(([endMs]) => trend.windows.has(windowKey(row.model, endMs))).map(([, value]) => value),
    });
    performanceOf.set(row.model, metrics);
  }
  return new Map(
    models.map((model): [string, FleetDetail] => [
      model,
      {
        driftedFeatures: driftOf.get(model)?.drifted ?? 0,
        measuredFeatures: driftOf.get(model)?.measured ?? 0,
        performance: performanceOf.get(model) ?? [],
      },
    ]),
  );
}

interface Trend {
  /** The windows that it is made of, by `windowKey`. */
  readonly windows: ReadonlySet<string>;
  /** Models by the length of their longest windows, and where the earliest of these ends. */
  readonly byLength: ReadonlyMap<number, { readonly models: string[]; readonly sinceMs: number }>;
}

/** Returns what a trend is made of: for each model and each length of its windows, the newest ones. */
function trendWindows(
  newest: readonly { readonly model: string; readonly window_ms: number; readonly end_ms: number }[],
): Trend {
  const lengthsOf = new Map<string, Map<number, number>>();
  for (const { model, window_ms: windowMs, end_ms: endMs } of newest) {
    const ends = lengthsOf.get(model) ?? new Map<number, number>();
    lengthsOf.set(model, ends);
    if (ends.has(windowMs) || ends.size < MAX_LENGTHS) ends.set(windowMs, Math.max(endMs, ends.get(windowMs) ?? 0));
  }
  const windows = new Set<string>();
  const byLength = new Map<number, { models: string[]; sinceMs: number }>();
  for (const [model, ends] of lengthsOf) {
    let sinceMs = Infinity;
    for (const [windowMs, newestEndMs] of ends) {
      for (let index = 0; index < TREND_WINDOWS; index++) {
        const endMs = newestEndMs - index * windowMs;
        windows.add(windowKey(model, endMs));
        sinceMs = Math.min(sinceMs, endMs);
      }
    }
    const longest = Math.max(...ends.keys());
    const alike = byLength.get(longest) ?? { models: [], sinceMs };
    alike.models.push(model);
    alike.sinceMs = Math.min(alike.sinceMs, sinceMs);
    byLength.set(longest, alike);
  }
  return { windows, byLength };
}

function windowKey(model: string, endMs: number): string {
  return `${model} ${endMs}`;
}
