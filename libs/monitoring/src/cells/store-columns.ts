import {
  featureAt,
  type FeatureColumn,
  featureList,
  type FeatureSchema,
  type FeatureValue,
  isPacked,
  MISSING_TEXT,
  type NamedValues,
  type PredictionColumns,
  type Segment,
  type StoredColumns,
} from '@plumbline/contracts';
import { rowsOfSegments } from '../segments/rows-of-segments.js';
import type { SegmentValues } from '../segments/segment-values.js';
import { murmur3 } from './murmur3.js';

/**
 * The predictions as they are stored: features by position, values of the wrong type set apart.
 * A number is fine where a category is declared (1 and 1.0 are the category "1"); a text where a number is declared is not.
 * @param schema should name every feature; values of others (the model has too many) are kept as they are and not counted
 * @param positiveClass of a binary model, to read its score out of the scores of all classes; undefined when unknown
 * @param segmentValues values with a segment of their own, of segments that are declared by value
 */
export function storeColumns(
  columns: PredictionColumns,
  schema: FeatureSchema,
  segments: readonly Segment[],
  positiveClass: string | undefined,
  segmentValues: SegmentValues = new Map(),
): StoredColumns {
  const { project, model, version, rows, features, classScores, scores } = columns;
  const invalid = new InvalidValues();
  const placed = new Set([...schema.numberNames, ...schema.textNames, ...schema.booleanNames]);
  const numbers = schema.numberNames.map((name) => numbersOf(name, features.get(name), rows, invalid));
  const texts = [
    ...schema.textNames.map((name) => textsOf(name, features.get(name), rows, invalid)),
    ...schema.booleanNames.map((name) => booleansOf(name, features.get(name), rows, invalid)),
  ];
  for (const [name, values] of features) {
    if (placed.has(name)) continue;
    for (let row = 0; row < rows; row++) invalid.add(row, name, featureAt(values, row));
  }
  return {
    project,
    model,
    version,
    schema,
    rows,
    predictionIds: columns.predictionIds,
    timestampsMs: columns.timestampsMs,
    receivedAtMs: columns.receivedAtMs,
    idHashes: Uint32Array.from(columns.predictionIds, murmur3),
    numbers,
    texts,
    invalid: invalid.byRow,
    segments: rowsOfSegments(columns, schema, segments, segmentValues),
    labels: textColumn(columns.labels),
    values: numberColumn(columns.values, rows),
    scores:
      classScores === undefined || positiveClass === undefined
        ? numberColumn(scores, rows)
        : Float64Array.from(classScores, (ofClass, row) => scores?.[row] ?? ofClass?.[positiveClass] ?? NaN),
    classScores: namedValues(classScores),
    latenciesMs: numberColumn(columns.latenciesMs, rows),
    errors: textColumn(columns.errors),
    tags: namedValues(columns.tags),
    entityHashes: textColumn(columns.entityHashes),
    traceIds: textColumn(columns.traceIds),
    sampleWeights: weightsOf(columns.sampleRates),
  };
}

/** Values that do not fit their feature's kind, by row. */
class InvalidValues {
  readonly byRow = new Map<number, [string[], string[]]>();

  /** Missing values are no invalid ones. */
  add(row: number, name: string, value: FeatureValue): void {
    if (value === null) return;
    let [names, values] = this.byRow.get(row) ?? [];
    if (names === undefined || values === undefined) this.byRow.set(row, [(names = []), (values = [])]);
    names.push(name);
    values.push(typeof value === 'number' ? String(value) : JSON.stringify(value));
  }
}

function numbersOf(
  name: string,
  column: FeatureColumn | undefined,
  rows: number,
  invalid: InvalidValues,
): Float64Array {
  // Packed numbers are stored as they are: only an infinite one is no value.
  if (column !== undefined && isPacked(column) && !hasInfinite(column.packed)) return column.packed;
  const numbers = new Float64Array(rows);
  if (column === undefined) return numbers.fill(NaN);
  const values = featureList(column);
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (typeof value === 'number' && Number.isFinite(value)) numbers[row] = value;
    else {
      numbers[row] = NaN;
      invalid.add(row, name, value);
    }
  }
  return numbers;
}

function hasInfinite(numbers: Float64Array): boolean {
  for (const number of numbers) if (number === Infinity || number === -Infinity) return true;
  return false;
}

function textsOf(name: string, column: FeatureColumn | undefined, rows: number, invalid: InvalidValues): string[] {
  const texts = new Array<string>(rows).fill(MISSING_TEXT);
  if (column === undefined) return texts;
  const values = featureList(column);
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (typeof value === 'string' && value !== MISSING_TEXT) texts[row] = value;
    else if (typeof value === 'number' && Number.isFinite(value)) texts[row] = String(value);
    else invalid.add(row, name, value);
  }
  return texts;
}

function booleansOf(name: string, column: FeatureColumn | undefined, rows: number, invalid: InvalidValues): string[] {
  const texts = new Array<string>(rows).fill(MISSING_TEXT);
  if (column === undefined) return texts;
  const values = featureList(column);
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (typeof value === 'boolean') texts[row] = value ? 'true' : 'false';
    else invalid.add(row, name, value);
  }
  return texts;
}

function textColumn(values: readonly (string | null)[] | undefined): string[] | undefined {
  return values?.map((value) => value ?? '');
}

function numberColumn(values: readonly (number | null)[] | undefined, rows: number): Float64Array | undefined {
  if (values === undefined) return undefined;
  const numbers = new Float64Array(rows);
  for (let row = 0; row < rows; row++) numbers[row] = values[row] ?? NaN;
  return numbers;
}

/** A prediction that is one of ten of its kind stands for ten. */
function weightsOf(sampleRates: readonly (number | null)[] | undefined): Float64Array | undefined {
  return sampleRates && Float64Array.from(sampleRates, (rate) => 1 / (rate ?? 1));
}

function namedValues<V>(
  values: readonly (Readonly<Record<string, V>> | null)[] | undefined,
): Map<number, NamedValues<V>> {
  const named = new Map<number, NamedValues<V>>();
  values?.forEach((value, row) => {
    if (value !== null) named.set(row, [Object.keys(value), Object.values(value)]);
  });
  return named;
}
