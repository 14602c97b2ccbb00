import { DEFAULT_SEGMENT_VALUES, type FeatureSchema, type PredictionColumns, type Segment } from '@plumbline/contracts';
import { readKey } from './read-key.js';
import { mayOwnSegment } from './segment-name.js';

/** Values that have a segment of their own, by the name of their declaration. */
export type SegmentValues = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Returns the values with a segment of their own: those that are declared, else the first of the learned ones, as many as the
 * declaration allows. A function of what is declared and stored alone, so every process and every restart chooses the same.
 * @param learned values of each declaration in the order in which they were learned
 */
export function segmentValuesOf(
  segments: readonly Segment[],
  learned: ReadonlyMap<string, readonly string[]>,
): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  for (const { name, by, values, limit = DEFAULT_SEGMENT_VALUES } of segments) {
    if (by === undefined) continue;
    known.set(name, new Set(values?.map(String) ?? learned.get(name)?.slice(0, limit) ?? []));
  }
  return known;
}

/**
 * Returns the values of a batch that get a segment of their own from now on: the first that come, while there is room.
 * @param known values of the model so far, of this batch's earlier parts too
 */
export function newSegmentValues(
  columns: PredictionColumns,
  schema: FeatureSchema,
  segments: readonly Segment[],
  known: SegmentValues,
): Map<string, string[]> {
  const learned = new Map<string, string[]>();
  for (const { name, by, values, limit = DEFAULT_SEGMENT_VALUES } of segments) {
    if (by === undefined || values !== undefined) continue;
    const owners = new Set(known.get(name));
    if (owners.size >= limit) continue;
    const read = readKey(columns, schema, by);
    const added: string[] = [];
    for (let row = 0; row < columns.rows && owners.size < limit; row++) {
      const value = read(row);
      if (value === undefined) continue;
      const text = String(value);
      if (owners.has(text) || !mayOwnSegment(text)) continue;
      owners.add(text);
      added.push(text);
    }
    if (added.length > 0) learned.set(name, added);
  }
  return learned;
}
