import { type Model, modelDeclarationSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, json, millis } from '../row-types.js';
import type { Store } from '../store.js';
import { batchToken } from '../batch-token.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';

const row = z
  .object({
    project: z.string(),
    model: z.string(),
    declaration: json(modelDeclarationSchema),
    origin: z.enum(['declared', 'inferred']),
    updated_by: z.string(),
    updated_at_ms: millis,
  })
  .transform((values): Model => ({
    project: values.project,
    model: values.model,
    declaration: values.declaration,
    origin: values.origin,
    updatedBy: values.updated_by,
    updatedAtMs: values.updated_at_ms,
  }));

const columns = 'project, model, declaration, origin, updated_by, toUnixTimestamp64Milli(updated_at) AS updated_at_ms';

const selectModel = defineQuery({
  name: 'select model',
  sql: `SELECT ${columns} FROM model FINAL WHERE project = {project:String} AND model = {model:String}`,
  params: z.object({ project: z.string(), model: z.string() }),
  row,
});

const selectModels = defineQuery({
  name: 'select models',
  sql: `SELECT ${columns} FROM model FINAL WHERE {project:String} = '' OR project = {project:String} ORDER BY project, model`,
  params: z.object({ project: z.string() }),
  row,
});

/** Writes declarations of models; the newest of each wins and the older ones stay as history. */
export async function saveModels(store: Store, models: readonly Model[]): Promise<void> {
  const rows = models.map((model) => ({
    project: model.project,
    model: model.model,
    declaration: JSON.stringify(model.declaration),
    origin: model.origin,
    updated_by: model.updatedBy,
    updated_at: instant(model.updatedAtMs),
  }));
  await store.insert('model', rows, batchToken('model', rows));
}

export async function saveModel(store: Store, model: Model): Promise<void> {
  await saveModels(store, [model]);
}

export async function findModel(store: Store, project: string, model: string): Promise<Model | undefined> {
  return (await store.query(selectModel, { project, model }))[0];
}

const selectModelsByKey = defineQuery({
  name: 'select models by key',
  sql: `SELECT ${columns} FROM model FINAL WHERE (project, model) IN (${MODEL_KEYS})`,
  params: modelKeyParams,
  row,
});

/** Returns those of the models that exist. */
export async function findModels(store: Store, keys: readonly ModelKey[]): Promise<Model[]> {
  return keys.length === 0 ? [] : store.query(selectModelsByKey, bindModelKeys(keys));
}

/** Returns the models of a project, or of all projects when it is undefined, by name. */
export async function listModels(store: Store, project?: string): Promise<Model[]> {
  return store.query(selectModels, { project: project ?? '' });
}
