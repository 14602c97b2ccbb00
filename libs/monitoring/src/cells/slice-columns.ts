import type { StoredColumns } from '@plumbline/contracts';

/** The same columns with the rows from `from` up to `to`, exclusive. */
export function sliceColumns(columns: StoredColumns, from: number, to: number): StoredColumns {
  const slice = <T>(values: ArrayLike<T>): T[] => Array.prototype.slice.call(values, from, to) as T[];
  const sliceMaybe = <T>(values: ArrayLike<T> | undefined): T[] | undefined => values && slice(values);
  const sliceMap = <V>(map: ReadonlyMap<number, V>): Map<number, V> =>
    new Map([...map].filter(([row]) => row >= from && row < to).map(([row, value]) => [row - from, value]));
  const segments = [...columns.segments].map(
    ([name, rows]) => [name, rows.filter((row) => row >= from && row < to).map((row) => row - from)] as const,
  );
  return {
    ...columns,
    rows: to - from,
    predictionIds: slice(columns.predictionIds),
    timestampsMs: slice(columns.timestampsMs),
    receivedAtMs: slice(columns.receivedAtMs),
    idHashes: slice(columns.idHashes),
    numbers: columns.numbers.map(slice),
    texts: columns.texts.map(slice),
    invalid: sliceMap(columns.invalid),
    classScores: sliceMap(columns.classScores),
    tags: sliceMap(columns.tags),
    segments: new Map(segments.filter(([, rows]) => rows.length > 0)),
    labels: sliceMaybe(columns.labels),
    values: sliceMaybe(columns.values),
    scores: sliceMaybe(columns.scores),
    latenciesMs: sliceMaybe(columns.latenciesMs),
    errors: sliceMaybe(columns.errors),
    entityHashes: sliceMaybe(columns.entityHashes),
    traceIds: sliceMaybe(columns.traceIds),
    sampleWeights: sliceMaybe(columns.sampleWeights),
  };
}
