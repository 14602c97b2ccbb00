import type { FeatureSchema, NumberRange, PredictionColumns, Segment } from '@plumbline/contracts';
import { type KeyValue, readKey } from './read-key.js';
import type { SegmentValues } from './segment-values.js';
import { otherSegment, valueSegment } from './segment-name.js';

type Wanted = NonNullable<Segment['where']>[string];

/**
 * Returns the rows of each segment, ascending; segments without rows are left out. They may overlap. A row whose value is missing
 * or of the wrong type belongs to no segment of that feature.
 * @param known values with a segment of their own, by the name of their declaration
 */
export function rowsOfSegments(
  columns: PredictionColumns,
  schema: FeatureSchema,
  segments: readonly Segment[],
  known: SegmentValues,
): Map<string, number[]> {
  const rowsOf = new Map<string, number[]>();
  for (const { name, where, by } of segments) {
    if (by !== undefined) splitRows(columns.rows, readKey(columns, schema, by), name, known.get(name), rowsOf);
    else if (where !== undefined) {
      const conditions = Object.entries(where).map(([key, wanted]) => ({
        read: readKey(columns, schema, key),
        holds: conditionOf(wanted),
      }));
      for (let row = 0; row < columns.rows; row++) {
        if (conditions.every(({ read, holds }) => holds(read(row)))) add(rowsOf, name, row);
      }
    }
  }
  return rowsOf;
}

function splitRows(
  rows: number,
  read: (row: number) => KeyValue,
  name: string,
  known: ReadonlySet<string> | undefined,
  rowsOf: Map<string, number[]>,
): void {
  const segmentOf = new Map<KeyValue, string>();
  for (let row = 0; row < rows; row++) {
    const value = read(row);
    if (value === undefined) continue;
    let segment = segmentOf.get(value);
    if (segment === undefined) {
      const text = String(value);
      segment = known?.has(text) === true ? valueSegment(name, text) : otherSegment(name);
      // A batch may bring a million values; the segments of the known ones are few.
      if (segmentOf.size < 1000) segmentOf.set(value, segment);
    }
    add(rowsOf, segment, row);
  }
}

function conditionOf(wanted: Wanted): (value: KeyValue) => boolean {
  if (typeof wanted === 'object') return inRange(wanted);
  const text = String(wanted);
  // Only a text that is a number's own text equals that number: "1" does, "1.0" does not.
  const number = String(Number(text)) === text ? Number(text) : NaN;
  return (value) => (typeof value === 'number' ? value === number : value === text);
}

function inRange({ from = -Infinity, to = Infinity }: NumberRange): (value: KeyValue) => boolean {
  return (value) => typeof value === 'number' && value >= from && value < to;
}

function add(rowsOf: Map<string, number[]>, segment: string, row: number): void {
  const rows = rowsOf.get(segment);
  if (rows === undefined) rowsOf.set(segment, [row]);
  else rows.push(row);
}
