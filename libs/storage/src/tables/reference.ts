import type { ReferenceProfile, ReferenceSeries } from '@plumbline/contracts';
import { featureKindSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, instant, integer, json, millis } from '../row-types.js';
import type { Store } from '../store.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';

const selectLast = defineQuery({
  name: 'select time of the newest reference',
  sql: `SELECT toUnixTimestamp64Milli(max(created_at)) AS at_ms FROM reference_profile
        WHERE project = {project:String} AND model = {model:String}`,
  params: z.object({ project: z.string(), model: z.string() }),
  row: z.object({ at_ms: millis }),
});

/**
 * Writes a profile: its series, then the head that makes them visible. It is newer than every other of the model, even if the clock
 * was set back since.
 */
export async function saveReference(store: Store, profile: ReferenceProfile): Promise<void> {
  const { project, model, referenceId } = profile;
  const [last] = await store.query(selectLast, { project, model });
  const createdAtMs = Math.max(profile.createdAtMs, (last?.at_ms ?? 0) + 1);
  await store.insert(
    'reference_series',
    profile.series.map((series) => ({
      project,
      model,
      reference_id: referenceId,
      series: series.series,
      kind: series.kind,
      bin_set_id: series.binSetId,
      edges: series.edges,
      decile_edge_indexes: series.decileEdgeIndexes,
      categories: series.categories,
      other_hashes: series.otherHashes,
      counts: series.counts,
      n: series.n,
      missing: series.missing,
      invalid: series.invalid,
      mean: series.mean,
      std: series.std,
      min: series.min,
      max: series.max,
      chunks: JSON.stringify(series.chunks ?? []),
    })),
    `reference_series:${project}/${model}:${referenceId}:${createdAtMs}`,
  );
  await store.insert(
    'reference_profile',
    [
      {
        project,
        model,
        version: profile.version,
        reference_id: referenceId,
        source: profile.source,
        n: profile.n,
        performance: JSON.stringify(profile.performance),
        created_by: profile.createdBy,
        created_at: instant(createdAtMs),
      },
    ],
    `reference_profile:${project}/${model}/${profile.version}:${referenceId}:${createdAtMs}`,
  );
}

const head = z.object({
  version: z.string(),
  reference_id: z.string(),
  source: z.string(),
  n: integer,
  performance: json(z.record(z.string(), z.number())),
  created_by: z.string(),
  created_at_ms: millis,
});

const selectHeads = (filter: string): string => `
  SELECT version, reference_id, source, n, performance, created_by, toUnixTimestamp64Milli(created_at) AS created_at_ms
  FROM reference_profile FINAL WHERE project = {project:String} AND model = {model:String} ${filter}
  ORDER BY created_at DESC, reference_id LIMIT 1`;

const newestOfVersion = defineQuery({
  name: 'select newest reference of a version',
  sql: selectHeads('AND version = {version:String}'),
  params: z.object({ project: z.string(), model: z.string(), version: z.string() }),
  row: head,
});

const newestOfModel = defineQuery({
  name: 'select newest reference of a model',
  sql: selectHeads(''),
  params: z.object({ project: z.string(), model: z.string() }),
  row: head,
});

/** An empty chunk has infinite bounds, and a sum may have overflowed: JSON knows neither. */
const chunkOfJson = z.object({
  counts: z.array(z.number()),
  n: z.number(),
  missing: z.number(),
  invalid: z.number(),
  sum: z
    .number()
    .nullable()
    .transform((value) => value ?? NaN),
  sumSquares: z
    .number()
    .nullable()
    .transform((value) => value ?? NaN),
  min: z
    .number()
    .nullable()
    .transform((value) => value ?? Infinity),
  max: z
    .number()
    .nullable()
    .transform((value) => value ?? -Infinity),
});

const selectSeries = defineQuery({
  name: 'select reference series',
  sql: `SELECT series, kind, bin_set_id, edges, decile_edge_indexes, categories, other_hashes, counts, n, missing, invalid,
               mean, std, min, max, chunks
        FROM reference_series FINAL
        WHERE project = {project:String} AND model = {model:String} AND reference_id = {reference_id:String} ORDER BY series`,
  params: z.object({ project: z.string(), model: z.string(), reference_id: z.string() }),
  row: z
    .object({
      series: z.string(),
      kind: featureKindSchema,
      bin_set_id: z.string(),
      edges: z.array(z.number()),
      decile_edge_indexes: z.array(z.number()),
      categories: z.array(z.string()),
      other_hashes: z.array(z.number()),
      counts: z.array(integer),
      n: integer,
      missing: integer,
      invalid: integer,
      mean: float,
      std: float,
      min: float,
      max: float,
      chunks: json(z.array(chunkOfJson)),
    })
    .transform(({ bin_set_id, decile_edge_indexes, other_hashes, chunks, ...series }): ReferenceSeries => ({
      ...series,
      ...(chunks.length === 0 ? {} : { chunks }),
      binSetId: bin_set_id,
      decileEdgeIndexes: decile_edge_indexes,
      otherHashes: other_hashes,
    })),
});

async function load(
  store: Store,
  project: string,
  model: string,
  row: z.output<typeof head>,
): Promise<ReferenceProfile> {
  return {
    project,
    model,
    version: row.version,
    referenceId: row.reference_id,
    source: row.source,
    n: row.n,
    performance: row.performance,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    series: await store.query(selectSeries, { project, model, reference_id: row.reference_id }),
  };
}

/** The newest reference of a version. */
export async function findReference(
  store: Store,
  project: string,
  model: string,
  version: string,
): Promise<ReferenceProfile | undefined> {
  const row = (await store.query(newestOfVersion, { project, model, version }))[0];
  return row && load(store, project, model, row);
}

/** The reference that a version is compared with: its own, else the model's newest. */
export async function findEffectiveReference(
  store: Store,
  project: string,
  model: string,
  version: string,
): Promise<ReferenceProfile | undefined> {
  const own = await findReference(store, project, model, version);
  if (own !== undefined) return own;
  const row = (await store.query(newestOfModel, { project, model }))[0];
  return row && load(store, project, model, row);
}

const selectModelsWithReference = {
  name: 'select models with a reference',
  sql: `SELECT DISTINCT project, model FROM reference_profile WHERE (project, model) IN (${MODEL_KEYS})`,
  params: modelKeyParams,
};

/** `project/model` of those of the models that have a reference. */
export async function findModelsWithReference(store: Store, keys: readonly ModelKey[]): Promise<Set<string>> {
  const rows = keys.length === 0 ? [] : await store.queryCompact(selectModelsWithReference, bindModelKeys(keys));
  return new Set(rows.map(([project, model]) => `${String(project)}/${String(model)}`));
}
