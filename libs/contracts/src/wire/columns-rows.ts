import type { FeatureValue, PredictionEvent } from '../event.schema.js';
import { type FeatureColumn, OPTIONAL_COLUMNS, type PredictionColumns } from '../prediction-columns.js';
import { featureAt, joinFeatures, pickFeature, sliceFeature } from './feature-column.js';

/** The same columns with just these rows, in this order. */
export function selectRows(columns: PredictionColumns, rows: readonly number[]): PredictionColumns {
  const from = rows[0] ?? 0;
  return rows.every((row, index) => row === from + index)
    ? sliceRows(columns, from, from + rows.length)
    : mapLists(
        columns,
        rows.length,
        (values) => rows.map((row) => values[row]!),
        (values) => pickFeature(values, rows),
      );
}

function sliceRows(columns: PredictionColumns, from: number, to: number): PredictionColumns {
  return mapLists(
    columns,
    to - from,
    (values) => values.slice(from, to),
    (values) => sliceFeature(values, from, to),
  );
}

function mapLists(
  columns: PredictionColumns,
  rows: number,
  map: <T>(values: readonly T[]) => T[],
  mapFeature: (values: FeatureColumn) => FeatureColumn,
): PredictionColumns {
  const features = new Map<string, FeatureColumn>();
  for (const [name, values] of columns.features) features.set(name, mapFeature(values));
  const optional: Record<string, unknown> = {};
  for (const name of OPTIONAL_COLUMNS) {
    const values: readonly unknown[] | undefined = columns[name];
    if (values !== undefined) optional[name] = map(values);
  }
  return {
    ...columns,
    rows,
    predictionIds: map(columns.predictionIds),
    timestampsMs: map(columns.timestampsMs),
    receivedAtMs: map(columns.receivedAtMs),
    features,
    ...optional,
  };
}

/** A row as the event it is; features that are missing are left out. */
export function eventOfRow(columns: PredictionColumns, row: number): PredictionEvent {
  const { project, model, version } = columns;
  const features: Record<string, FeatureValue> = Object.create(null) as Record<string, FeatureValue>;
  for (const [name, values] of columns.features) {
    const value = featureAt(values, row);
    if (value !== null) features[name] = value;
  }
  const optional = {
    label: columns.labels?.[row],
    value: columns.values?.[row],
    score: columns.scores?.[row],
    scores: columns.classScores?.[row],
    latencyMs: columns.latenciesMs?.[row],
    error: columns.errors?.[row],
    tags: columns.tags?.[row],
    entityHash: columns.entityHashes?.[row],
    traceId: columns.traceIds?.[row],
    sampleRate: columns.sampleRates?.[row],
  };
  return {
    project,
    model,
    version,
    predictionId: columns.predictionIds[row]!,
    timestampMs: columns.timestampsMs[row]!,
    receivedAtMs: columns.receivedAtMs[row]!,
    features,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null && value !== undefined)),
  };
}

/** Cuts columns into such of at most so many rows, in order. */
export function cutRows(columns: PredictionColumns, maxRows: number): PredictionColumns[] {
  if (columns.rows <= maxRows) return [columns];
  const parts: PredictionColumns[] = [];
  for (let from = 0; from < columns.rows; from += maxRows) {
    parts.push(sliceRows(columns, from, Math.min(from + maxRows, columns.rows)));
  }
  return parts;
}

/** Entries below which it does not matter how many of them are empty. */
const SMALL_ENTRIES = 65_536;
/** Joined columns may hold this many times the entries of their parts: parts may share no feature at all. */
const LARGEST_GROWTH = 4;

/**
 * Joins columns of the same model and version, in order: few large lists are handled faster than many small ones, and give fewer
 * cells.
 */
export function joinColumns(batches: readonly PredictionColumns[], maxRows: number): PredictionColumns[] {
  const joined: PredictionColumns[] = [];
  const open = new Map<string, Group>();
  for (const batch of batches) {
    const key = `${batch.project}/${batch.model}/${batch.version}`;
    const group = open.get(key);
    if (group?.take(batch, maxRows) === true) continue;
    if (group !== undefined) joined.push(joinAll(group.batches));
    open.set(key, new Group(batch));
  }
  for (const group of open.values()) joined.push(joinAll(group.batches));
  return joined;
}

/** Columns to be joined. Keeps count, because there may be thousands of a row each. */
class Group {
  readonly batches: PredictionColumns[];
  private readonly names: Set<string>;
  private rows: number;
  private entries: number;

  constructor(first: PredictionColumns) {
    this.batches = [first];
    this.names = new Set(first.features.keys());
    this.rows = first.rows;
    this.entries = first.rows * first.features.size;
  }

  /** Whether the columns fit, and are taken. */
  take(next: PredictionColumns, maxRows: number): boolean {
    const rows = this.rows + next.rows;
    if (rows > maxRows) return false;
    let names = this.names.size;
    for (const name of next.features.keys()) if (!this.names.has(name)) names += 1;
    const entries = this.entries + next.rows * next.features.size;
    if (rows * names > Math.max(SMALL_ENTRIES, LARGEST_GROWTH * entries)) return false;
    this.batches.push(next);
    for (const name of next.features.keys()) this.names.add(name);
    this.rows = rows;
    this.entries = entries;
    return true;
  }
}

function joinAll(group: readonly PredictionColumns[]): PredictionColumns {
  const [first] = group;
  if (group.length === 1) return first!;
  const join = <T>(listOf: (batch: PredictionColumns) => readonly T[] | undefined): (T | null)[] => {
    // As a whole: what concat joins of lists of numbers is one again, and no list of anything.
    const lists = group.map((batch): readonly (T | null)[] => listOf(batch) ?? new Array<null>(batch.rows).fill(null));
    return lists[0]!.concat(...lists.slice(1));
  };
  const names = new Set(group.flatMap(({ features }) => [...features.keys()]));
  const optional: Record<string, unknown> = {};
  for (const name of OPTIONAL_COLUMNS) {
    if (group.some((batch) => batch[name] !== undefined)) {
      optional[name] = join((batch): readonly unknown[] | undefined => batch[name]);
    }
  }
  return {
    project: first!.project,
    model: first!.model,
    version: first!.version,
    rows: group.reduce((sum, batch) => sum + batch.rows, 0),
    predictionIds: group.flatMap(({ predictionIds }) => predictionIds),
    timestampsMs: group.flatMap(({ timestampsMs }) => timestampsMs),
    receivedAtMs: group.flatMap(({ receivedAtMs }) => receivedAtMs),
    features: new Map(
      [...names].map((name) => [name, joinFeatures(group.map((batch) => batch.features.get(name) ?? batch.rows))]),
    ),
    ...optional,
  };
}
