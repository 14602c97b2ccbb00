import { featureKindSchema, type ModelFeature } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, instant } from '../row-types.js';
import type { Store } from '../store.js';

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

/**
 * Writes kinds of features. A declared kind outranks an inferred one, the newest declaration outranks older ones, and of two
 * inferences the first stays: a kind is inferred once and checked afterwards.
 */
export async function saveModelFeatures(
  store: Store,
  project: string,
  model: string,
  features: readonly ModelFeature[],
  nowMs: number,
): Promise<void> {
  await store.insert(
    'model_feature',
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
    `model_feature:${project}/${model}:${nowMs}:${JSON.stringify(features)}`,
  );
}

export async function findModelFeatures(store: Store, project: string, model: string): Promise<ModelFeature[]> {
  return store.query(selectFeatures, { project, model });
}
