import type { CellColumns, FeatureSchema, NamedValues, StoredColumns } from '@plumbline/contracts';
import { z } from 'zod';
import { NativeBlock } from '../native/native-block.js';
import { defineQuery } from '../query.js';
import { integer, millis, second } from '../row-types.js';
import { StorageError } from '../storage-error.js';
import type { Store } from '../store.js';
import { findFeatureSchemas } from './feature-schema.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';

const columns = {
  project: 'String',
  model: 'String',
  version: 'String',
  timestamp: "DateTime64(3, 'UTC')",
  prediction_id: 'String',
  id_hash: 'UInt32',
  schema_id: 'UInt64',
  numbers: 'Array(Float64)',
  texts: 'Array(String)',
  invalid: 'Map(String, String)',
  segments: 'Array(String)',
  label: 'String',
  value: 'Float64',
  score: 'Float64',
  scores: 'Map(String, Float64)',
  latency_ms: 'Float64',
  error: 'String',
  tags: 'Map(String, String)',
  entity_hash: 'String',
  trace_id: 'String',
  received_at: "DateTime64(3, 'UTC')",
  precedence: 'UInt64',
  sample_weight: 'Float64',
} as const;

/** 2^52: the earlier a row was received, the higher its precedence. */
const LATEST = 4_503_599_627_370_496;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const NO_TEXTS: readonly string[] = [];
const NOTHING: NamedValues<never> = [[], []];

/**
 * Writes raw rows, one insert per day of the batch: a block of one partition is stored whole or not at all.
 * @param identity of the batch; the same identity must always come with the same rows
 */
export async function insertPredictions(
  store: Store,
  batch: readonly StoredColumns[],
  identity: string,
): Promise<void> {
  const days = new Map<number, NativeBlock<typeof columns>>();
  for (const part of batch) addToDays(days, part);
  for (const [day, block] of days) await store.insertBlock('prediction', block, `prediction:${identity}:${day}`);
}

function addToDays(days: Map<number, NativeBlock<typeof columns>>, part: StoredColumns): void {
  const segments = segmentsByRow(part);
  for (let row = 0; row < part.rows; row++) {
    const timestampMs = part.timestampsMs[row]!;
    const day = Math.floor(timestampMs / DAY_MS);
    let block = days.get(day);
    if (block === undefined) days.set(day, (block = new NativeBlock(columns)));
    const { columns: to } = block;
    to.project.add(part.project);
    to.model.add(part.model);
    to.version.add(part.version);
    to.timestamp.add(timestampMs);
    to.prediction_id.add(part.predictionIds[row]!);
    to.id_hash.add(part.idHashes[row]!);
    to.schema_id.add(part.schema.schemaId);
    to.numbers.addAcross(part.numbers, row);
    to.texts.addAcross(part.texts, row);
    to.invalid.add(part.invalid.get(row) ?? NOTHING);
    to.segments.add(segments.get(row) ?? NO_TEXTS);
    to.label.add(part.labels?.[row] ?? '');
    to.value.add(part.values?.[row] ?? NaN);
    to.score.add(part.scores?.[row] ?? NaN);
    to.scores.add(part.classScores.get(row) ?? NOTHING);
    to.latency_ms.add(part.latenciesMs?.[row] ?? NaN);
    to.error.add(part.errors?.[row] ?? '');
    to.tags.add(part.tags.get(row) ?? NOTHING);
    to.entity_hash.add(part.entityHashes?.[row] ?? '');
    to.trace_id.add(part.traceIds?.[row] ?? '');
    to.received_at.add(part.receivedAtMs[row]!);
    to.precedence.add(LATEST - part.receivedAtMs[row]!);
    to.sample_weight.add(part.sampleWeights?.[row] ?? 1);
    block.endRow();
  }
}

function segmentsByRow({ segments }: CellColumns): Map<number, string[]> {
  const byRow = new Map<number, string[]>();
  for (const [segment, rows] of segments) {
    for (const row of rows) {
      const names = byRow.get(row);
      if (names === undefined) byRow.set(row, [segment]);
      else names.push(segment);
    }
  }
  return byRow;
}

const model = { project: z.string(), model: z.string() };
const hours = z.array(z.number()).transform((values) => values.map(second));

const selectDistinctPerHour = defineQuery({
  name: 'select distinct predictions per hour',
  sql: `SELECT toUnixTimestamp(toStartOfHour(timestamp)) * 1000 AS hour_ms, count() AS n, sum(id_hash) AS id_hash_sum
        FROM prediction FINAL
        WHERE project = {project:String} AND model = {model:String}
          AND toStartOfHour(timestamp) IN ({hours:Array(DateTime('UTC'))})
          AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')} + INTERVAL 1 HOUR
        GROUP BY hour_ms`,
  params: z.object({ ...model, hours, from: z.number().transform(second), to: z.number().transform(second) }),
  row: z.object({ hour_ms: millis, n: integer, id_hash_sum: integer }),
});

export interface HourCheck {
  readonly n: number;
  readonly idHashSum: number;
}

/** Number of distinct predictions and sum of their id hashes for each of the hours that has any. */
export async function checkPredictionHours(
  store: Store,
  project: string,
  modelName: string,
  hoursMs: readonly number[],
): Promise<Map<number, HourCheck>> {
  if (hoursMs.length === 0) return new Map();
  const rows = await store.query(selectDistinctPerHour, {
    project,
    model: modelName,
    hours: [...hoursMs],
    from: hoursMs.reduce((least, hour) => Math.min(least, hour), Infinity),
    to: hoursMs.reduce((most, hour) => Math.max(most, hour), 0),
  });
  return new Map(rows.map((row) => [row.hour_ms, { n: row.n, idHashSum: row.id_hash_sum }]));
}

const selectPage = {
  name: 'select page of predictions',
  sql: `SELECT version, toUnixTimestamp64Milli(timestamp), prediction_id, id_hash, schema_id, numbers, texts, mapKeys(invalid),
               segments, label, value, score, latency_ms, error, sample_weight, toUnixTimestamp(toStartOfHour(timestamp)) * 1000
        FROM prediction FINAL
        WHERE project = {project:String} AND model = {model:String}
          AND toStartOfHour(timestamp) IN ({hours:Array(DateTime('UTC'))})
          AND timestamp >= {after_hour:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')} + INTERVAL 1 HOUR
          AND (toStartOfHour(timestamp), prediction_id) > ({after_hour:DateTime('UTC')}, {after_id:String})
        ORDER BY toStartOfHour(timestamp), prediction_id LIMIT {limit:UInt32}`,
  params: z.object({
    ...model,
    hours,
    to: z.number().transform(second),
    after_hour: z.number().transform(second),
    after_id: z.string(),
    limit: z.number(),
  }),
};

/** Memory of a rebuild is bounded by this many rows. */
const PAGE_ROWS = 20_000;

/** Yields the distinct predictions of the hours in pages, hour by hour, as cells need them. */
export async function* readPredictionHours(
  store: Store,
  project: string,
  modelName: string,
  hoursMs: readonly number[],
): AsyncGenerator<CellColumns[]> {
  if (hoursMs.length === 0) return;
  const ascending = [...hoursMs].sort((left, right) => left - right);
  const to = ascending[ascending.length - 1]!;
  let afterHour = ascending[0]!;
  let afterId = '';
  for (;;) {
    const remaining = ascending.filter((hourMs) => hourMs >= afterHour);
    const rows = await store.queryCompact(selectPage, {
      project,
      model: modelName,
      hours: remaining,
      to,
      after_hour: afterHour,
      after_id: afterId,
      limit: PAGE_ROWS,
    });
    if (rows.length === 0) return;
    const schemas = await findFeatureSchemas(store, [...new Set(rows.map((row) => Number(row[4])))]);
    yield columnsOfPage(project, modelName, rows, schemas);
    if (rows.length < PAGE_ROWS) return;
    const last = rows[rows.length - 1]!;
    afterHour = Number(last[15]);
    afterId = last[2] as string;
  }
}

/** Puts the rows of a page into columns, apart by version and schema. */
function columnsOfPage(
  project: string,
  modelName: string,
  rows: readonly unknown[][],
  schemas: ReadonlyMap<number, FeatureSchema>,
): CellColumns[] {
  const groups = new Map<string, unknown[][]>();
  for (const row of rows) {
    const key = `${String(row[4])}/${String(row[0])}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].map((group): CellColumns => {
    const [version, , id, , schemaId] = group[0]!;
    const schema = schemas.get(Number(schemaId));
    if (schema === undefined) {
      throw new StorageError(
        `prediction ${String(id)} names feature schema ${String(schemaId)}, which is not stored`,
        'rejected',
        false,
      );
    }
    const floats = (column: number): Float64Array => Float64Array.from(group, (row) => toFloat(row[column]));
    const across = <T>(column: number, names: readonly unknown[], read: (value: unknown) => T): T[][] =>
      names.map((_, position) => group.map((row) => read((row[column] as unknown[])[position])));
    const segments = new Map<string, number[]>();
    const invalid = new Map<number, NamedValues<string>>();
    group.forEach((row, index) => {
      for (const segment of row[8] as string[]) push(segments, segment, index);
      const names = row[7] as string[];
      if (names.length > 0) invalid.set(index, [names, []]);
    });
    return {
      project,
      model: modelName,
      version: version as string,
      schema,
      rows: group.length,
      timestampsMs: group.map((row) => Number(row[1])),
      idHashes: group.map((row) => row[3] as number),
      numbers: across(5, schema.numberNames, toFloat),
      texts: across(6, [...schema.textNames, ...schema.booleanNames], String),
      invalid,
      segments,
      labels: group.map((row) => row[9] as string),
      values: floats(10),
      scores: floats(11),
      latenciesMs: floats(12),
      errors: group.map((row) => row[13] as string),
      sampleWeights: floats(14),
    };
  });
}

function push(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function toFloat(value: unknown): number {
  return typeof value === 'number' ? value : NaN;
}

const selectHoursOfIds = defineQuery({
  name: 'select hours of prediction ids',
  sql: `SELECT DISTINCT project, model, toUnixTimestamp(toStartOfHour(timestamp)) * 1000 AS hour_ms FROM prediction
        WHERE (project, model) IN (${MODEL_KEYS}) AND prediction_id IN ({ids:Array(String)})
          AND (project, model, prediction_id) IN (
            SELECT key.1, key.2, key.3
            FROM (SELECT arrayJoin(arrayZip({projects:Array(String)}, {models:Array(String)}, {ids:Array(String)})) AS key))`,
  params: modelKeyParams.extend({ ids: z.array(z.string()) }),
  row: z.object({ project: z.string(), model: z.string(), hour_ms: millis }),
});

/** Names a prediction. */
export interface PredictionKey extends ModelKey {
  readonly predictionId: string;
}

/** Hours that hold one of the predictions. */
export async function findHoursOfPredictions(
  store: Store,
  keys: readonly PredictionKey[],
): Promise<(ModelKey & { readonly hourMs: number })[]> {
  if (keys.length === 0) return [];
  const rows = await store.query(selectHoursOfIds, {
    ...bindModelKeys(keys),
    ids: keys.map(({ predictionId }) => predictionId),
  });
  return rows.map(({ project, model, hour_ms }) => ({ project, model, hourMs: hour_ms }));
}

const selectClasses = {
  name: 'select classes of models',
  sql: `SELECT project, model, arraySlice(groupUniqArray(4)(label), 1, 3) FROM (
          SELECT project, model, toString(label) AS label FROM prediction WHERE (project, model) IN (${MODEL_KEYS}) AND label != ''
          UNION ALL
          SELECT project, model, toString(label) AS label FROM label FINAL WHERE (project, model) IN (${MODEL_KEYS}) AND label != '')
        GROUP BY project, model`,
  params: modelKeyParams,
};

/** Up to three classes that each model predicted or was told as labels in force, not as corrected ones, by `project/model`. */
export async function findClassesOfModels(store: Store, keys: readonly ModelKey[]): Promise<Map<string, string[]>> {
  const rows = keys.length === 0 ? [] : await store.queryCompact(selectClasses, bindModelKeys(keys));
  return new Map(rows.map(([project, name, classes]) => [`${String(project)}/${String(name)}`, classes as string[]]));
}

const selectRecentIds = {
  name: 'select recent prediction ids',
  sql: `SELECT project, model, prediction_id FROM prediction
        WHERE (project, model) IN (${MODEL_KEYS}) AND received_at >= {since:DateTime('UTC')}
          AND timestamp >= {since:DateTime('UTC')} - INTERVAL 1 DAY
        ORDER BY received_at DESC LIMIT {limit:UInt32} BY project, model`,
  params: modelKeyParams.extend({ since: z.number().transform(second), limit: z.number() }),
};

/**
 * Ids of each model stored since an instant, newest first, by `project/model`: what a restarted ingester must know to recognise
 * a re-sent event.
 * @param limit per model
 */
export async function findRecentPredictionIds(
  store: Store,
  keys: readonly ModelKey[],
  sinceMs: number,
  limit: number,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (keys.length === 0) return found;
  const rows = await store.queryCompact(selectRecentIds, { ...bindModelKeys(keys), since: sinceMs, limit });
  for (const [project, name, id] of rows) {
    const key = `${String(project)}/${String(name)}`;
    const ids = found.get(key);
    if (ids === undefined) found.set(key, [String(id)]);
    else ids.push(String(id));
  }
  return found;
}

const selectVersions = defineQuery({
  name: 'select versions',
  sql: `SELECT version, toUnixTimestamp(min(minute)) * 1000 AS first_ms, toUnixTimestamp(max(minute)) * 1000 AS last_ms,
               sum(n) AS predictions
        FROM traffic_cell WHERE project = {project:String} AND model = {model:String} AND segment = ''
        GROUP BY version ORDER BY version`,
  params: z.object(model),
  row: z.object({ version: z.string(), first_ms: millis, last_ms: millis, predictions: integer }),
});

export interface VersionSummary {
  readonly version: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly predictions: number;
}

/** Versions of a model that have predictions, with the first and last minute of each. */
export async function listVersions(store: Store, project: string, modelName: string): Promise<VersionSummary[]> {
  const rows = await store.query(selectVersions, { project, model: modelName });
  return rows.map((row) => ({
    version: row.version,
    firstMs: row.first_ms,
    lastMs: row.last_ms,
    predictions: row.predictions,
  }));
}

export function startOfHour(timestampMs: number): number {
  return timestampMs - (timestampMs % HOUR_MS);
}
