import { type Measurement, severitySchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { flag, float, instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';

/** As they are stored, in both tables. */
const storedColumns = `project, model, monitor, version, segment, feature, method, window_start, window_end, data_start, revision, value,
  effect, error_bound, p_value, adjusted_p_value, alpha, n_reference, n_current, n_missing, threshold_warning, threshold_critical,
  lower, upper, label_coverage, label_lag_p50_ms, label_lag_p95_ms, final_from, reference_id, severity, decides, reason, evaluated_at`;

const columns = `project, model, monitor, version, segment, feature, method,
  toUnixTimestamp64Milli(window_start) AS window_start_ms, toUnixTimestamp64Milli(window_end) AS window_end_ms,
  toUnixTimestamp64Milli(data_start) AS data_start_ms, revision, value, effect, error_bound, p_value, adjusted_p_value, alpha,
  n_reference, n_current, n_missing, threshold_warning, threshold_critical, lower, upper, label_coverage,
  label_lag_p50_ms, label_lag_p95_ms, toUnixTimestamp64Milli(final_from) AS final_from_ms, reference_id, severity, decides, reason,
  toUnixTimestamp64Milli(evaluated_at) AS evaluated_at_ms`;

const columnsRow = z.object({
  project: z.string(),
  model: z.string(),
  monitor: z.string(),
  version: z.string(),
  segment: z.string(),
  feature: z.string(),
  method: z.string(),
  window_start_ms: millis,
  window_end_ms: millis,
  data_start_ms: millis,
  revision: integer,
  value: float,
  effect: float,
  error_bound: float,
  p_value: float,
  adjusted_p_value: float,
  alpha: float,
  n_reference: integer,
  n_current: integer,
  n_missing: integer,
  threshold_warning: float,
  threshold_critical: float,
  lower: float,
  upper: float,
  label_coverage: float,
  label_lag_p50_ms: float,
  label_lag_p95_ms: float,
  final_from_ms: millis,
  reference_id: z.string(),
  severity: severitySchema,
  decides: flag,
  reason: z.string(),
  evaluated_at_ms: millis,
});

function measurementOf(values: z.output<typeof columnsRow>): Measurement {
  return {
    project: values.project,
    model: values.model,
    monitor: values.monitor,
    version: values.version,
    segment: values.segment,
    feature: values.feature,
    method: values.method,
    windowStartMs: values.window_start_ms,
    windowEndMs: values.window_end_ms,
    dataStartMs: values.data_start_ms,
    revision: values.revision,
    value: values.value,
    effect: values.effect,
    errorBound: values.error_bound,
    pValue: values.p_value,
    adjustedPValue: values.adjusted_p_value,
    alpha: values.alpha,
    nReference: values.n_reference,
    nCurrent: values.n_current,
    nMissing: values.n_missing,
    thresholdWarning: values.threshold_warning,
    thresholdCritical: values.threshold_critical,
    lower: values.lower,
    upper: values.upper,
    coverage: values.label_coverage,
    lagP50Ms: values.label_lag_p50_ms,
    lagP95Ms: values.label_lag_p95_ms,
    finalFromMs: values.final_from_ms,
    referenceId: values.reference_id,
    severity: values.severity,
    decides: values.decides,
    reason: values.reason,
    evaluatedAtMs: values.evaluated_at_ms,
  };
}

/** A row as it stands in a window. */
export interface StoredMeasurement extends Measurement {
  /** The newest revision of the window does not find the series any more: this is what was found last. */
  readonly gone: boolean;
}

/** A row as a list tells it. */
export interface ListedMeasurement extends Measurement {
  /** When a later revision of the window replaced it; undefined while it is in force. */
  readonly supersededAtMs: number | undefined;
}

/**
 * Writes measurements; one of the same series and window replaces the earlier one.
 * @param identity of the batch, as in "project/model/monitor:first-last:evaluated at"
 * @param gone of series that the windows had and do not have any more: they leave the list
 */
export async function insertMeasurements(
  store: Store,
  measurements: readonly Measurement[],
  identity: string,
  gone: readonly Measurement[] = [],
): Promise<void> {
  const rows = [
    ...measurements.map((measurement) => ({ ...rowOf(measurement), gone: 0 })),
    ...gone.map((measurement) => ({ ...rowOf(measurement), gone: 1 })),
  ];
  await store.insert('measurement', rows, `measurement:${identity}`);
}

/**
 * Keeps measurements that are about to be replaced by a later revision of their window. To be called before they are; called twice
 * it keeps them once.
 */
export async function keepRevisions(
  store: Store,
  measurements: readonly Measurement[],
  supersededAtMs: number,
  identity: string,
): Promise<void> {
  const superseded_at = instant(supersededAtMs);
  const rows = measurements.map((measurement) => ({ ...rowOf(measurement), superseded_at }));
  await store.insert('measurement_revision', rows, `measurement_revision:${identity}`);
}

function rowOf(measurement: Measurement) {
  return {
    project: measurement.project,
    model: measurement.model,
    monitor: measurement.monitor,
    version: measurement.version,
    segment: measurement.segment,
    feature: measurement.feature,
    method: measurement.method,
    window_start: instant(measurement.windowStartMs),
    window_end: instant(measurement.windowEndMs),
    data_start: instant(measurement.dataStartMs),
    revision: measurement.revision,
    value: measurement.value,
    effect: measurement.effect,
    error_bound: measurement.errorBound,
    p_value: measurement.pValue,
    adjusted_p_value: measurement.adjustedPValue,
    alpha: measurement.alpha,
    n_reference: measurement.nReference,
    n_current: measurement.nCurrent,
    n_missing: measurement.nMissing,
    threshold_warning: measurement.thresholdWarning,
    threshold_critical: measurement.thresholdCritical,
    lower: measurement.lower,
    upper: measurement.upper,
    label_coverage: measurement.coverage,
    label_lag_p50_ms: measurement.lagP50Ms,
    label_lag_p95_ms: measurement.lagP95Ms,
    final_from: instant(measurement.finalFromMs),
    reference_id: measurement.referenceId,
    severity: measurement.severity,
    decides: measurement.decides ? 1 : 0,
    reason: measurement.reason,
    evaluated_at: instant(measurement.evaluatedAtMs),
  };
}

/** Where a measurement stands in a list. */
export type MeasurementPosition = Pick<
  Measurement,
  'windowEndMs' | 'windowStartMs' | 'monitor' | 'version' | 'segment' | 'feature' | 'method' | 'revision'
>;

export interface MeasurementFilter {
  readonly project: string;
  readonly model: string;
  readonly monitor?: string | undefined;
  readonly version?: string | undefined;
  /** "" for all events. */
  readonly segment?: string | undefined;
  readonly feature?: string | undefined;
  readonly method?: string | undefined;
  readonly severity?: string | undefined;
  /** `all`: those too that a later revision of their window replaced; only those in force when absent. */
  readonly revisions?: 'current' | 'all' | undefined;
  /** Windows that end after `fromMs` and not after `toMs`. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** The last measurement of the page before. */
  readonly before?: MeasurementPosition | undefined;
  readonly limit: number;
}

/** Beyond every instant the engine can hold. */
const FOREVER_MS = Date.UTC(2200, 0, 1);

const inRange = `project = {project:String} AND model = {model:String}
          AND window_end > {from:DateTime64(3, 'UTC')} AND window_end <= {to:DateTime64(3, 'UTC')}`;

const inForce = `SELECT ${storedColumns}, toDateTime64(0, 3, 'UTC') AS superseded_at FROM measurement FINAL WHERE ${inRange} AND gone = 0`;

// A stop between the keeping of a row and its replacement leaves it in both tables: it is in force then.
const ofAllRevisions = `SELECT * FROM (${inForce} UNION ALL SELECT ${storedColumns}, superseded_at FROM measurement_revision FINAL WHERE ${inRange})
          ORDER BY superseded_at LIMIT 1 BY window_end, window_start, monitor, version, segment, feature, method, revision`;

const selectFrom = (name: string, source: string) =>
  defineQuery({
    name,
    sql: `SELECT ${columns}, toUnixTimestamp64Milli(superseded_at) AS superseded_at_ms FROM (${source})
        WHERE ({monitor:Nullable(String)} IS NULL OR monitor = {monitor:Nullable(String)})
          AND ({version:Nullable(String)} IS NULL OR version = {version:Nullable(String)})
          AND ({segment:Nullable(String)} IS NULL OR segment = {segment:Nullable(String)})
          AND ({feature:Nullable(String)} IS NULL OR feature = {feature:Nullable(String)})
          AND ({method:Nullable(String)} IS NULL OR method = {method:Nullable(String)})
          AND ({severity:Nullable(String)} IS NULL OR severity = {severity:Nullable(String)})
          AND ({paging:Bool} = false OR window_end < {to:DateTime64(3, 'UTC')}
            OR (window_start, monitor, version, segment, feature, method) > ({after_start:DateTime64(3, 'UTC')},
              {after_monitor:String}, {after_version:String}, {after_segment:String}, {after_feature:String}, {after_method:String})
            OR ((window_start, monitor, version, segment, feature, method) = ({after_start:DateTime64(3, 'UTC')},
              {after_monitor:String}, {after_version:String}, {after_segment:String}, {after_feature:String}, {after_method:String})
              AND revision < {after_revision:UInt32}))
        ORDER BY window_end DESC, window_start, monitor, version, segment, feature, method, revision DESC LIMIT {limit:UInt32}`,
    params: z.object({
      project: z.string(),
      model: z.string(),
      from: z.number().transform(instant),
      to: z.number().transform(instant),
      monitor: z.string().nullable(),
      version: z.string().nullable(),
      segment: z.string().nullable(),
      feature: z.string().nullable(),
      method: z.string().nullable(),
      severity: z.string().nullable(),
      paging: z.boolean(),
      after_start: z.number().transform(instant),
      after_monitor: z.string(),
      after_version: z.string(),
      after_segment: z.string(),
      after_feature: z.string(),
      after_method: z.string(),
      after_revision: z.number(),
      limit: z.number(),
    }),
    row: columnsRow.extend({ superseded_at_ms: millis }).transform((values): ListedMeasurement => ({
      ...measurementOf(values),
      supersededAtMs: values.superseded_at_ms || undefined,
    })),
  });
const selectCurrent = selectFrom('select measurements', inForce);
const selectAll = selectFrom('select measurements of all revisions', ofAllRevisions);

/** Returns measurements of a model: newest window first, within a window by its length, monitor and series, the newest revision first. */
export async function listMeasurements(store: Store, filter: MeasurementFilter): Promise<ListedMeasurement[]> {
  const { before } = filter;
  return store.query(filter.revisions === 'all' ? selectAll : selectCurrent, {
    project: filter.project,
    model: filter.model,
    from: filter.fromMs ?? 0,
    to: before?.windowEndMs ?? filter.toMs ?? FOREVER_MS,
    monitor: filter.monitor ?? null,
    version: filter.version ?? null,
    segment: filter.segment ?? null,
    feature: filter.feature ?? null,
    method: filter.method ?? null,
    severity: filter.severity ?? null,
    paging: before !== undefined,
    after_start: before?.windowStartMs ?? 0,
    after_monitor: before?.monitor ?? '',
    after_version: before?.version ?? '',
    after_segment: before?.segment ?? '',
    after_feature: before?.feature ?? '',
    after_method: before?.method ?? '',
    after_revision: before?.revision ?? 0,
    limit: filter.limit,
  });
}

const selectChain = defineQuery({
  name: 'select measurements of a monitor',
  sql: `SELECT ${columns}, gone FROM measurement FINAL
        WHERE project = {project:String} AND model = {model:String} AND monitor = {monitor:String}
          AND window_end >= {first:DateTime64(3, 'UTC')} AND window_end <= {last:DateTime64(3, 'UTC')}
          AND dateDiff('millisecond', window_start, window_end) = {window_ms:UInt64}
        ORDER BY window_end, version, segment, feature, method`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    monitor: z.string(),
    window_ms: z.number(),
    first: z.number().transform(instant),
    last: z.number().transform(instant),
  }),
  row: columnsRow.extend({ gone: flag }).transform((values): StoredMeasurement => ({
    ...measurementOf(values),
    gone: values.gone,
  })),
});

/** Windows of one length of one monitor. */
export interface Chain {
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly windowMs: number;
}

/** Returns the rows of the chain's windows that end from `firstEndMs` to `lastEndMs`, oldest first. */
export async function listChainMeasurements(
  store: Store,
  { project, model, monitor, windowMs }: Chain,
  firstEndMs: number,
  lastEndMs: number,
): Promise<StoredMeasurement[]> {
  return store.query(selectChain, {
    project,
    model,
    monitor,
    window_ms: windowMs,
    first: firstEndMs,
    last: lastEndMs,
  });
}
