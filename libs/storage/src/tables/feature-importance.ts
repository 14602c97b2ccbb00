import { z } from 'zod';
import { batchToken } from '../batch-token.js';
import { defineQuery } from '../query.js';
import { instant, json, millis } from '../row-types.js';
import type { Store } from '../store.js';

/** Importance of features that was uploaded; empty when it was taken back. */
export interface UploadedImportance {
  readonly importance: Readonly<Record<string, number>>;
  readonly updatedBy: string;
  readonly updatedAtMs: number;
}

const selectImportance = defineQuery({
  name: 'select feature importance',
  sql: `SELECT importance, updated_by, toUnixTimestamp64Milli(updated_at) AS updated_at_ms FROM feature_importance FINAL
        WHERE project = {project:String} AND model = {model:String}`,
  params: z.object({ project: z.string(), model: z.string() }),
  row: z
    .object({ importance: json(z.record(z.string(), z.number())), updated_by: z.string(), updated_at_ms: millis })
    .transform(({ importance, updated_by, updated_at_ms }): UploadedImportance => ({
      importance,
      updatedBy: updated_by,
      updatedAtMs: updated_at_ms,
    })),
});

/** The newest upload of a model; undefined before the first. */
export async function findFeatureImportance(
  store: Store,
  project: string,
  model: string,
): Promise<UploadedImportance | undefined> {
  return (await store.query(selectImportance, { project, model }))[0];
}

/** Replaces the importance of a model's features; it outranks what was uploaded before, even if the clock was set back since. */
export async function saveFeatureImportance(
  store: Store,
  project: string,
  model: string,
  { importance, updatedBy, updatedAtMs }: UploadedImportance,
): Promise<UploadedImportance> {
  const before = await findFeatureImportance(store, project, model);
  const atMs = Math.max(updatedAtMs, (before?.updatedAtMs ?? 0) + 1);
  const rows = [
    { project, model, importance: JSON.stringify(importance), updated_by: updatedBy, updated_at: instant(atMs) },
  ];
  await store.insert('feature_importance', rows, batchToken('feature_importance', rows));
  return { importance, updatedBy, updatedAtMs: atMs };
}
