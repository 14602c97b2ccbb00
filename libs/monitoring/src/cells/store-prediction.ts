import {
  type FeatureKind,
  type FeatureSchema,
  type FeatureValue,
  MISSING_TEXT,
  type PredictionEvent,
  type Segment,
  type StoredPrediction,
} from '@plumbline/contracts';
import { murmur3 } from './murmur3.js';

/** One for all rows: most have neither tags nor scores nor invalid values. */
const NONE: readonly [readonly never[], readonly never[]] = [[], []];

/** Kind of feature a value suggests when none is declared; undefined for a missing value. */
export function inferKind(value: FeatureValue): FeatureKind | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return 'numeric';
  return typeof value === 'boolean' ? 'boolean' : 'categorical';
}

/**
 * The event as it is stored: features by position, values of the wrong type set apart.
 * A number is fine where a category is declared (1 and 1.0 are the category "1"); a text where a number is declared is not.
 * @param schema must name every feature of the event; others are missing values
 * @param overflow features that have no place in the schema because the model has too many: kept as they are, not counted
 * @param positiveClass of a binary model, to read its score out of `scores`; undefined when unknown
 */
export function storePrediction(
  event: PredictionEvent,
  schema: FeatureSchema,
  segments: readonly Segment[],
  positiveClass: string | undefined,
  overflow: readonly string[] = [],
): StoredPrediction {
  const { features } = event;
  const invalidNames: string[] = [];
  const invalidValues: string[] = [];
  const refuse = (name: string, value: FeatureValue): void => {
    invalidNames.push(name);
    invalidValues.push(typeof value === 'number' ? String(value) : JSON.stringify(value));
  };
  const numbers = new Array<number>(schema.numberNames.length);
  for (let i = 0; i < numbers.length; i++) {
    const name = schema.numberNames[i]!;
    const value = features[name];
    if (typeof value === 'number' && Number.isFinite(value)) numbers[i] = value;
    else {
      numbers[i] = NaN;
      if (value !== undefined && value !== null) refuse(name, value);
    }
  }
  const texts: string[] = [];
  for (const name of schema.textNames) {
    const value = features[name];
    if (typeof value === 'string' && value !== MISSING_TEXT) texts.push(value);
    else if (typeof value === 'number' && Number.isFinite(value)) texts.push(String(value));
    else {
      texts.push(MISSING_TEXT);
      if (value !== undefined && value !== null) refuse(name, value);
    }
  }
  for (const name of schema.booleanNames) {
    const value = features[name];
    if (typeof value === 'boolean') texts.push(String(value));
    else {
      texts.push(MISSING_TEXT);
      if (value !== undefined && value !== null) refuse(name, value);
    }
  }
  for (const name of overflow) refuse(name, features[name]!);
  const { scores, tags } = event;
  const score = event.score ?? (positiveClass === undefined ? undefined : scores?.[positiveClass]);
  return {
    project: event.project,
    model: event.model,
    version: event.version,
    timestampMs: event.timestampMs,
    predictionId: event.predictionId,
    idHash: murmur3(event.predictionId),
    schema,
    numbers,
    texts,
    invalid: invalidNames.length === 0 ? NONE : [invalidNames, invalidValues],
    segments:
      segments.length === 0 ? [] : segments.filter((segment) => belongsTo(event, segment)).map(({ name }) => name),
    label: event.label ?? '',
    value: event.value ?? NaN,
    score: score ?? NaN,
    scores: scores === undefined ? NONE : [Object.keys(scores), Object.values(scores)],
    latencyMs: event.latencyMs ?? NaN,
    error: event.error ?? '',
    tags: tags === undefined ? NONE : [Object.keys(tags), Object.values(tags)],
    entityHash: event.entityHash ?? '',
    traceId: event.traceId ?? '',
    receivedAtMs: event.receivedAtMs,
  };
}

/** Whether the event's features or tags equal all values of the segment; a feature hides a tag of the same name. */
function belongsTo(event: PredictionEvent, segment: Segment): boolean {
  return Object.entries(segment.where).every(([name, wanted]) => {
    const value = event.features[name] ?? event.tags?.[name];
    return value !== undefined && value !== null && String(value) === String(wanted);
  });
}
