import { type AlertStatus, alertStatusSchema, type Series, type Severity, severitySchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, flag, instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';

/**
 * What is read to find out who is to be told of what. A key without a model stands for the groups of a project that name no model:
 * they are made of the alerts of all its models, and their messages are kept under that key.
 */
export type OutboxKey = ModelKey;

/** A change of an alert that somebody is to be told of. */
export interface OutboxTransition {
  readonly transitionId: string;
  readonly decidedAtMs: number;
}

/** An alert as it stands, and the changes by which it came to that. */
export interface OutboxAlert extends Series, ModelKey {
  readonly alertId: string;
  readonly monitor: string;
  readonly status: 'firing' | 'resolved';
  /** As it last was while firing; so are the value and what belongs to it. */
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  readonly pValue: number;
  readonly nCurrent: number;
  /** Why it fires, or why it was resolved. */
  readonly reason: string;
  /** End of the window in which it fired first. */
  readonly firedAtMs: number;
  readonly resolvedAtMs: number | undefined;
  /** The window that made it fire as it last did. */
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** In the order of the decisions, never empty. */
  readonly transitions: readonly OutboxTransition[];
}

/** Parameters that name keys, and the projects of those without a model. */
const keyParams = modelKeyParams.extend({ whole_projects: z.array(z.string()) });

function bindKeys(keys: readonly OutboxKey[]): z.input<typeof keyParams> {
  const whole = keys.filter(({ model }) => model === '').map(({ project }) => project);
  return { ...bindModelKeys(keys), whole_projects: whole };
}

const selectAlerts = defineQuery({
  name: 'select alerts to tell of',
  sql: `SELECT project, model, alert_id, any(monitor) AS monitor_, any(version) AS version_, any(segment) AS segment_,
          any(feature) AS feature_, any(method) AS method_, argMax(to_status, at) AS status_,
          argMaxIf(severity, at, fires) AS severity_, argMaxIf(value, at, fires) AS value_,
          argMaxIf(threshold, at, fires) AS threshold_, argMaxIf(p_value, at, fires) AS p_value_,
          argMaxIf(n_current, at, fires) AS n_current_, argMax(reason, at) AS reason_,
          toUnixTimestamp64Milli(minIf(window_end, fires)) AS fired_at_ms,
          toUnixTimestamp64Milli(argMax(window_end, at)) AS last_ms,
          toUnixTimestamp64Milli(argMaxIf(window_start, at, fires)) AS window_start_ms,
          toUnixTimestamp64Milli(argMaxIf(window_end, at, fires)) AS window_end_ms,
          arraySort(groupArray((at, transition_id))) AS history,
          arrayMap(entry -> entry.2, history) AS transition_ids,
          arrayMap(entry -> toUnixTimestamp64Milli(entry.1.1), history) AS decided_ms
        FROM (SELECT *, (decided_at, window_end, revision) AS at, to_status != 'inactive' AS fires FROM transition FINAL
          WHERE ((project, model) IN (${MODEL_KEYS}) OR project IN {whole_projects:Array(String)}) AND notifiable = 1)
        GROUP BY project, model, alert_id
        HAVING status_ != 'inactive' OR max(decided_at) >= {since:DateTime64(3, 'UTC')} OR alert_id IN {alert_ids:Array(String)}
        ORDER BY project, model, alert_id`,
  params: keyParams.extend({ since: z.number().transform(instant), alert_ids: z.array(z.string()) }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      alert_id: z.string(),
      monitor_: z.string(),
      version_: z.string(),
      segment_: z.string(),
      feature_: z.string(),
      method_: z.string(),
      status_: alertStatusSchema,
      severity_: severitySchema.or(z.literal('')),
      value_: float,
      threshold_: float,
      p_value_: float,
      n_current_: integer,
      reason_: z.string(),
      fired_at_ms: millis,
      last_ms: millis,
      window_start_ms: millis,
      window_end_ms: millis,
      transition_ids: z.array(z.string()),
      decided_ms: z.array(millis),
    })
    .transform((values): OutboxAlert => ({
      project: values.project,
      model: values.model,
      alertId: values.alert_id,
      monitor: values.monitor_,
      version: values.version_,
      segment: values.segment_,
      feature: values.feature_,
      method: values.method_,
      status: isOver(values.status_) ? 'resolved' : 'firing',
      severity: values.severity_ || 'ok',
      value: values.value_,
      threshold: values.threshold_,
      pValue: values.p_value_,
      nCurrent: values.n_current_,
      reason: values.reason_,
      firedAtMs: values.fired_at_ms || values.last_ms,
      resolvedAtMs: isOver(values.status_) ? values.last_ms : undefined,
      windowStartMs: values.window_start_ms || values.last_ms,
      windowEndMs: values.window_end_ms || values.last_ms,
      transitions: values.transition_ids.map((transitionId, i) => ({
        transitionId,
        decidedAtMs: values.decided_ms[i]!,
      })),
    })),
});

function isOver(status: AlertStatus): boolean {
  return status === 'inactive';
}

/**
 * Returns the alerts of some keys that fire, those that changed since an instant, and those named.
 * @param alertIds alerts that a receiver was told of, and not yet that they are over
 */
export async function listOutboxAlerts(
  store: Store,
  keys: readonly OutboxKey[],
  sinceMs: number,
  alertIds: readonly string[],
): Promise<OutboxAlert[]> {
  return store.query(selectAlerts, { ...bindKeys(keys), since: sinceMs, alert_ids: [...alertIds] });
}

/** The last message of a group, and what became of it. */
export interface LastNotification extends OutboxKey {
  readonly receiver: string;
  readonly route: string;
  readonly groupKey: string;
  readonly notificationId: string;
  readonly incidentId: string;
  readonly position: number;
  readonly sequence: number;
  readonly createdAtMs: number;
  /** JSON, as it was written. */
  readonly told: string;
  readonly attempts: number;
  /** When it is to be sent again, its creation where it was never tried; undefined when it is delivered or given up. */
  readonly nextAttemptAtMs: number | undefined;
  readonly delivered:
    { readonly firstAtMs: number; readonly lastAtMs: number; readonly repetitions: number } | undefined;
}

// Of two that were made at the same position, by two processes, the one that says more is the last.
const selectLast = defineQuery({
  name: 'select last notifications',
  sql: `SELECT n.project AS project, n.model AS model, receiver, route, group_key, notification_id, incident_id, position, sequence,
          toUnixTimestamp64Milli(created_at) AS created_at_ms, told, attempts,
          toUnixTimestamp64Milli(next_at) AS next_at_ms, deliveries, toUnixTimestamp64Milli(first_at) AS first_at_ms,
          toUnixTimestamp64Milli(last_at) AS last_at_ms, first_attempt
        FROM (
          SELECT project, model, receiver, route, group_key, notification_id, incident_id, position, sequence, created_at, told, open
          FROM notification FINAL WHERE (project, model) IN (${MODEL_KEYS})
          ORDER BY position DESC, length(told) DESC, notification_id LIMIT 1 BY project, model, receiver, route, group_key
        ) AS n
        LEFT JOIN (
          SELECT project, model, delivery_id, max(attempt) AS attempts, argMax(next_attempt_at, (attempt, sent_at)) AS next_at,
            countIf(outcome = 'delivered') AS deliveries, minIf(sent_at, outcome = 'delivered') AS first_at,
            minIf(attempt, outcome = 'delivered') AS first_attempt, max(sent_at) AS last_at
          FROM delivery WHERE (project, model) IN (${MODEL_KEYS}) AND kind = 'alert' GROUP BY project, model, delivery_id
        ) AS d ON d.project = n.project AND d.model = n.model AND d.delivery_id = n.notification_id
        WHERE open = 1 OR created_at >= {since:DateTime64(3, 'UTC')}`,
  params: modelKeyParams.extend({ since: z.number().transform(instant) }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      receiver: z.string(),
      route: z.string(),
      group_key: z.string(),
      notification_id: z.string(),
      incident_id: z.string(),
      position: integer,
      sequence: integer,
      created_at_ms: millis,
      told: z.string(),
      attempts: integer,
      next_at_ms: millis,
      deliveries: integer,
      first_at_ms: millis,
      last_at_ms: millis,
      first_attempt: integer,
    })
    .transform((values): LastNotification => ({
      project: values.project,
      model: values.model,
      receiver: values.receiver,
      route: values.route,
      groupKey: values.group_key,
      notificationId: values.notification_id,
      incidentId: values.incident_id,
      position: values.position,
      sequence: values.sequence,
      createdAtMs: values.created_at_ms,
      told: values.told,
      attempts: values.attempts,
      nextAttemptAtMs:
        values.deliveries > 0 || (values.attempts > 0 && values.next_at_ms === 0)
          ? undefined
          : values.next_at_ms || values.created_at_ms,
      delivered:
        values.deliveries === 0
          ? undefined
          : {
              firstAtMs: values.first_at_ms,
              lastAtMs: values.last_at_ms,
              repetitions: values.attempts - values.first_attempt,
            },
    })),
});

/** Returns the last message of each group of some keys: those of open incidents, and those made since an instant. */
export async function listLastNotifications(
  store: Store,
  keys: readonly OutboxKey[],
  sinceMs: number,
): Promise<LastNotification[]> {
  return store.query(selectLast, { ...bindModelKeys(keys), since: sinceMs });
}

/** That a transition was told, or settled without a message, as far as one receiver and route are concerned. */
export interface CoveredTransition extends OutboxKey {
  readonly receiver: string;
  readonly route: string;
  readonly transitionId: string;
}

/** A message is made after its transition was decided; the margin is for clocks that differ between machines. */
const SINCE = `{since:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR`;

const selectCovered = defineQuery({
  name: 'select transitions that were told',
  sql: `SELECT DISTINCT project, model, receiver, route, arrayJoin(transition_ids) AS transition_id FROM (
          SELECT project, model, receiver, route, transition_ids FROM notification
          WHERE (project, model) IN (${MODEL_KEYS}) AND created_at >= ${SINCE}
          UNION ALL
          SELECT project, model, receiver, route, transition_ids FROM delivery
          WHERE (project, model) IN (${MODEL_KEYS}) AND outcome = 'suppressed' AND sent_at >= ${SINCE})`,
  params: modelKeyParams.extend({ since: z.number().transform(instant) }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      receiver: z.string(),
      route: z.string(),
      transition_id: z.string(),
    })
    .transform((values): CoveredTransition => ({
      project: values.project,
      model: values.model,
      receiver: values.receiver,
      route: values.route,
      transitionId: values.transition_id,
    })),
});

/** Returns the transitions that messages made since an instant tell of, and those settled without one. */
export async function listCoveredTransitions(
  store: Store,
  keys: readonly OutboxKey[],
  sinceMs: number,
): Promise<CoveredTransition[]> {
  return store.query(selectCovered, { ...bindModelKeys(keys), since: sinceMs });
}

const selectKeys = defineQuery({
  name: 'select keys with something to tell',
  sql: `SELECT project, model, sum(pending) AS pending, max(open) AS open FROM (
          SELECT toString(project) AS project, toString(model) AS model, uniqExact(transition_id) AS pending, 0 AS open
          FROM transition
          WHERE notifiable = 1 AND decided_at >= {since:DateTime64(3, 'UTC')} AND transition_id NOT IN (
            SELECT arrayJoin(transition_ids) FROM notification WHERE created_at >= ${SINCE}
            UNION ALL
            SELECT arrayJoin(transition_ids) FROM delivery WHERE outcome = 'suppressed' AND sent_at >= ${SINCE})
          GROUP BY project, model
          UNION ALL
          SELECT toString(project) AS project, toString(model) AS model, count() AS pending, 0 AS open
          FROM (
            SELECT project, model, notification_id FROM notification FINAL WHERE created_at >= {since:DateTime64(3, 'UTC')}
            ORDER BY position DESC, length(told) DESC, notification_id LIMIT 1 BY project, model, receiver, route, group_key)
          WHERE notification_id NOT IN (
            SELECT delivery_id FROM delivery WHERE kind = 'alert' AND sent_at >= ${SINCE} GROUP BY delivery_id
            HAVING countIf(outcome = 'delivered') > 0
              OR argMax(next_attempt_at, (attempt, sent_at)) = toDateTime64(0, 3, 'UTC'))
          GROUP BY project, model
          UNION ALL
          SELECT toString(project) AS project, toString(model) AS model, 0 AS pending, 1 AS open
          FROM (SELECT project, model, alert_id, max(decided_at) AS last_at,
              argMax(to_status, (decided_at, window_end, revision)) AS status_
            FROM transition WHERE notifiable = 1 GROUP BY project, model, alert_id)
          WHERE status_ != 'inactive' OR last_at >= {since:DateTime64(3, 'UTC')}
          GROUP BY project, model
          UNION ALL
          SELECT toString(project) AS project, '' AS model, 0 AS pending, 1 AS open FROM notification
          WHERE notification.model = '' GROUP BY project)
        GROUP BY project, model ORDER BY project, model`,
  params: z.object({ since: z.number().transform(instant) }),
  row: z
    .object({ project: z.string(), model: z.string(), pending: integer, open: flag })
    .transform((values): OutboxWork => values),
});

/** What there is to do for a key. */
export interface OutboxWork extends OutboxKey {
  /** Changes of alerts that nobody was told of, and messages on their way. */
  readonly pending: number;
  /** Whether alerts fire or changed since, so that something may come due. */
  readonly open: boolean;
}

/** Returns the keys of all projects for which there is or may be something to tell. */
export async function listOutboxWork(store: Store, sinceMs: number): Promise<OutboxWork[]> {
  return store.query(selectKeys, { since: sinceMs });
}

/** A receiver that takes nothing: the attempts since it last took something. */
export interface FailingReceiver {
  readonly project: string;
  readonly receiver: string;
  /** When the first of them failed. */
  readonly sinceMs: number;
  readonly failures: number;
  readonly lastStatus: number;
  readonly lastDetail: string;
}

const selectFailing = defineQuery({
  name: 'select receivers that fail',
  sql: `SELECT project, receiver, toUnixTimestamp64Milli(arrayMin(failed)) AS since_ms, length(failed) AS failures, status_, detail_
        FROM (
          SELECT project, receiver, maxIf(sent_at, outcome = 'delivered') AS taken_at,
            arrayFilter(at -> at > taken_at, groupArrayIf(sent_at, outcome IN ('retryable', 'rejected'))) AS failed,
            argMaxIf(status, sent_at, outcome IN ('retryable', 'rejected')) AS status_,
            argMaxIf(detail, sent_at, outcome IN ('retryable', 'rejected')) AS detail_
          FROM delivery WHERE kind = 'alert' AND sent_at >= {since:DateTime64(3, 'UTC')}
            AND ({all:UInt8} = 1 OR project IN {projects:Array(String)})
          GROUP BY project, receiver)
        WHERE notEmpty(failed) ORDER BY project, receiver`,
  params: z.object({ since: z.number().transform(instant), all: z.number(), projects: z.array(z.string()) }),
  row: z
    .object({
      project: z.string(),
      receiver: z.string(),
      since_ms: millis,
      failures: integer,
      status_: integer,
      detail_: z.string(),
    })
    .transform((values): FailingReceiver => ({
      project: values.project,
      receiver: values.receiver,
      sinceMs: values.since_ms,
      failures: values.failures,
      lastStatus: values.status_,
      lastDetail: values.detail_,
    })),
});

/** Returns the receivers, of some projects or of all, whose last attempts failed. */
export async function listFailingReceivers(
  store: Store,
  sinceMs: number,
  projects?: readonly string[],
): Promise<FailingReceiver[]> {
  return store.query(selectFailing, {
    since: sinceMs,
    all: projects === undefined ? 1 : 0,
    projects: [...(projects ?? [])],
  });
}

const selectLate = defineQuery({
  name: 'select hours whose events wait',
  sql: `SELECT DISTINCT project, model, toUnixTimestamp(hour) * 1000 AS hour_ms FROM dirty_hour FINAL
        WHERE ((project, model) IN (${MODEL_KEYS}) OR project IN {whole_projects:Array(String)})
          AND dirty = 1 AND aspect IN ('prediction', 'rebuild') AND touched_at < {before:UInt64}`,
  params: keyParams.extend({ before: z.number() }),
  row: z
    .object({ project: z.string(), model: z.string(), hour_ms: millis })
    .transform(({ project, model, hour_ms: hourMs }) => ({ project, model, hourMs })),
});

/**
 * Returns the hours of some keys of which rows came before an instant that are not counted yet: what is measured of a window over one of
 * them is not the whole. In milliseconds since 1970.
 */
export async function listUncountedHours(
  store: Store,
  keys: readonly OutboxKey[],
  beforeMs: number,
): Promise<(ModelKey & { readonly hourMs: number })[]> {
  return store.query(selectLate, { ...bindKeys(keys), before: beforeMs });
}

const selectOpenModels = defineQuery({
  name: 'select models with open alerts',
  sql: `SELECT model FROM (
          SELECT model, alert_id, argMax(to_status, (decided_at, window_end, revision)) AS status_ FROM transition
          WHERE project = {project:String} AND notifiable = 1 GROUP BY model, alert_id)
        WHERE status_ != 'inactive' GROUP BY model ORDER BY model`,
  params: z.object({ project: z.string() }),
  row: z.object({ model: z.string() }).transform(({ model }) => model),
});

/** Returns the models of a project of which an alert fires. */
export async function listOpenAlertModels(store: Store, project: string): Promise<string[]> {
  return store.query(selectOpenModels, { project });
}
