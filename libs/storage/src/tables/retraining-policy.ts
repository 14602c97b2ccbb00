import {
  type RetrainingPolicy,
  type RetrainingPolicyDeclaration,
  retrainingPolicyDeclarationSchema,
} from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, json, millis } from '../row-types.js';
import type { Store } from '../store.js';

const selectPolicies = defineQuery({
  name: 'select retraining policies',
  sql: `SELECT project, model, policy, declaration, toUnixTimestamp64Milli(updated_at) AS updated_at_ms
        FROM retraining_policy FINAL
        WHERE project = {project:String} AND model = {model:String} AND ({policy:String} = '' OR policy = {policy:String})
          AND deleted = 0
        ORDER BY policy`,
  params: z.object({ project: z.string(), model: z.string(), policy: z.string() }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      policy: z.string(),
      declaration: json(retrainingPolicyDeclarationSchema),
      updated_at_ms: millis,
    })
    .transform(({ updated_at_ms: updatedAtMs, ...values }): RetrainingPolicy => ({ ...values, updatedAtMs })),
});

export interface RetrainingPolicyChange {
  readonly project: string;
  readonly model: string;
  readonly policy: string;
  /** undefined deletes the policy. */
  readonly declaration: RetrainingPolicyDeclaration | undefined;
  readonly updatedBy: string;
  readonly updatedAtMs: number;
}

const selectLast = defineQuery({
  name: 'select last change of a retraining policy',
  sql: `SELECT toUnixTimestamp64Milli(max(updated_at)) AS at_ms FROM retraining_policy
        WHERE project = {project:String} AND model = {model:String} AND policy = {policy:String}`,
  params: z.object({ project: z.string(), model: z.string(), policy: z.string() }),
  row: z.object({ at_ms: millis }),
});

/** Writes a change, which is later than the one it replaces even if the clock was set back since. */
export async function saveRetrainingPolicy(store: Store, change: RetrainingPolicyChange): Promise<void> {
  const { project, model, policy } = change;
  const [last] = await store.query(selectLast, { project, model, policy });
  const updatedAtMs = Math.max(change.updatedAtMs, (last?.at_ms ?? 0) + 1);
  const declaration = change.declaration === undefined ? '' : JSON.stringify(change.declaration);
  await store.insert(
    'retraining_policy',
    [
      {
        project: change.project,
        model: change.model,
        policy: change.policy,
        declaration,
        deleted: change.declaration === undefined ? 1 : 0,
        updated_by: change.updatedBy,
        updated_at: instant(updatedAtMs),
      },
    ],
    `retraining_policy:${change.project}/${change.model}/${change.policy}:${updatedAtMs}:${declaration}`,
  );
}

/** Returns the policies of a model by name, the disabled ones included. */
export async function listRetrainingPolicies(
  store: Store,
  project: string,
  model: string,
): Promise<RetrainingPolicy[]> {
  return store.query(selectPolicies, { project, model, policy: '' });
}

export async function findRetrainingPolicy(
  store: Store,
  project: string,
  model: string,
  policy: string,
): Promise<RetrainingPolicy | undefined> {
  return (await store.query(selectPolicies, { project, model, policy }))[0];
}
