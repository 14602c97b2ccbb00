import type { Transition } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';
import { transitionColumns, transitionOfRow, transitionRow } from './transition.js';

/** A transition that a receiver is still to be told of, and how far that got. */
export interface OutboxEntry {
  readonly transition: Transition;
  /** End of the window in which the alert fired. */
  readonly firedAtMs: number;
  /** Of the delivery that tried last; "" before the first attempt, and the two following are 0. */
  readonly deliveryId: string;
  readonly attempts: number;
  readonly nextAttemptAtMs: number;
}

/** Rows of one look at the outbox: bounds memory after a long outage, and what is left out comes next. */
const MAX_ENTRIES = 10_000;

/** A delivery is sent after its transition was decided; the margin is for clocks that differ between machines. */
const deliveriesSince = `kind = 'alert' AND sent_at >= {since:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR`;
const transitionsSince = `notifiable = 1 AND decided_at >= {since:DateTime64(3, 'UTC')}`;

const selectUndelivered = defineQuery({
  name: 'select undelivered transitions',
  sql: `SELECT t.*, f.fired_at_ms AS fired_at_ms, d.last_delivery_id AS delivery_id, d.attempts AS attempts,
          d.next_attempt_at_ms AS next_attempt_at_ms
        FROM (
          SELECT ${transitionColumns} FROM transition FINAL
          WHERE project = {project:String} AND model = {model:String} AND ${transitionsSince}
        ) AS t
        LEFT JOIN (
          SELECT alert_id AS episode, toUnixTimestamp64Milli(min(window_end)) AS fired_at_ms FROM transition
          WHERE project = {project:String} AND model = {model:String} AND notifiable = 1 AND to_status = 'firing'
          GROUP BY episode
        ) AS f ON f.episode = t.alert_id
        LEFT JOIN (
          SELECT told, countIf(next_attempt_at = toDateTime64(0, 3, 'UTC')) AS settled,
            argMax(delivery_id, attempt) AS last_delivery_id, max(attempt) AS attempts,
            toUnixTimestamp64Milli(argMax(next_attempt_at, attempt)) AS next_attempt_at_ms
          FROM delivery ARRAY JOIN transition_ids AS told
          WHERE project = {project:String} AND model = {model:String}
            AND ({receiver:String} = '' OR receiver = {receiver:String}) AND ${deliveriesSince}
          GROUP BY told
        ) AS d ON d.told = t.transition_id
        WHERE d.settled = 0
        ORDER BY t.decided_at_ms, t.window_end_ms, t.transition_id LIMIT ${MAX_ENTRIES}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    receiver: z.string(),
    since: z.number().transform(instant),
  }),
  row: transitionRow
    .extend({ fired_at_ms: millis, delivery_id: z.string(), attempts: integer, next_attempt_at_ms: millis })
    .transform((values): OutboxEntry => ({
      transition: transitionOfRow(values),
      firedAtMs: values.fired_at_ms || values.window_end_ms,
      deliveryId: values.delivery_id,
      attempts: values.attempts,
      nextAttemptAtMs: values.next_attempt_at_ms,
    })),
});

const selectOutboxModels = defineQuery({
  name: 'select models with undelivered transitions',
  sql: `SELECT t.project AS project, t.model AS model, count() AS pending
        FROM (SELECT project, model, transition_id, decided_at FROM transition FINAL WHERE ${transitionsSince}) AS t
        LEFT JOIN (
          SELECT project, receiver, created_at FROM receiver FINAL WHERE state = 'active'
        ) AS r ON r.project = t.project
        LEFT JOIN (
          SELECT project, told AS transition_id, groupUniqArray(receiver) AS settled_by
          FROM delivery ARRAY JOIN transition_ids AS told
          WHERE next_attempt_at = toDateTime64(0, 3, 'UTC') AND ${deliveriesSince} GROUP BY project, told
        ) AS d ON d.project = t.project AND d.transition_id = t.transition_id
        WHERE if(r.receiver = '', empty(d.settled_by), t.decided_at >= r.created_at AND NOT has(d.settled_by, r.receiver))
        GROUP BY t.project, t.model`,
  params: z.object({ since: z.number().transform(instant) }),
  row: z.object({ project: z.string(), model: z.string(), pending: integer }),
});

export interface OutboxFilter {
  readonly project: string;
  readonly model: string;
  /** undefined stands for a project without receivers, where a transition is settled when anybody was told of it. */
  readonly receiver: string | undefined;
  /** Transitions decided before are left out. */
  readonly sinceMs: number;
}

/** Returns what a receiver is still to be told of a model, what was decided first comes first. */
export async function listUndelivered(store: Store, filter: OutboxFilter): Promise<OutboxEntry[]> {
  return store.query(selectUndelivered, {
    project: filter.project,
    model: filter.model,
    receiver: filter.receiver ?? '',
    since: filter.sinceMs,
  });
}

export interface OutboxModel {
  readonly project: string;
  readonly model: string;
  /** Transitions that a receiver is to be told of, counted once for each receiver. */
  readonly pending: number;
}

/** Returns the models of all projects for which somebody is still to be told of something. */
export async function listOutboxModels(store: Store, sinceMs: number): Promise<OutboxModel[]> {
  return store.query(selectOutboxModels, { since: sinceMs });
}
