import type { Store } from '@plumbline/storage';
import type { Oracle } from '../oracle.js';
import type { Report } from '../report.js';
import { featureKinds, type PredictionFacts, trafficModels } from '../traffic.js';
import { PROJECT, readRows } from './read-rows.js';

/** What can be wrong with stored predictions, each with the ids it concerns. */
export interface PredictionFindings {
  readonly lost: string[];
  readonly foreign: string[];
  readonly double: string[];
  readonly altered: string[];
}

/** A raw row as far as it is compared. */
export interface StoredRow {
  readonly id: string;
  readonly version: string;
  readonly timestampMs: number;
  readonly label: string;
  readonly score: number | null;
  readonly latencyMs: number | null;
  readonly error: string;
  /** By feature, as text; a missing or invalid value is absent. */
  readonly features: Readonly<Record<string, string>>;
  readonly invalid: readonly string[];
  readonly segments: readonly string[];
  readonly sampleWeight: number;
}

/**
 * Compares the rows of a model with what was sent and acknowledged.
 * @param issued what was made for the model, by index
 * @param state of an index: whether it was sent, and whether it was acknowledged
 */
export function comparePredictions(
  rows: readonly StoredRow[],
  issued: readonly PredictionFacts[],
  state: (index: number) => { readonly sent: boolean; readonly acknowledged: boolean },
  segment: string | undefined,
): PredictionFindings {
  const findings: PredictionFindings = { lost: [], foreign: [], double: [], altered: [] };
  const found = new Map<string, StoredRow>();
  for (const row of rows) {
    if (found.has(row.id)) findings.double.push(row.id);
    found.set(row.id, row);
  }
  for (const [index, facts] of issued.entries()) {
    const { sent, acknowledged } = state(index);
    const row = found.get(facts.id);
    if (row === undefined) {
      if (acknowledged) findings.lost.push(facts.id);
      continue;
    }
    found.delete(facts.id);
    if (!sent) findings.foreign.push(facts.id);
    const difference = differenceOf(row, facts, segment);
    if (difference !== undefined) findings.altered.push(`${facts.id}: ${difference}`);
  }
  findings.foreign.push(...found.keys());
  return findings;
}

function differenceOf(row: StoredRow, facts: PredictionFacts, segment: string | undefined): string | undefined {
  const differences: string[] = [];
  const compare = (name: string, stored: unknown, sent: unknown): void => {
    if (stored !== sent) differences.push(`${name} is ${String(stored)}, sent was ${String(sent)}`);
  };
  compare('version', row.version, facts.version);
  if (facts.timestampMs !== undefined) compare('timestamp', row.timestampMs, facts.timestampMs);
  compare('label', row.label, facts.label ?? '');
  compare('score', row.score, facts.score ?? null);
  compare('latency_ms', row.latencyMs, facts.latencyMs ?? null);
  compare('error', row.error, facts.error);
  compare('sample_weight', row.sampleWeight, 1 / (facts.sampleRate ?? 1));
  compare('segments', row.segments.join(), segment !== undefined && facts.country === 'DE' ? segment : '');
  for (const [feature, kind] of Object.entries(featureKinds)) {
    const value = facts.features[feature];
    const fits = value !== null && value !== undefined && (kind !== 'numeric' || typeof value === 'number');
    compare(feature, row.features[feature], fits ? String(value) : undefined);
    compare(`invalid ${feature}`, row.invalid.includes(feature), value !== null && value !== undefined && !fits);
  }
  return differences.length === 0 ? undefined : differences.join('; ');
}

/** Judges the raw rows: every acknowledged prediction is stored once and as it was sent, and nothing else is. */
export async function judgePredictions(store: Store, oracle: Oracle, report: Report): Promise<void> {
  const all: PredictionFindings = { lost: [], foreign: [], double: [], altered: [] };
  let rowCount = 0;
  for (const [model, { name, segment }] of trafficModels.entries()) {
    const rows = await readPredictions(store, name);
    rowCount += rows.length;
    const issued = Array.from({ length: oracle.issuedOf(model) }, (_, index) =>
      oracle.traffic.prediction(model, index),
    );
    const state = (index: number) => ({
      sent: oracle.wasSent(model, index),
      acknowledged: oracle.wasAcknowledged(model, index),
    });
    const findings = comparePredictions(rows, issued, state, segment);
    for (const kind of ['lost', 'foreign', 'double', 'altered'] as const) all[kind].push(...findings[kind]);
  }
  const names = new Set(trafficModels.map(({ name }) => name));
  const models = (await readRows(store, 'SELECT DISTINCT model FROM prediction')).map(([name]) => String(name));
  all.foreign.push(...models.filter((name) => !names.has(name)).map((name) => `model ${name}`));
  report.check('every acknowledged prediction is stored', all.lost, `${oracle.acknowledgedPredictions} acknowledged`);
  report.check('every prediction is stored once', all.double, `${rowCount} rows`);
  report.check('nothing is stored that was not sent', all.foreign);
  report.check('every prediction is stored as it was sent', all.altered);
}

async function readPredictions(store: Store, model: string): Promise<StoredRow[]> {
  const schemas = new Map(
    (await readRows(store, 'SELECT schema_id, number_names, text_names, boolean_names FROM feature_schema FINAL')).map(
      ([id, numbers, texts, booleans]) => [
        Number(id),
        { numbers: numbers as string[], texts: [...(texts as string[]), ...(booleans as string[])] },
      ],
    ),
  );
  const rows = await readRows(
    store,
    `SELECT prediction_id, version, toUnixTimestamp64Milli(timestamp), label, score, latency_ms, error, schema_id, numbers,
            texts, mapKeys(invalid), segments, sample_weight
     FROM prediction FINAL WHERE project = {project:String} AND model = {model:String}`,
    { project: PROJECT, model },
  );
  return rows.map((row): StoredRow => {
    const schema = schemas.get(Number(row[7]));
    const features: Record<string, string> = {};
    schema?.numbers.forEach((name, i) => {
      const value = finite((row[8] as unknown[])[i]);
      if (value !== null) features[name] = String(value);
    });
    schema?.texts.forEach((name, i) => {
      const value = String((row[9] as unknown[])[i]);
      if (value !== '\u0000') features[name] = value;
    });
    return {
      id: String(row[0]),
      version: String(row[1]),
      timestampMs: Number(row[2]),
      label: String(row[3]),
      score: finite(row[4]),
      latencyMs: finite(row[5]),
      error: String(row[6]),
      features,
      invalid: row[10] as string[],
      segments: row[11] as string[],
      sampleWeight: Number(row[12]),
    };
  });
}

/** NaN, which the engine writes as text, stands for a missing value. */
function finite(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
