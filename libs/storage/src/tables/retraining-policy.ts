import {
  type RetrainingPolicy,
  type RetrainingPolicyDeclaration,
  retrainingPolicyDeclarationSchema,
} from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, json } from '../row-types.js';
import type { Store } from '../store.js';

const selectPolicies = defineQuery({
  name: 'select retraining policies',
  sql: `SELECT project, model, policy, declaration FROM retraining_policy FINAL
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
    })
    .transform((values): RetrainingPolicy => values),
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

export async function saveRetrainingPolicy(store: Store, change: RetrainingPolicyChange): Promise<void> {
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
        updated_at: instant(change.updatedAtMs),
      },
    ],
    `retraining_policy:${change.project}/${change.model}/${change.policy}:${change.updatedAtMs}:${declaration}`,
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
