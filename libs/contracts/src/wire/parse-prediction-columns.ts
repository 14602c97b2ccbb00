import { classText, type FeatureValue, MIN_SAMPLE_RATE, type PredictionEvent } from '../event.schema.js';
import type { FeatureColumn, PredictionColumns } from '../prediction-columns.js';
import { BodyFault } from './body-fault.js';
import { cutBySize } from './columns-size.js';
import { EventFault } from './event-fault.js';
import { packFeature } from './feature-column.js';
import type { IntakeContext } from './intake-context.js';
import { parsePrediction } from './parse-prediction.js';
import { type ColumnsLimits, PredictionColumnsBuilder, type SizedColumns } from './prediction-columns-builder.js';
import { checkEventSize } from './read-event.js';
import { uuidV7TimeMs } from './uuid-v7-time.js';
import { sizeOfValue } from './value-size.js';
import { withoutDepths } from './without-depths.js';

export const COLUMNS_CONTENT_TYPE = 'application/vnd.plumbline.columns+json';

/** Many predictions of one model and version: the object of one prediction, with a list wherever that has a value. */
export type WireColumns = Readonly<Record<string, unknown>>;

export interface ParsedColumns {
  readonly rows: number;
  readonly batches: readonly SizedColumns[];
  readonly rejected: readonly { readonly index: number; readonly fault: EventFault }[];
}

/** Members with one value for all rows. */
const SCALARS = ['model', 'version', 'project'];
/** Members that hold a list by name. */
const GROUPS = ['features', 'prediction', 'tags'];
/** Longest id that is looked at no further; what is longer, or not ASCII, goes to the parser of single predictions. */
const PLAIN_ID = /^[\x20-\x7e]{1,256}$/;

/** Values looked at between two steps, and rows given to the parser of single predictions: a few milliseconds each. */
const VALUES_PER_STEP = 500_000;
const ROWS_PER_STEP = 1_000;

const UNLIMITED: ColumnsLimits = { maxRows: Infinity, maxBytes: Infinity };

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
  const steps = predictionColumnsInSteps(raw, context, maxRows, UNLIMITED);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * As `parsePredictionColumns`, in steps of a few milliseconds: other work of the thread may have its turn between them.
 * @param limits of each of the columns that are returned
 */
export function* predictionColumnsInSteps(
  raw: unknown,
  context: IntakeContext,
  maxRows: number,
  limits: ColumnsLimits,
): Generator<undefined, ParsedColumns | EventFault | BodyFault, undefined> {
  const wire = checkShape(raw, maxRows);
  if (wire instanceof EventFault || wire instanceof BodyFault) return wire;
  const { rows } = wire;
  const common = parseCommon(wire.columns, context);
  if (common instanceof EventFault) return common;

  const found: Rows = { plain: new Uint8Array(rows).fill(1), sizesBytes: new Float64Array(rows) };
  const columns = yield* plainColumns(wire.columns, rows, common, context, found);
  const plainRows: number[] = [];
  const builder = new PredictionColumnsBuilder(limits);
  const rejected: { index: number; fault: EventFault }[] = [];
  for (let index = 0; index < rows; index++) {
    const sizeBytes = found.sizesBytes[index]!;
    if (found.plain[index] === 1 && sizeBytes <= context.limits.maxEventBytes) {
      plainRows.push(index);
      continue;
    }
    const event = parseRow(wire.columns, index, sizeBytes, context);
    if (event instanceof EventFault) rejected.push({ index, fault: event });
    else builder.add(event, sizeBytes);
    if ((index - plainRows.length) % ROWS_PER_STEP === 0) yield;
  }
  const batches = builder.take();
  for (const piece of cutBySize(columns, plainRows, found.sizesBytes, limits)) {
    batches.push(piece);
    yield;
  }
  return { rows, batches, rejected };
}

function parseRow(
  columns: WireColumns,
  index: number,
  sizeBytes: number,
  context: IntakeContext,
): PredictionEvent | EventFault {
  const row = rowOfWireColumns(columns, index);
  if (sizeBytes > context.limits.maxEventBytes) {
    const fault = checkEventSize(Buffer.from(JSON.stringify(withoutDepths(row))), context.limits);
    if (fault !== undefined) return fault;
  }
  return parsePrediction(row, context);
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

/** What is found out about each row. */
interface Rows {
  /** 1 for a row of which everything is plain. */
  readonly plain: Uint8Array;
  /** About what the row takes as JSON. */
  readonly sizesBytes: Float64Array;
}

/** Takes what is plain; rows with anything else are cleared in `found`, and what stands in them does not matter. */
function* plainColumns(
  wire: WireColumns,
  rows: number,
  { project, model, version }: PredictionEvent,
  context: IntakeContext,
  found: Rows,
): Generator<undefined, PredictionColumns, undefined> {
  const output = (wire.prediction ?? {}) as WireColumns;
  const ids = wire.prediction_id as string[];
  for (let row = 0; row < rows; row++) {
    if (typeof ids[row] !== 'string' || !PLAIN_ID.test(ids[row]!)) found.plain[row] = 0;
  }
  addSizes(ids, found);
  const features = new Map<string, FeatureColumn>();
  const counts = new Uint32Array(rows);
  const { maxFeatures, maxStringLength } = context.limits;
  let values = 0;
  for (const [name, list] of Object.entries(wire.features as Record<string, FeatureValue[]>)) {
    checkFeature(list, maxStringLength, found, counts);
    features.set(name, packFeature(list));
    values += rows;
    if (values < VALUES_PER_STEP) continue;
    values = 0;
    yield;
  }
  if (features.size > maxFeatures) {
    for (let row = 0; row < rows; row++) if (counts[row]! > maxFeatures) found.plain[row] = 0;
  }
  // Everything else is rare, and goes to the parser of single predictions wherever a row has it.
  for (const list of rareLists(wire, output)) {
    addSizes(list, found);
    for (let row = 0; row < rows; row++) if (list[row] !== null) found.plain[row] = 0;
    values += rows;
    if (values < VALUES_PER_STEP) continue;
    values = 0;
    yield;
  }
  const outputs = numbers(output.value, found, -Infinity);
  const scores = numbers(output.score, found, -Infinity);
  const latenciesMs = numbers(wire.latency_ms, found, 0);
  const sampleRates = numbers(wire.sample_rate, found, MIN_SAMPLE_RATE, 1);
  const labels = classes(output.label, maxStringLength, found);
  return {
    project,
    model,
    version,
    rows,
    predictionIds: ids,
    timestampsMs: timestamps(wire.timestamp, ids, context, found),
    receivedAtMs: new Array<number>(rows).fill(context.nowMs),
    features,
    ...(labels && { labels }),
    ...(outputs && { values: outputs }),
    ...(scores && { scores }),
    ...(latenciesMs && { latenciesMs }),
    ...(sampleRates && { sampleRates }),
  };
}

const PLAIN_MEMBERS: ReadonlySet<string> = new Set([
  ...SCALARS,
  'prediction_id',
  'timestamp',
  'features',
  'prediction',
  'latency_ms',
  'sample_rate',
]);
const PLAIN_OUTPUTS: ReadonlySet<string> = new Set(['label', 'value', 'score']);

/** The lists of members that are not taken column by column. */
function rareLists(wire: WireColumns, output: WireColumns): (readonly unknown[])[] {
  const rare = [
    ...Object.entries(wire).filter(([member]) => !PLAIN_MEMBERS.has(member)),
    ...Object.entries(output).filter(([name]) => !PLAIN_OUTPUTS.has(name)),
  ];
  return rare.flatMap(([, value]) => (isObject(value) ? Object.values(value) : [value]) as (readonly unknown[])[]);
}

/** @param counts of the features that each row has */
function checkFeature(
  values: readonly unknown[],
  maxStringLength: number,
  { plain, sizesBytes }: Rows,
  counts: Uint32Array,
): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    sizesBytes[row]! += sizeOfValue(value);
    if (value === null) continue;
    counts[row]! += 1;
    if (typeof value === 'number' || typeof value === 'boolean') continue;
    if (!isPlainText(value, maxStringLength)) plain[row] = 0;
  }
}

/** Texts with half a surrogate pair are made whole by the parser of single predictions. */
function isPlainText(value: unknown, maxStringLength: number): value is string {
  return typeof value === 'string' && value.length <= maxStringLength && value.isWellFormed();
}

function addSizes(values: readonly unknown[], { sizesBytes }: Rows): void {
  for (let row = 0; row < values.length; row++) sizesBytes[row]! += sizeOfValue(values[row]);
}

function numbers(list: unknown, found: Rows, least: number, most = Infinity): (number | null)[] | undefined {
  if (list === undefined) return undefined;
  const values = list as (number | null)[];
  addSizes(values, found);
  for (let row = 0; row < values.length; row++) {
    const value: unknown = values[row];
    if (value === null) continue;
    if (!(typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most)) found.plain[row] = 0;
  }
  return values;
}

function classes(list: unknown, maxStringLength: number, found: Rows): (string | null)[] | undefined {
  if (list === undefined) return undefined;
  addSizes(list as readonly unknown[], found);
  return (list as readonly unknown[]).map((value, row) => {
    if (value === null) return null;
    if (isPlainText(value, maxStringLength)) return value;
    if ((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'boolean') return classText(value);
    found.plain[row] = 0;
    return null;
  });
}

function timestamps(
  list: unknown,
  ids: readonly string[],
  { nowMs, oldestMs, newestMs }: IntakeContext,
  { plain, sizesBytes }: Rows,
): number[] {
  return ids.map((id, row) => {
    const value = list === undefined ? null : (list as readonly unknown[])[row];
    // Written as a number, whatever it came as.
    sizesBytes[row]! += sizeOfValue(nowMs);
    if (Number.isSafeInteger(value) && (value as number) >= oldestMs && (value as number) <= newestMs) {
      return value as number;
    }
    // Without a time the moment of receipt stands in, unless the id carries one.
    if (value !== null || typeof id !== 'string' || uuidV7TimeMs(id) !== undefined) plain[row] = 0;
    return nowMs;
  });
}
