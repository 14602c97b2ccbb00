import type { FeatureValue, PredictionEvent } from '../event.schema.js';
import { OPTIONAL_COLUMNS, type PredictionColumns } from '../prediction-columns.js';

/** The same columns with just these rows, in this order. */
export function selectRows(columns: PredictionColumns, rows: readonly number[]): PredictionColumns {
  const select = <T>(values: readonly T[]): T[] => rows.map((row) => values[row]!);
  const features = new Map<string, FeatureValue[]>();
  for (const [name, values] of columns.features) features.set(name, select(values));
  const optional: Record<string, unknown> = {};
  for (const name of OPTIONAL_COLUMNS) {
    const values: readonly unknown[] | undefined = columns[name];
    if (values !== undefined) optional[name] = select(values);
  }
  return {
    ...columns,
    rows: rows.length,
    predictionIds: select(columns.predictionIds),
    timestampsMs: select(columns.timestampsMs),
    receivedAtMs: select(columns.receivedAtMs),
    features,
    ...optional,
  };
}

/** A row as the event it is; features that are missing are left out. */
export function eventOfRow(columns: PredictionColumns, row: number): PredictionEvent {
  const { project, model, version } = columns;
  const features: Record<string, FeatureValue> = Object.create(null) as Record<string, FeatureValue>;
  for (const [name, values] of columns.features) if (values[row] !== null) features[name] = values[row]!;
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
