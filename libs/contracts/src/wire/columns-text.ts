import type { FeatureColumn, PredictionColumns } from '../prediction-columns.js';
import { featureList } from './feature-column.js';

/**
 * Returns the JSON text of predictions in the form of columns, as a message carries it: parsing it with the same project and time of
 * receipt gives the same columns. Data subjects stand there as hashes.
 */
export function columnsText(columns: PredictionColumns): string {
  const { labels, values, scores, classScores } = columns;
  const output = { label: labels, value: values, score: scores, scores: classScores && listsByName(classScores) };
  const fields = {
    model: columns.model,
    version: columns.version,
    prediction_id: columns.predictionIds,
    timestamp: columns.timestampsMs,
    prediction: Object.values(output).some((list) => list !== undefined) ? output : undefined,
    latency_ms: columns.latenciesMs,
    error: columns.errors,
    tags: columns.tags && listsByName(columns.tags),
    entity_hash: columns.entityHashes,
    trace_id: columns.traceIds,
    sample_rate: columns.sampleRates,
  };
  const features = [...columns.features].map(([name, list]) => `${JSON.stringify(name)}:${listText(list)}`);
  return `${JSON.stringify(fields).slice(0, -1)},"features":{${features.join()}}}`;
}

/** One list for each name that any row has. */
function listsByName<V>(rows: readonly (Readonly<Record<string, V>> | null)[]): Record<string, (V | null)[]> {
  const lists = new Map<string, (V | null)[]>();
  rows.forEach((row, index) => {
    for (const [name, value] of Object.entries(row ?? {})) {
      let list = lists.get(name);
      if (list === undefined) lists.set(name, (list = new Array<V | null>(rows.length).fill(null)));
      list[index] = value;
    }
  });
  return Object.fromEntries(lists);
}

/** JSON.stringify would write an infinite number as null, and it would be counted as missing instead of invalid. */
function listText(column: FeatureColumn): string {
  const list = featureList(column);
  const infinite = list.some((value) => typeof value === 'number' && !Number.isFinite(value));
  if (!infinite) return JSON.stringify(list);
  return `[${list.map((value) => (value === Infinity ? '1e999' : value === -Infinity ? '-1e999' : JSON.stringify(value))).join()}]`;
}
