import type { FeatureValue } from '../event.schema.js';
import type { FeatureColumn, PackedNumbers } from '../prediction-columns.js';

export function isPacked(column: FeatureColumn): column is PackedNumbers {
  return !Array.isArray(column);
}

/** What a feature has in a row; null: nothing. */
export function featureAt(column: FeatureColumn, row: number): FeatureValue {
  if (!isPacked(column)) return column[row]!;
  const value = column.packed[row]!;
  return Number.isNaN(value) ? null : value;
}

/** The first value that is not null; null when there is none. */
export function firstFeature(column: FeatureColumn): FeatureValue {
  if (!isPacked(column)) return column.find((value) => value !== null) ?? null;
  return column.packed.find((value) => !Number.isNaN(value)) ?? null;
}

/** The column as a list. */
export function featureList(column: FeatureColumn): readonly FeatureValue[] {
  return isPacked(column)
    ? Array.from(column.packed, (value): FeatureValue => (Number.isNaN(value) ? null : value))
    : column;
}

/** The rows of a column from `from` up to `to`, exclusive. */
export function sliceFeature(column: FeatureColumn, from: number, to: number): FeatureColumn {
  return isPacked(column) ? { packed: column.packed.subarray(from, to) } : column.slice(from, to);
}

/** These rows of a column, in this order. */
export function pickFeature(column: FeatureColumn, rows: readonly number[]): FeatureColumn {
  if (!isPacked(column)) return rows.map((row) => column[row]!);
  const { packed } = column;
  return { packed: Float64Array.from(rows, (row) => packed[row]!) };
}

/** The column of a list: packed when it holds nothing but numbers. */
export function packFeature(list: readonly FeatureValue[]): FeatureColumn {
  const packed = joinNumbers([list]);
  return packed === undefined ? list : { packed };
}

/** A column, or so many rows without anything. */
export type ColumnPart = FeatureColumn | number;

/** Joins columns: packed when they hold nothing but numbers. */
export function joinFeatures(parts: readonly ColumnPart[]): FeatureColumn {
  const packed = joinNumbers(parts);
  if (packed !== undefined) return { packed };
  // As a whole: what concat joins of lists of one kind is such a list again, and no list of anything.
  const lists = parts.map((part) => (typeof part === 'number' ? new Array<null>(part).fill(null) : featureList(part)));
  return lists[0]!.concat(...lists.slice(1));
}

/** Undefined when the parts hold anything but numbers. */
function joinNumbers(parts: readonly ColumnPart[]): Float64Array | undefined {
  const isNumber = (value: FeatureValue): value is number | null => value === null || typeof value === 'number';
  // Most columns that are none of numbers say so at once.
  if (!parts.every((part) => typeof part === 'number' || isPacked(part) || isNumber(part[0] ?? null))) return undefined;
  const joined = new Float64Array(parts.reduce((sum: number, part) => sum + rowsOf(part), 0));
  let at = 0;
  for (const part of parts) {
    const rows = rowsOf(part);
    if (typeof part === 'number') joined.fill(NaN, at, at + rows);
    else if (isPacked(part)) joined.set(part.packed, at);
    else {
      for (let row = 0; row < rows; row++) {
        const value = part[row]!;
        if (!isNumber(value)) return undefined;
        joined[at + row] = value ?? NaN;
      }
    }
    at += rows;
  }
  return joined;
}

function rowsOf(part: ColumnPart): number {
  if (typeof part === 'number') return part;
  return isPacked(part) ? part.packed.length : part.length;
}
