import {
  type AlertStatus,
  alertStatusSchema,
  isNotifiable,
  type Series,
  type Severity,
  severitySchema,
  type Transition,
} from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { flag, float, instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';
import type { ModelKey } from './model-key.js';

/** 2^52: precedence falls with time from here, so that the first row of an id wins. */
const PRECEDENCE = 4_503_599_627_370_496;

/** Appends transitions; one that is there already stays as it is. */
export async function insertTransitions(
  store: Store,
  transitions: readonly Transition[],
  identity: string,
): Promise<void> {
  await store.insert(
    'transition',
    transitions.map((transition) => ({
      project: transition.project,
      model: transition.model,
      monitor: transition.monitor,
      transition_id: transition.transitionId,
      alert_id: transition.alertId,
      version: transition.version,
      segment: transition.segment,
      feature: transition.feature,
      method: transition.method,
      window_start: instant(transition.windowStartMs),
      window_end: instant(transition.windowEndMs),
      revision: transition.revision,
      from_status: transition.from,
      to_status: transition.to,
      severity: transition.severity,
      severity_before: transition.severityBefore,
      value: transition.value,
      threshold: transition.threshold,
      n_current: transition.nCurrent,
      p_value: transition.pValue,
      reason: transition.reason,
      resolved_by: transition.resolvedBy,
      notifiable: isNotifiable(transition) ? 1 : 0,
      decided_at: instant(transition.decidedAtMs),
      precedence: PRECEDENCE - transition.decidedAtMs,
    })),
    `transition:${identity}`,
  );
}

/** Columns of a transition, for queries that join the table with others. */
export const transitionColumns = `project, model, monitor, transition_id, alert_id, version, segment, feature, method,
  toUnixTimestamp64Milli(window_start) AS window_start_ms, toUnixTimestamp64Milli(window_end) AS window_end_ms, revision,
  from_status, to_status, severity, severity_before, value, threshold, n_current, p_value, reason, resolved_by,
  toUnixTimestamp64Milli(decided_at) AS decided_at_ms`;

/** Schema of `transitionColumns`. */
export const transitionRow = z.object({
  project: z.string(),
  model: z.string(),
  monitor: z.string(),
  transition_id: z.string(),
  alert_id: z.string(),
  version: z.string(),
  segment: z.string(),
  feature: z.string(),
  method: z.string(),
  window_start_ms: millis,
  window_end_ms: millis,
  revision: integer,
  from_status: alertStatusSchema,
  to_status: alertStatusSchema,
  severity: severitySchema,
  severity_before: severitySchema,
  value: float,
  threshold: float,
  n_current: integer,
  p_value: float,
  reason: z.string(),
  resolved_by: z.string(),
  decided_at_ms: millis,
});

export function transitionOfRow(row: z.output<typeof transitionRow>): Transition {
  return {
    transitionId: row.transition_id,
    project: row.project,
    model: row.model,
    monitor: row.monitor,
    alertId: row.alert_id,
    version: row.version,
    segment: row.segment,
    feature: row.feature,
    method: row.method,
    windowStartMs: row.window_start_ms,
    windowEndMs: row.window_end_ms,
    revision: row.revision,
    from: row.from_status,
    to: row.to_status,
    severity: row.severity,
    severityBefore: row.severity_before,
    value: row.value,
    threshold: row.threshold,
    nCurrent: row.n_current,
    pValue: row.p_value,
    reason: row.reason,
    resolvedBy: row.resolved_by,
    decidedAtMs: row.decided_at_ms,
  };
}

const selectTransitions = defineQuery({
  name: 'select transitions',
  sql: `SELECT ${transitionColumns} FROM transition FINAL
        WHERE project = {project:String} AND model = {model:String}
          AND ({alert_id:String} = '' OR alert_id = {alert_id:String})
        ORDER BY decided_at, window_end, transition_id LIMIT {limit:UInt32}`,
  params: z.object({ project: z.string(), model: z.string(), alert_id: z.string(), limit: z.number() }),
  row: transitionRow.transform(transitionOfRow),
});

/** Returns the history of a model's alerts, or of one alert, in the order of the decisions. */
export async function listTransitions(
  store: Store,
  filter: {
    readonly project: string;
    readonly model: string;
    readonly alertId?: string | undefined;
    readonly limit: number;
  },
): Promise<Transition[]> {
  const { project, model, alertId, limit } = filter;
  return store.query(selectTransitions, { project, model, alert_id: alertId ?? '', limit });
}

/** One episode, from firing to resolved. */
export interface Alert {
  readonly alertId: string;
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly monitor: string;
  readonly segment: string;
  readonly feature: string;
  readonly method: string;
  readonly status: 'firing' | 'resolved';
  /** As it last was while firing; so are value and threshold. */
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  /** Why it fires, or why it was resolved. */
  readonly reason: string;
  /** Why it fired, as it last did. */
  readonly firedBecause: string;
  /** End of the window in which it fired. */
  readonly firedAtMs: number;
  /** End of the window in which it was resolved, or of the last before that was done by hand; undefined while it fires. */
  readonly resolvedAtMs: number | undefined;
  /** Who resolved it by hand; "" when a window did, or while it fires. */
  readonly resolvedBy: string;
}

export interface AlertFilter {
  readonly project: string;
  readonly model?: string | undefined;
  readonly monitor?: string | undefined;
  readonly alertId?: string | undefined;
  readonly status?: 'firing' | 'resolved' | undefined;
  readonly severity?: Severity | undefined;
  /** Alerts that fired after `fromMs` and not after `toMs`. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** The last alert of the page before. */
  readonly before?: Pick<Alert, 'firedAtMs' | 'alertId'> | undefined;
  /** Critical ones before others, whenever they fired: for the first page alone. */
  readonly worstFirst?: boolean;
  readonly limit: number;
}

const FOREVER_MS = Date.UTC(2200, 0, 1);

// The last word on an alert is the last decision; of one evaluation that decided several windows, the latest window.
const selectAlerts = defineQuery({
  name: 'select alerts',
  sql: `SELECT alert_id, project, model, any(monitor) AS monitor_, any(version) AS version_, any(segment) AS segment_,
          any(feature) AS feature_, any(method) AS method_,
          argMax(to_status, at) = 'inactive' AS resolved, argMaxIf(severity, at, to_status = 'firing') AS severity_,
          argMaxIf(value, at, to_status = 'firing') AS value_, argMaxIf(threshold, at, to_status = 'firing') AS threshold_,
          argMaxIf(reason, at, to_status = 'firing') AS fired_because, if(resolved, argMax(reason, at), fired_because) AS reason_,
          min(window_end) AS fired_at, toUnixTimestamp64Milli(fired_at) AS fired_at_ms,
          toUnixTimestamp64Milli(argMax(window_end, at)) AS last_ms,
          if(resolved, argMax(resolved_by, at), '') AS resolved_by_
        FROM (SELECT *, (decided_at, window_end, revision) AS at FROM transition FINAL
          WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String}) AND alert_id != ''
            AND ({monitor:String} = '' OR monitor = {monitor:String})
            AND ({alert_id:String} = '' OR alert_id = {alert_id:String}))
        GROUP BY project, model, alert_id
        HAVING ({status:String} = '' OR resolved = ({status:String} = 'resolved'))
          AND ({severity:String} = '' OR severity_ = {severity:String})
          AND fired_at > {from:DateTime64(3, 'UTC')} AND fired_at <= {to:DateTime64(3, 'UTC')}
          AND (fired_at < {before:DateTime64(3, 'UTC')} OR (fired_at = {before:DateTime64(3, 'UTC')} AND alert_id > {after_id:String}))
        ORDER BY {worst_first:Bool} AND severity_ = 'critical' DESC, {worst_first:Bool} AND severity_ = 'warning' DESC, fired_at DESC, alert_id
        LIMIT {limit:UInt32}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    monitor: z.string(),
    alert_id: z.string(),
    status: z.string(),
    severity: z.string(),
    worst_first: z.boolean(),
    from: z.number().transform(instant),
    to: z.number().transform(instant),
    before: z.number().transform(instant),
    after_id: z.string(),
    limit: z.number(),
  }),
  row: z
    .object({
      alert_id: z.string(),
      project: z.string(),
      model: z.string(),
      monitor_: z.string(),
      version_: z.string(),
      segment_: z.string(),
      feature_: z.string(),
      method_: z.string(),
      resolved: z.union([z.boolean(), z.number()]).transform(Boolean),
      severity_: severitySchema,
      value_: float,
      threshold_: float,
      reason_: z.string(),
      fired_because: z.string(),
      fired_at_ms: millis,
      last_ms: millis,
      resolved_by_: z.string(),
    })
    .transform((values): Alert => ({
      alertId: values.alert_id,
      project: values.project,
      model: values.model,
      version: values.version_,
      monitor: values.monitor_,
      segment: values.segment_,
      feature: values.feature_,
      method: values.method_,
      status: values.resolved ? 'resolved' : 'firing',
      severity: values.severity_,
      value: values.value_,
      threshold: values.threshold_,
      reason: values.reason_,
      firedBecause: values.fired_because,
      firedAtMs: values.fired_at_ms,
      resolvedAtMs: values.resolved ? values.last_ms : undefined,
      resolvedBy: values.resolved_by_,
    })),
});

/** Returns alerts, those that fired last first where not asked otherwise. */
export async function listAlerts(store: Store, filter: AlertFilter): Promise<Alert[]> {
  return store.query(selectAlerts, {
    project: filter.project,
    model: filter.model ?? '',
    monitor: filter.monitor ?? '',
    alert_id: filter.alertId ?? '',
    status: filter.status ?? '',
    severity: filter.severity ?? '',
    worst_first: filter.worstFirst ?? false,
    from: filter.fromMs ?? 0,
    to: filter.toMs ?? FOREVER_MS,
    before: filter.before?.firedAtMs ?? FOREVER_MS,
    after_id: filter.before?.alertId ?? '',
    limit: filter.limit,
  });
}

const selectOpenEpisodes = defineQuery({
  name: 'select open alerts',
  sql: `SELECT project, model, alert_id, any(monitor) AS monitor_, any(version) AS version_, any(segment) AS segment_,
          any(feature) AS feature_, any(method) AS method_, argMax(transition_id, at) AS transition_id_,
          argMax(to_status, at) AS status, argMax(severity, at) AS severity_, argMax(revision, at) AS revision_, argMax(threshold, at) AS threshold_,
          toUnixTimestamp64Milli(argMax(window_start, at)) AS window_start_ms,
          toUnixTimestamp64Milli(argMax(window_end, at)) AS window_end_ms,
          toUnixTimestamp64Milli(max(decided_at)) AS decided_at_ms, countIf(resolved_by != '') > 0 AS ended_by_hand
        FROM (SELECT *, (decided_at, window_end, revision) AS at FROM transition FINAL
          WHERE ({model:String} = '' OR (project = {project:String} AND model = {model:String})) AND alert_id != '')
        GROUP BY project, model, alert_id HAVING status != 'inactive' ORDER BY project, model, alert_id`,
  params: z.object({ project: z.string(), model: z.string() }),
  row: z.object({
    project: z.string(),
    model: z.string(),
    alert_id: z.string(),
    monitor_: z.string(),
    version_: z.string(),
    segment_: z.string(),
    feature_: z.string(),
    method_: z.string(),
    transition_id_: z.string(),
    status: alertStatusSchema,
    severity_: severitySchema,
    revision_: integer,
    threshold_: float,
    window_start_ms: millis,
    window_end_ms: millis,
    decided_at_ms: millis,
    ended_by_hand: flag,
  }),
});

/** An alert that is open, and the transition that told of it last. */
export interface OpenAlertRow extends Series {
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly alertId: string;
  readonly windowMs: number;
  readonly windowEndMs: number;
  readonly transitionId: string;
  readonly status: AlertStatus;
  readonly severity: Severity;
  readonly revision: number;
  readonly threshold: number;
  readonly decidedAtMs: number;
  /** Whether somebody had ended it by hand, and who did not know of that opened it once more. */
  readonly endedByHand: boolean;
}

/** Returns the open alerts of a model, or of all models when none is named. */
export async function listOpenAlerts(store: Store, model?: ModelKey): Promise<OpenAlertRow[]> {
  const rows = await store.query(selectOpenEpisodes, model ?? { project: '', model: '' });
  return rows.map((row) => ({
    project: row.project,
    model: row.model,
    monitor: row.monitor_,
    alertId: row.alert_id,
    version: row.version_,
    segment: row.segment_,
    feature: row.feature_,
    method: row.method_,
    windowMs: row.window_end_ms - row.window_start_ms,
    windowEndMs: row.window_end_ms,
    transitionId: row.transition_id_,
    status: row.status,
    severity: row.severity_,
    revision: row.revision_,
    threshold: row.threshold_,
    decidedAtMs: row.decided_at_ms,
    endedByHand: row.ended_by_hand,
  }));
}

/** That somebody ended an alert by hand, and after which window of its series. */
export interface HandEndingRow extends Series {
  readonly monitor: string;
  readonly windowMs: number;
  readonly alertId: string;
  readonly windowEndMs: number;
}

const selectHandEndings = defineQuery({
  name: 'select alerts ended by hand',
  sql: `SELECT monitor, version, segment, feature, method, alert_id, toUnixTimestamp64Milli(window_end) AS window_end_ms,
          window_end_ms - toUnixTimestamp64Milli(window_start) AS window_ms
        FROM transition FINAL
        WHERE project = {project:String} AND model = {model:String} AND resolved_by != '' ORDER BY window_end, transition_id`,
  params: z.object({ project: z.string(), model: z.string() }),
  row: z.object({
    monitor: z.string(),
    version: z.string(),
    segment: z.string(),
    feature: z.string(),
    method: z.string(),
    alert_id: z.string(),
    window_end_ms: millis,
    window_ms: millis,
  }),
});

/** Returns which alerts of a model were ended by hand, whatever was decided on them later. */
export async function listHandEndings(store: Store, { project, model }: ModelKey): Promise<HandEndingRow[]> {
  const rows = await store.query(selectHandEndings, { project, model });
  return rows.map(({ alert_id: alertId, window_end_ms: windowEndMs, window_ms: windowMs, ...series }) => ({
    ...series,
    alertId,
    windowEndMs,
    windowMs,
  }));
}
