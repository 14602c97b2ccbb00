import type { PredictionColumns } from '../prediction-columns.js';
import { selectRows } from './columns-rows.js';
import { featureList, firstFeature } from './feature-column.js';
import type { ColumnsLimits, SizedColumns } from './prediction-columns-builder.js';
import { sizeOfValue } from './value-size.js';

/** Names of features stand in each piece; as long as they take no more than this part of it, it is not looked at which ones a piece needs. */
const LARGEST_SHARE_OF_NAMES = 1 / 8;

/**
 * Cuts the given rows of columns into pieces that fit the limits by what their rows take, in order. A row that does not fit by itself
 * is a piece of its own.
 * @param sizesBytes of each row, by `sizeOfValue` of its values
 */
export function* cutBySize(
  columns: PredictionColumns,
  rows: readonly number[],
  sizesBytes: Float64Array,
  { maxRows, maxBytes }: ColumnsLimits,
): Generator<SizedColumns, void, undefined> {
  const namesBytes = sizeOfNames(columns.features.keys());
  const isWide = namesBytes > maxBytes * LARGEST_SHARE_OF_NAMES;
  const roomBytes = isWide ? maxBytes : maxBytes - namesBytes;
  for (let from = 0; from < rows.length;) {
    let to = from;
    let rowsBytes = 0;
    do rowsBytes += sizesBytes[rows[to++]!]!;
    while (to < rows.length && to - from < maxRows && rowsBytes + sizesBytes[rows[to]!]! <= roomBytes);
    const piece = to - from === columns.rows ? columns : selectRows(columns, rows.slice(from, to));
    if (isWide) yield* halved(piece, maxBytes);
    else yield { columns: piece, sizeBytes: namesBytes + rowsBytes };
    from = to;
  }
}

/** Halves columns until each part fits with just the features that its rows have. */
function* halved(columns: PredictionColumns, maxBytes: number): Generator<SizedColumns, void, undefined> {
  const features = new Map([...columns.features].filter(([, values]) => firstFeature(values) !== null));
  const lean = { ...columns, features };
  const sizeBytes = sizeOfNames(features.keys()) + sizeOfLists(lean);
  if (sizeBytes <= maxBytes || columns.rows === 1) {
    yield { columns: lean, sizeBytes };
    return;
  }
  const rows = Array.from({ length: columns.rows }, (_, row) => row);
  const middle = rows.length >> 1;
  yield* halved(selectRows(lean, rows.slice(0, middle)), maxBytes);
  yield* halved(selectRows(lean, rows.slice(middle)), maxBytes);
}

function sizeOfNames(names: Iterable<string>): number {
  let bytes = 0;
  for (const name of names) bytes += sizeOfValue(name);
  return bytes;
}

/** Of what stands in columns whose rows are plain. */
function sizeOfLists({
  predictionIds,
  timestampsMs,
  features,
  labels,
  values,
  scores,
  latenciesMs,
  sampleRates,
}: PredictionColumns): number {
  let bytes = 0;
  for (const list of [
    predictionIds,
    timestampsMs,
    labels,
    values,
    scores,
    latenciesMs,
    sampleRates,
    ...[...features.values()].map(featureList),
  ]) {
    for (const value of list ?? []) bytes += sizeOfValue(value);
  }
  return bytes;
}
