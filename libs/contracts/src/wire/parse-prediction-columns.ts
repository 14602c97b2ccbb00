import { classText, type FeatureValue, type PredictionEvent } from '../event.schema.js';
import type { PredictionColumns } from '../prediction-columns.js';
import { BodyFault } from './body-fault.js';
import { selectRows } from './columns-rows.js';
import { EventFault } from './event-fault.js';
import type { IntakeContext } from './intake-context.js';
import { parsePrediction } from './parse-prediction.js';
import { PredictionColumnsBuilder } from './prediction-columns-builder.js';
import { uuidV7TimeMs } from './uuid-v7-time.js';

export const COLUMNS_CONTENT_TYPE = 'application/vnd.plumbline.columns+json';

/** Many predictions of one model and version: the object of one prediction, with a list wherever that has a value. */
export type WireColumns = Readonly<Record<string, unknown>>;

export interface ParsedColumns {
  readonly rows: number;
  readonly batches: readonly PredictionColumns[];
  readonly rejected: readonly { readonly index: number; readonly fault: EventFault }[];
}

/** Members with one value for all rows. */
const SCALARS = ['model', 'version', 'project'];
/** Members that hold a list by name. */
const GROUPS = ['features', 'prediction', 'tags'];
/** Longest id that is looked at no further; what is longer, or not ASCII, goes to the parser of single predictions. */
const PLAIN_ID = /^[\x20-\x7e]{1,256}$/;

/**
 * Returns the predictions of one parsed JSON value, or why all of it is refused. What is plain (numbers, texts, whole milliseconds)
 * is taken column by column; a row with anything else is put together and given to `parsePrediction`, so that a row is
 * understood, and refused, exactly as if it had come by itself.
 */
export function parsePredictionColumns(
  raw: unknown,
  context: IntakeContext,
  maxRows: number,
): ParsedColumns | EventFault | BodyFault {
  const wire = checkShape(raw, maxRows);
  if (wire instanceof EventFault || wire instanceof BodyFault) return wire;
  const { rows } = wire;
  const common = parseCommon(wire.columns, context);
  if (common instanceof EventFault) return common;

  const plain = new Uint8Array(rows).fill(1);
  const columns = plainColumns(wire.columns, rows, common, context, plain);
  const plainRows: number[] = [];
  const builder = new PredictionColumnsBuilder({ maxRows, maxBytes: Infinity });
  const rejected: { index: number; fault: EventFault }[] = [];
  for (let index = 0; index < rows; index++) {
    if (plain[index] === 1) {
      plainRows.push(index);
      continue;
    }
    const event = parsePrediction(rowOfWireColumns(wire.columns, index), context);
    if (event instanceof EventFault) rejected.push({ index, fault: event });
    else builder.add(event, 0);
  }
  const batches = builder.take().map(({ columns: others }) => others);
  if (plainRows.length === rows) batches.push(columns);
  else if (plainRows.length > 0) batches.push(selectRows(columns, plainRows));
  return { rows, batches, rejected };
}

/** The row as the object of one prediction; null stands for a value that the row does not have. */
export function rowOfWireColumns(columns: WireColumns, index: number): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(columns)) {
    if (SCALARS.includes(member)) row[member] = value;
    else if (member === 'features') row[member] = rowOfFeatures(value as WireColumns, index);
    else define(row, member, cellOf(value, index));
  }
  return row;
}

function rowOfFeatures(features: WireColumns, index: number): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [name, values] of Object.entries(features)) {
    const value = (values as readonly unknown[])[index];
    // Columns may have more features than a row may have: those of other rows do not count.
    if (value !== null) define(row, name, value);
  }
  return row;
}

/** What a list holds for a row, or the object of what lists by name hold; undefined when that is nothing. */
function cellOf(value: unknown, index: number): unknown {
  if (Array.isArray(value)) return (value as readonly unknown[])[index] ?? undefined;
  const group: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value as WireColumns)) {
    const cell = cellOf(inner, index);
    if (cell !== undefined) define(group, name, cell);
  }
  return Object.keys(group).length === 0 ? undefined : group;
}

/** Assigning "__proto__" would hide it from the checks. */
function define(row: object, name: string, value: unknown): void {
  Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Checks that there are lists of one length wherever a prediction has a value. */
function checkShape(raw: unknown, maxRows: number): { columns: WireColumns; rows: number } | EventFault | BodyFault {
  if (!isObject(raw)) return new EventFault('', 'not_an_object', 'columns are one JSON object with a list a field');
  const ids = raw.prediction_id;
  if (!Array.isArray(ids)) return notAList('prediction_id', ids);
  const rows = ids.length;
  if (rows === 0) return new EventFault('prediction_id', 'missing', 'must hold at least one id');
  if (rows > maxRows) {
    return new BodyFault(
      'too_many_events',
      `the columns hold ${rows} rows, at most ${maxRows} are allowed: send fewer`,
    );
  }
  if (raw.features === undefined) {
    return new EventFault('features', 'missing', 'is required; {} when there are none');
  }
  const fault = checkLists(raw, '', rows);
  return fault ?? { columns: raw, rows };
}

function checkLists(fields: WireColumns, path: string, rows: number): EventFault | undefined {
  for (const [name, value] of Object.entries(fields)) {
    const field = path + name;
    if (path === '' && SCALARS.includes(name)) continue;
    const isGroup = path === '' ? GROUPS.includes(name) : field === 'prediction.scores';
    if (isGroup) {
      if (!isObject(value)) return new EventFault(field, 'wrong_type', 'must be an object with a list for each name');
      const fault = checkLists(value, `${field}.`, rows);
      if (fault !== undefined) return fault;
    } else if (!Array.isArray(value)) return notAList(field, value);
    else if (value.length !== rows) {
      return new EventFault(
        field,
        'out_of_range',
        `holds ${value.length} values where prediction_id holds ${rows}: every list needs one for each row, null where there is none`,
      );
    }
  }
  return undefined;
}

function isObject(value: unknown): value is WireColumns {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notAList(field: string, value: unknown): EventFault {
  return value === undefined
    ? new EventFault(field, 'missing', 'is required: a list with one entry for each row')
    : new EventFault(field, 'wrong_type', 'must be a list with one entry for each row');
}

/** What all rows share, checked as of one prediction: names of model, version and features, and every name of a field. */
function parseCommon(columns: WireColumns, context: IntakeContext): PredictionEvent | EventFault {
  const features = {};
  for (const name of Object.keys(columns.features as object)) define(features, name, null);
  const first = {};
  for (const member of Object.keys(columns)) {
    define(first, member, SCALARS.includes(member) ? columns[member] : undefined);
  }
  // How many features there may be is a matter of each row: a request of many events may name more.
  const limits = { ...context.limits, maxFeatures: Infinity };
  return parsePrediction({ ...first, features, prediction_id: 'any' }, { ...context, limits });
}

/** Takes what is plain; rows with anything else are cleared in `plain`, and what stands in them does not matter. */
function plainColumns(
  wire: WireColumns,
  rows: number,
  { project, model, version }: PredictionEvent,
  context: IntakeContext,
  plain: Uint8Array,
): PredictionColumns {
  const output = (wire.prediction ?? {}) as WireColumns;
  const ids = wire.prediction_id as string[];
  for (let row = 0; row < rows; row++) {
    if (typeof ids[row] !== 'string' || !PLAIN_ID.test(ids[row]!)) plain[row] = 0;
  }
  const features = new Map<string, readonly FeatureValue[]>();
  for (const [name, values] of Object.entries(wire.features as Record<string, FeatureValue[]>)) {
    checkFeature(values, context.limits.maxStringLength, plain);
    features.set(name, values);
  }
  clearRowsOfTooMany(features, context.limits.maxFeatures, plain);
  // Everything else is rare, and goes to the parser of single predictions wherever a row has it.
  for (const [member, value] of Object.entries(wire)) {
    if (PLAIN_MEMBERS.has(member)) continue;
    for (const list of isObject(value) ? Object.values(value) : [value]) clearUnlessNull(list, plain);
  }
  for (const [name, value] of Object.entries(output)) {
    if (PLAIN_OUTPUTS.has(name)) continue;
    for (const list of isObject(value) ? Object.values(value) : [value]) clearUnlessNull(list, plain);
  }
  const values = numbers(output.value, plain, -Infinity);
  const scores = numbers(output.score, plain, -Infinity);
  const latenciesMs = numbers(wire.latency_ms, plain, 0);
  const labels = classes(output.label, context.limits.maxStringLength, plain);
  return {
    project,
    model,
    version,
    rows,
    predictionIds: ids,
    timestampsMs: timestamps(wire.timestamp, ids, context, plain),
    receivedAtMs: new Array<number>(rows).fill(context.nowMs),
    features,
    ...(labels && { labels }),
    ...(values && { values }),
    ...(scores && { scores }),
    ...(latenciesMs && { latenciesMs }),
  };
}

const PLAIN_MEMBERS: ReadonlySet<string> = new Set([
  ...SCALARS,
  'prediction_id',
  'timestamp',
  'features',
  'prediction',
  'latency_ms',
]);
const PLAIN_OUTPUTS: ReadonlySet<string> = new Set(['label', 'value', 'score']);

function checkFeature(values: readonly unknown[], maxStringLength: number, plain: Uint8Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value === 'number' || value === null || typeof value === 'boolean') continue;
    if (typeof value !== 'string' || value.length > maxStringLength) plain[row] = 0;
  }
}

function clearRowsOfTooMany(
  features: ReadonlyMap<string, readonly unknown[]>,
  maxFeatures: number,
  plain: Uint8Array,
): void {
  if (features.size <= maxFeatures) return;
  const counts = new Uint32Array(plain.length);
  for (const values of features.values()) values.forEach((value, row) => (counts[row]! += value === null ? 0 : 1));
  counts.forEach((count, row) => {
    if (count > maxFeatures) plain[row] = 0;
  });
}

function clearUnlessNull(values: unknown, plain: Uint8Array): void {
  (values as readonly unknown[]).forEach((value, row) => {
    if (value !== null) plain[row] = 0;
  });
}

function numbers(list: unknown, plain: Uint8Array, least: number): (number | null)[] | undefined {
  if (list === undefined) return undefined;
  const values = list as (number | null)[];
  for (let row = 0; row < values.length; row++) {
    const value: unknown = values[row];
    if (value !== null && !(typeof value === 'number' && Number.isFinite(value) && value >= least)) plain[row] = 0;
  }
  return values;
}

function classes(list: unknown, maxStringLength: number, plain: Uint8Array): (string | null)[] | undefined {
  if (list === undefined) return undefined;
  return (list as readonly unknown[]).map((value, row) => {
    if (value === null) return null;
    if (typeof value === 'string' && value.length <= maxStringLength) return value;
    if ((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'boolean') return classText(value);
    plain[row] = 0;
    return null;
  });
}

function timestamps(
  list: unknown,
  ids: readonly string[],
  { nowMs, oldestMs, newestMs }: IntakeContext,
  plain: Uint8Array,
): number[] {
  return ids.map((id, row) => {
    const value = list === undefined ? null : (list as readonly unknown[])[row];
    if (Number.isSafeInteger(value) && (value as number) >= oldestMs && (value as number) <= newestMs) {
      return value as number;
    }
    // Without a time the moment of receipt stands in, unless the id carries one.
    if (value !== null || typeof id !== 'string' || uuidV7TimeMs(id) !== undefined) plain[row] = 0;
    return nowMs;
  });
}
