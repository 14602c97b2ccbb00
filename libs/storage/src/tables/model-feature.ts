import { type FeatureKind, featureKindSchema, type ModelFeature } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, instant } from '../row-types.js';
import type { Store } from '../store.js';
import { batchToken } from '../batch-token.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';

const selectFeatures = defineQuery({
  name: 'select model features',
  sql: `SELECT feature, kind, importance, origin FROM model_feature FINAL
        WHERE project = {project:String} AND model = {model:String} ORDER BY feature`,
  params: z.object({ project: z.string(), model: z.string() }),
  row: z
    .object({
      feature: z.string(),
      kind: featureKindSchema,
      importance: float,
      origin: z.enum(['declared', 'inferred']),
    })
    .transform(({ feature, kind, importance, origin }): ModelFeature => ({
      feature,
      kind,
      origin,
      ...(Number.isNaN(importance) ? {} : { importance }),
    })),
});

/** 2^52: above every inference. */
const DECLARED_RANK = 4_503_599_627_370_496;

/** Kinds of some features of one model. */
export interface FeaturesOfModel extends ModelKey {
  readonly features: readonly ModelFeature[];
}

/**
 * Writes kinds of features. A declared kind outranks an inferred one, the newest declaration outranks older ones, and of two
 * inferences the first stays: a kind is inferred once and checked afterwards.
 */
export async function saveFeaturesOfModels(
  store: Store,
  models: readonly FeaturesOfModel[],
  nowMs: number,
): Promise<void> {
  const rows = models.flatMap(({ project, model, features }) =>
    features.map((feature) => ({
      project,
      model,
      feature: feature.feature,
      kind: feature.kind,
      importance: feature.importance ?? null,
      origin: feature.origin,
      rank: feature.origin === 'declared' ? DECLARED_RANK + nowMs : DECLARED_RANK - nowMs,
      updated_at: instant(nowMs),
    })),
  );
  await store.insert('model_feature', rows, batchToken('model_feature', rows));
}

export async function saveModelFeatures(
  store: Store,
  project: string,
  model: string,
  features: readonly ModelFeature[],
  nowMs: number,
): Promise<void> {
  await saveFeaturesOfModels(store, [{ project, model, features }], nowMs);
}

export async function findModelFeatures(store: Store, project: string, model: string): Promise<ModelFeature[]> {
  return store.query(selectFeatures, { project, model });
}

const selectFeaturesOfModels = {
  name: 'select features of models',
  sql: `SELECT project, model, feature, kind FROM model_feature FINAL WHERE (project, model) IN (${MODEL_KEYS})
        ORDER BY project, model, feature`,
  params: modelKeyParams,
};

/** Kinds of the features of each model, by `project/model`. */
export async function findKindsOfModels(
  store: Store,
  keys: readonly ModelKey[],
): Promise<Map<string, Map<string, FeatureKind>>> {
  const kinds = new Map<string, Map<string, FeatureKind>>();
  if (keys.length === 0) return kinds;
  for (const [project, model, feature, kind] of await store.queryCompact(selectFeaturesOfModels, bindModelKeys(keys))) {
    const key = `${String(project)}/${String(model)}`;
    let ofModel = kinds.get(key);
    if (ofModel === undefined) kinds.set(key, (ofModel = new Map<string, FeatureKind>()));
    ofModel.set(String(feature), featureKindSchema.parse(kind));
  }
  return kinds;
}
