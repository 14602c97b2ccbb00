import type { ReferenceKind, ReferenceProfile, ReferenceSeries } from '@plumbline/contracts';
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
      singletons: series.singletons ?? null,
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
        kind: profile.kind ?? 'uploaded',
        labelled: profile.labelled ?? 0,
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

const storedKinds = ['uploaded', 'fixed', 'bins'] as const satisfies readonly ReferenceKind[];

const head = z.object({
  version: z.string(),
  reference_id: z.string(),
  kind: z.enum(storedKinds),
  source: z.string(),
  n: integer,
  labelled: integer,
  performance: json(z.record(z.string(), z.number())),
  created_by: z.string(),
  created_at_ms: millis,
});

const headColumns = `version, reference_id, kind, source, n, labelled, performance, created_by,
  toUnixTimestamp64Milli(created_at) AS created_at_ms`;

const newestOfVersion = defineQuery({
  name: 'select newest reference of a version',
  sql: `SELECT ${headColumns} FROM reference_profile FINAL
        WHERE project = {project:String} AND model = {model:String} AND version = {version:String} AND kind != 'bins'
        ORDER BY created_at DESC, reference_id LIMIT 1`,
  params: z.object({ project: z.string(), model: z.string(), version: z.string() }),
  row: head,
});

const effectiveOfVersion = defineQuery({
  name: 'select effective reference of a version',
  sql: `SELECT ${headColumns} FROM reference_profile FINAL
        WHERE project = {project:String} AND model = {model:String}
        ORDER BY kind = 'bins', version != {version:String}, created_at DESC, reference_id LIMIT 1`,
  params: z.object({ project: z.string(), model: z.string(), version: z.string() }),
  row: head,
});

const byId = defineQuery({
  name: 'select reference by id',
  sql: `SELECT ${headColumns} FROM reference_profile FINAL
        WHERE project = {project:String} AND model = {model:String} AND reference_id = {reference_id:String}
        ORDER BY created_at DESC LIMIT 1`,
  params: z.object({ project: z.string(), model: z.string(), reference_id: z.string() }),
  row: head,
});

const headsOfModel = defineQuery({
  name: 'select references of a model',
  sql: `SELECT ${headColumns} FROM reference_profile FINAL WHERE project = {project:String} AND model = {model:String}
        ORDER BY created_at DESC, reference_id LIMIT {limit:UInt32}`,
  params: z.object({ project: z.string(), model: z.string(), limit: z.number() }),
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
               mean, std, min, max, chunks, singletons
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
      singletons: integer.nullable(),
    })
    .transform(({ bin_set_id, decile_edge_indexes, other_hashes, chunks, singletons, ...series }): ReferenceSeries => ({
      ...series,
      ...(chunks.length === 0 ? {} : { chunks }),
      ...(singletons === null ? {} : { singletons }),
      binSetId: bin_set_id,
      decileEdgeIndexes: decile_edge_indexes,
      otherHashes: other_hashes,
    })),
});

/** A stored reference without its series. */
export type ReferenceHead = Omit<ReferenceProfile, 'series'>;

function headOf(project: string, model: string, row: z.output<typeof head>): ReferenceHead {
  return {
    project,
    model,
    version: row.version,
    referenceId: row.reference_id,
    kind: row.kind,
    source: row.source,
    n: row.n,
    // Nobody counted them before it was stored, or there are none.
    ...(row.labelled === 0 ? {} : { labelled: row.labelled }),
    performance: row.performance,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
  };
}

async function load(store: Store, head: ReferenceHead): Promise<ReferenceProfile> {
  const { project, model, referenceId } = head;
  return { ...head, series: await store.query(selectSeries, { project, model, reference_id: referenceId }) };
}

/** The newest reference that was posted for a version. */
export async function findReference(
  store: Store,
  project: string,
  model: string,
  version: string,
): Promise<ReferenceProfile | undefined> {
  const row = (await store.query(newestOfVersion, { project, model, version }))[0];
  return row && load(store, headOf(project, model, row));
}

/**
 * The reference that gives a version its bins: its own, else the model's newest. One that was made for its bins alone serves where
 * nobody posted any.
 */
export async function findEffectiveReference(
  store: Store,
  project: string,
  model: string,
  version: string,
): Promise<ReferenceProfile | undefined> {
  const row = (await store.query(effectiveOfVersion, { project, model, version }))[0];
  return row && load(store, headOf(project, model, row));
}

/** A stored reference, however old; undefined when the model has none of this id. */
export async function findReferenceById(
  store: Store,
  project: string,
  model: string,
  referenceId: string,
): Promise<ReferenceProfile | undefined> {
  const row = (await store.query(byId, { project, model, reference_id: referenceId }))[0];
  return row && load(store, headOf(project, model, row));
}

/** Stored references of a model, newest first, without their series. */
export async function listReferences(
  store: Store,
  project: string,
  model: string,
  limit: number,
): Promise<ReferenceHead[]> {
  const rows = await store.query(headsOfModel, { project, model, limit });
  return rows.map((row) => headOf(project, model, row));
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
