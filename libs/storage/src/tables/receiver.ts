import { type Receiver, type ReceiverDeclaration, receiverDeclarationSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer, json, millis } from '../row-types.js';
import type { Store } from '../store.js';

/** A receiver as it is kept. `gone` is one that answered 410: it is left alone until somebody saves it again. */
export interface StoredReceiver extends Receiver {
  readonly state: 'active' | 'gone';
  readonly createdAtMs: number;
  readonly updatedBy: string;
  readonly updatedAtMs: number;
}

const selectReceivers = defineQuery({
  name: 'select receivers',
  sql: `SELECT project, receiver, declaration, state, updated_by, toUnixTimestamp64Milli(created_at) AS created_at_ms,
          toUnixTimestamp64Milli(updated_at) AS updated_at_ms
        FROM receiver FINAL
        WHERE project = {project:String} AND ({receiver:String} = '' OR receiver = {receiver:String}) AND state != 'deleted'
        ORDER BY receiver`,
  params: z.object({ project: z.string(), receiver: z.string() }),
  row: z
    .object({
      project: z.string(),
      receiver: z.string(),
      declaration: json(receiverDeclarationSchema),
      state: z.enum(['active', 'gone']),
      updated_by: z.string(),
      created_at_ms: millis,
      updated_at_ms: millis,
    })
    .transform((values): StoredReceiver => ({
      project: values.project,
      receiver: values.receiver,
      declaration: values.declaration,
      state: values.state,
      createdAtMs: values.created_at_ms,
      updatedBy: values.updated_by,
      updatedAtMs: values.updated_at_ms,
    })),
});

export interface ReceiverChange {
  readonly project: string;
  readonly receiver: string;
  readonly declaration: ReceiverDeclaration;
  readonly updatedBy: string;
  readonly updatedAtMs: number;
}

const selectLast = defineQuery({
  name: 'select last change of a receiver',
  sql: `SELECT toUnixTimestamp64Milli(max(updated_at)) AS at_ms FROM receiver
        WHERE project = {project:String} AND receiver = {receiver:String}`,
  params: z.object({ project: z.string(), receiver: z.string() }),
  row: z.object({ at_ms: millis }),
});

/** Returns the time, or one just after the last change of the receiver if the clock was set back since. */
async function afterLastChange(
  store: Store,
  { project, receiver, updatedAtMs }: Pick<ReceiverChange, 'project' | 'receiver' | 'updatedAtMs'>,
): Promise<number> {
  const [last] = await store.query(selectLast, { project, receiver });
  return Math.max(updatedAtMs, (last?.at_ms ?? 0) + 1);
}

/** Writes a receiver's declaration; the last one wins. One that was gone is active again. */
export async function saveReceiver(store: Store, change: ReceiverChange): Promise<void> {
  const previous = await findReceiver(store, change.project, change.receiver);
  await insertReceiver(store, {
    ...change,
    updatedAtMs: await afterLastChange(store, change),
    state: 'active',
    createdAtMs: previous?.createdAtMs ?? change.updatedAtMs,
  });
}

/**
 * Marks a receiver as gone. The mark is older than any change that a person made since `receiver` was read, so it never undoes
 * one.
 */
export async function markReceiverGone(store: Store, receiver: StoredReceiver): Promise<void> {
  await insertReceiver(store, { ...receiver, state: 'gone', updatedAtMs: receiver.updatedAtMs + 1 });
}

/** Deletes a receiver and returns whether there was one. */
export async function deleteReceiver(
  store: Store,
  key: Pick<ReceiverChange, 'project' | 'receiver' | 'updatedBy' | 'updatedAtMs'>,
): Promise<boolean> {
  const receiver = await findReceiver(store, key.project, key.receiver);
  if (receiver === undefined) return false;
  const updatedAtMs = await afterLastChange(store, key);
  await insertReceiver(store, { ...receiver, ...key, updatedAtMs, state: 'deleted' });
  return true;
}

export async function findReceiver(
  store: Store,
  project: string,
  receiver: string,
): Promise<StoredReceiver | undefined> {
  return (await store.query(selectReceivers, { project, receiver }))[0];
}

/** Returns the receivers of a project by name. */
export async function listReceivers(store: Store, project: string): Promise<StoredReceiver[]> {
  return store.query(selectReceivers, { project, receiver: '' });
}

async function insertReceiver(
  store: Store,
  row: Omit<StoredReceiver, 'state'> & { readonly state: 'active' | 'gone' | 'deleted' },
): Promise<void> {
  const declaration = JSON.stringify(row.declaration);
  await store.insert(
    'receiver',
    [
      {
        project: row.project,
        receiver: row.receiver,
        declaration,
        state: row.state,
        created_at: instant(row.createdAtMs),
        updated_by: row.updatedBy,
        updated_at: instant(row.updatedAtMs),
      },
    ],
    `receiver:${row.project}/${row.receiver}:${row.updatedAtMs}:${row.state}:${declaration}`,
  );
}

const countActive = defineQuery({
  name: 'count active receivers',
  sql: "SELECT count() AS n FROM receiver FINAL WHERE state = 'active'",
  params: z.object({}),
  row: z.object({ n: integer }),
});

/** Returns how many receivers the projects have together. */
export async function countActiveReceivers(store: Store): Promise<number> {
  return (await store.query(countActive, {}))[0]!.n;
}
