import { createHash } from 'node:crypto';
import { type AlertAction, type AlertActionKind, alertActionKindSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, millis } from '../row-types.js';
import type { Store } from '../store.js';

/** 2^52: precedence falls with time from here, so that the first row of an id wins. */
const PRECEDENCE = 4_503_599_627_370_496;

/** For so long an action without a key that is asked for again is taken for a repetition, as of a request whose reply was lost. */
const REPETITION_MS = 60_000;

/** An action to be done. */
export interface NewAlertAction {
  readonly project: string;
  readonly model: string;
  readonly alertId: string;
  readonly action: AlertActionKind;
  readonly author: string;
  readonly note: string;
  /** The same action under the same key is done once; without a key an equal one is done once within a minute. */
  readonly key?: string | undefined;
  readonly nowMs: number;
}

/** Appends an action, unless it is there already. Returns it as it is kept: later than every earlier one on the alert. */
export async function insertAlertAction(store: Store, wanted: NewAlertAction): Promise<AlertAction> {
  const { project, model, alertId, action, author, note, nowMs } = wanted;
  const { known, last, actionId } = await lookFor(store, wanted);
  if (known !== undefined) return known;
  const atMs = Math.max(nowMs, (last?.atMs ?? 0) + 1);
  const row = { project, model, alert_id: alertId, action_id: actionId, action, author, note, at: instant(atMs) };
  await store.insert('alert_action', [{ ...row, precedence: PRECEDENCE - atMs }], `alert_action:${actionId}:${atMs}`);
  return { project, model, alertId, actionId, action, author, note, atMs };
}

/** Returns the action that this one would repeat. */
export async function findAlertAction(store: Store, wanted: NewAlertAction): Promise<AlertAction | undefined> {
  return (await lookFor(store, wanted)).known;
}

interface Lookup {
  readonly known: AlertAction | undefined;
  /** The newest on the alert. */
  readonly last: AlertAction | undefined;
  readonly actionId: string;
}

async function lookFor(store: Store, wanted: NewAlertAction): Promise<Lookup> {
  const { project, model, alertId, action, author, note, key, nowMs } = wanted;
  const before = await listAlertActions(store, { project, model, alertIds: [alertId] });
  const last = before.at(-1);
  const actionIdOf = (of: readonly string[]) => hashOf([project, model, alertId, action, author, note, ...of]);
  const actionId = actionIdOf(key === undefined ? ['after', last?.actionId ?? ''] : ['key', key]);
  const isSame = (each: AlertAction) =>
    each.actionId === actionId ||
    (key === undefined &&
      each === last &&
      each.action === action &&
      each.author === author &&
      each.note === note &&
      nowMs < each.atMs + REPETITION_MS);
  return { known: before.find(isSame), last, actionId };
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Which actions: of a project, of a model, or on the named alerts. */
export interface AlertActionFilter {
  readonly project: string;
  readonly model?: string | undefined;
  readonly alertIds?: readonly string[] | undefined;
}

const chosen = `project = {project:String} AND ({model:String} = '' OR model = {model:String})
  AND ({all:UInt8} = 1 OR alert_id IN {alert_ids:Array(String)})`;
const chosenParams = z.object({
  project: z.string(),
  model: z.string(),
  all: z.number(),
  alert_ids: z.array(z.string()),
});

function bind({ project, model = '', alertIds }: AlertActionFilter): z.input<typeof chosenParams> {
  return { project, model, all: alertIds === undefined ? 1 : 0, alert_ids: [...(alertIds ?? [])] };
}

const selectActions = defineQuery({
  name: 'select actions on alerts',
  sql: `SELECT project, model, alert_id, action_id, action, author, note, toUnixTimestamp64Milli(at) AS at_ms
        FROM alert_action FINAL WHERE ${chosen} ORDER BY at, action_id`,
  params: chosenParams,
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      alert_id: z.string(),
      action_id: z.string(),
      action: alertActionKindSchema,
      author: z.string(),
      note: z.string(),
      at_ms: millis,
    })
    .transform((values): AlertAction => ({
      project: values.project,
      model: values.model,
      alertId: values.alert_id,
      actionId: values.action_id,
      action: values.action,
      author: values.author,
      note: values.note,
      atMs: values.at_ms,
    })),
});

/** Returns actions on alerts, the oldest first. */
export async function listAlertActions(store: Store, filter: AlertActionFilter): Promise<AlertAction[]> {
  return store.query(selectActions, bind(filter));
}

/** That somebody works on an alert. */
export interface Acknowledgement {
  readonly by: string;
  readonly note: string;
  readonly atMs: number;
}

const selectAcknowledgements = defineQuery({
  name: 'select acknowledged alerts',
  sql: `SELECT alert_id, argMax(action, newest) AS action_, argMax(author, newest) AS author_, argMax(note, newest) AS note_,
          toUnixTimestamp64Milli(max(at)) AS at_ms
        FROM (SELECT *, (at, action_id) AS newest FROM alert_action FINAL
          WHERE ${chosen} AND action IN ('acknowledge', 'unacknowledge'))
        GROUP BY alert_id HAVING action_ = 'acknowledge' ORDER BY alert_id`,
  params: chosenParams,
  row: z.object({ alert_id: z.string(), author_: z.string(), note_: z.string(), at_ms: millis }),
});

/** Returns who acknowledged which alerts and has not taken it back, by alert id. */
export async function acknowledgements(
  store: Store,
  filter: AlertActionFilter,
): Promise<ReadonlyMap<string, Acknowledgement>> {
  const rows = await store.query(selectAcknowledgements, bind(filter));
  return new Map(rows.map((row) => [row.alert_id, { by: row.author_, note: row.note_, atMs: row.at_ms }] as const));
}
