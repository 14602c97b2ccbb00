import {
  type DeliveryOutcome,
  deliveryOutcomes,
  type Notification,
  type NotificationOutcome,
  notificationOutcomes,
} from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { flag, instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';

/** 2^52: precedence falls with time from here, so that the first row of an id wins. */
const PRECEDENCE = 4_503_599_627_370_496;

/** A message as it is kept. */
export interface StoredNotification {
  readonly project: string;
  /** "" for a group that names no model. */
  readonly model: string;
  readonly notificationId: string;
  readonly receiver: string;
  /** "" for alerts that no route takes. */
  readonly route: string;
  readonly groupKey: string;
  readonly incidentId: string;
  /** Counts the messages of the group. */
  readonly position: number;
  readonly sequence: number;
  readonly transitionIds: readonly string[];
  /** JSON of all that it says, which the next message is compared with. */
  readonly told: string;
  /** Whether an alert fires in it. */
  readonly open: boolean;
  readonly content: Notification;
  /** When what it tells of was decided; 0 for a message that says nothing new. */
  readonly decidedAtMs: number;
}

/** Keeps a message: to be called before it is sent. One that is there already stays as it is. */
export async function insertNotification(store: Store, stored: StoredNotification): Promise<void> {
  const { content } = stored;
  const row = {
    project: stored.project,
    model: stored.model,
    notification_id: stored.notificationId,
    receiver: stored.receiver,
    route: stored.route,
    group_key: stored.groupKey,
    incident_id: stored.incidentId,
    position: stored.position,
    sequence: stored.sequence,
    cause: content.cause,
    status: content.status,
    severity: content.severity,
    transition_ids: stored.transitionIds,
    told: stored.told,
    open: stored.open ? 1 : 0,
    content: contentText(content),
    decided_at: instant(stored.decidedAtMs),
    created_at: instant(content.createdAtMs),
    precedence: PRECEDENCE - content.createdAtMs,
  };
  await store.insert('notification', [row], `notification:${stored.notificationId}`);
}

/** JSON has no NaN: null stands for it, and what was undefined is left out. */
function contentText(content: Notification): string {
  return JSON.stringify(content);
}

/** Fields of a message that are numbers which may not be defined: null in JSON stands for NaN. */
const NUMBERS_THAT_MAY_BE_NAN = new Set([
  'value',
  'threshold',
  'pValue',
  'nCurrent',
  'nReference',
  'share',
  'labelCoverage',
]);

function contentOf(text: string): Notification {
  const content = JSON.parse(text, (key, value: unknown) =>
    value === null && NUMBERS_THAT_MAY_BE_NAN.has(key) ? NaN : value,
  ) as Notification;
  return content;
}

/** A message that is to be sent, and what its channel keeps of the incident. */
export interface SendableNotification {
  readonly content: Notification;
  readonly decidedAtMs: number;
  readonly memory: string;
  /** Attempts made so far. */
  readonly attempts: number;
  readonly delivered: boolean;
}

const selectSendable = defineQuery({
  name: 'select notification to send',
  sql: `SELECT content, toUnixTimestamp64Milli(decided_at) AS decided_at_ms,
          (SELECT argMax(memory, sent_at) FROM delivery
            WHERE project = {project:String} AND model = {model:String} AND incident_id = {incident_id:String} AND memory != '') AS memory,
          (SELECT max(attempt) FROM delivery
            WHERE project = {project:String} AND model = {model:String} AND delivery_id = {notification_id:String}) AS attempts,
          (SELECT countIf(outcome = 'delivered') FROM delivery
            WHERE project = {project:String} AND model = {model:String} AND delivery_id = {notification_id:String}) AS delivered
        FROM notification FINAL
        WHERE project = {project:String} AND model = {model:String} AND notification_id = {notification_id:String}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    notification_id: z.string(),
    incident_id: z.string(),
  }),
  row: z
    .object({
      content: z.string(),
      decided_at_ms: millis,
      memory: z.string().nullable(),
      attempts: integer.nullable(),
      delivered: integer.nullable(),
    })
    .transform((values): SendableNotification => ({
      content: contentOf(values.content),
      decidedAtMs: values.decided_at_ms,
      memory: values.memory ?? '',
      attempts: values.attempts ?? 0,
      delivered: (values.delivered ?? 0) > 0,
    })),
});

/** Returns a message as it was first written, which is what is sent; undefined when there is none of that id. */
export async function findSendableNotification(
  store: Store,
  key: {
    readonly project: string;
    readonly model: string;
    readonly notificationId: string;
    readonly incidentId: string;
  },
): Promise<SendableNotification | undefined> {
  const { project, model, notificationId, incidentId } = key;
  const params = { project, model, notification_id: notificationId, incident_id: incidentId };
  return (await store.query(selectSendable, params))[0];
}

export interface NotificationAttempt {
  readonly attempt: number;
  readonly outcome: DeliveryOutcome;
  readonly status: number;
  readonly detail: string;
  readonly sentAtMs: number;
}

/** A message for people who ask what was sent. */
export interface ListedNotification {
  readonly project: string;
  readonly model: string;
  readonly notificationId: string;
  readonly receiver: string;
  readonly route: string;
  readonly incidentId: string;
  readonly sequence: number;
  readonly content: Notification;
  readonly createdAtMs: number;
  readonly outcome: NotificationOutcome;
  readonly nextAttemptAtMs: number;
  /** No later message of its group was made: only such a one is ever sent again. */
  readonly isLast: boolean;
  /** Oldest first. */
  readonly attempts: readonly NotificationAttempt[];
}

export interface NotificationFilter {
  readonly project: string;
  readonly receiver?: string | undefined;
  readonly model?: string | undefined;
  readonly outcome?: NotificationOutcome | undefined;
  readonly notificationId?: string | undefined;
  /** Messages that tell of this alert. */
  readonly alertId?: string | undefined;
  /** The last one of the page before. */
  readonly before?: { readonly createdAtMs: number; readonly notificationId: string } | undefined;
  readonly limit: number;
}

const FOREVER_MS = Date.UTC(2200, 0, 1);

const selectNotifications = defineQuery({
  name: 'select notifications',
  sql: `SELECT n.project AS project, n.model AS model, n.notification_id AS notification_id, receiver, route, incident_id, sequence,
          content, toUnixTimestamp64Milli(created_at) AS created_at_ms, log,
          toUnixTimestamp64Milli(next_at) AS next_at_ms, position = last_position AS is_last,
          multiIf(delivered, 'delivered', last_outcome = 'suppressed', 'suppressed',
            rows > 0 AND next_at_ms = 0, 'failed', position < last_position, 'superseded', 'waiting') AS outcome
        FROM (
          SELECT *, max(position) OVER (PARTITION BY model, receiver, route, group_key) AS last_position
          FROM (SELECT * EXCEPT (told, transition_ids) FROM notification FINAL
            WHERE project = {project:String} AND ({receiver:String} = '' OR receiver = {receiver:String}))
        ) AS n
        LEFT JOIN (
          SELECT delivery_id, count() AS rows, countIf(outcome = 'delivered') > 0 AS delivered,
            argMax(outcome, (attempt, sent_at)) AS last_outcome, argMax(next_attempt_at, (attempt, sent_at)) AS next_at,
            arraySort(groupArray((attempt, toString(outcome), status, detail, toUnixTimestamp64Milli(sent_at)))) AS log
          FROM delivery WHERE project = {project:String} AND kind = 'alert' GROUP BY delivery_id
        ) AS d ON d.delivery_id = n.notification_id
        WHERE ({notification_id:String} = '' OR n.notification_id = {notification_id:String})
          AND ({model:String} = '' OR n.model = {model:String} OR (n.model = '' AND
            arrayExists(alert -> JSONExtractString(alert, 'labels', 'model') = {model:String}, JSONExtractArrayRaw(content, 'alerts'))))
          AND ({outcome:String} = '' OR outcome = {outcome:String})
          AND ({alert_id:String} = '' OR arrayExists(alert -> JSONExtractString(alert, 'alertId') = {alert_id:String},
            JSONExtractArrayRaw(content, 'alerts')))
          AND (created_at < {before:DateTime64(3, 'UTC')}
            OR (created_at = {before:DateTime64(3, 'UTC')} AND n.notification_id > {after_id:String}))
        ORDER BY created_at DESC, n.notification_id LIMIT {limit:UInt32}`,
  params: z.object({
    project: z.string(),
    receiver: z.string(),
    model: z.string(),
    outcome: z.string(),
    notification_id: z.string(),
    alert_id: z.string(),
    before: z.number().transform(instant),
    after_id: z.string(),
    limit: z.number(),
  }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      notification_id: z.string(),
      receiver: z.string(),
      route: z.string(),
      incident_id: z.string(),
      sequence: integer,
      content: z.string(),
      created_at_ms: millis,
      next_at_ms: millis,
      is_last: flag,
      outcome: z.enum(notificationOutcomes),
      log: z.array(z.tuple([integer, z.enum(deliveryOutcomes), integer, z.string(), integer])),
    })
    .transform((values): ListedNotification => ({
      project: values.project,
      model: values.model,
      notificationId: values.notification_id,
      receiver: values.receiver,
      route: values.route,
      incidentId: values.incident_id,
      sequence: values.sequence,
      content: contentOf(values.content),
      createdAtMs: values.created_at_ms,
      outcome: values.outcome,
      nextAttemptAtMs: values.next_at_ms,
      isLast: values.is_last,
      attempts: values.log.map(([attempt, outcome, status, detail, sentAtMs]) => ({
        attempt,
        outcome,
        status,
        detail,
        sentAtMs,
      })),
    })),
});

/** Returns messages with what became of them, the newest first. */
export async function listNotifications(store: Store, filter: NotificationFilter): Promise<ListedNotification[]> {
  return store.query(selectNotifications, {
    project: filter.project,
    receiver: filter.receiver ?? '',
    model: filter.model ?? '',
    outcome: filter.outcome ?? '',
    notification_id: filter.notificationId ?? '',
    alert_id: filter.alertId ?? '',
    before: filter.before?.createdAtMs ?? FOREVER_MS,
    after_id: filter.before?.notificationId ?? '',
    limit: filter.limit,
  });
}
