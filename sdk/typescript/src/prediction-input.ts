import type { ClassValue, FeatureValue, PredictionOutput, WireLabel, WirePrediction } from './wire-event.js';

/** ISO 8601 text with a zone, milliseconds since 1970, or a date. */
export type Instant = string | number | Date;

export interface PredictionInput {
  /** Default: the client's `model`. */
  readonly model?: string | undefined;
  /** Default: the client's `version`, else the server's, "1". */
  readonly version?: string | undefined;
  /** Default: a UUIDv7, which `logPrediction` returns. */
  readonly predictionId?: string | undefined;
  /** When it was made. Default: now. */
  readonly timestamp?: Instant | undefined;
  readonly features: Readonly<Record<string, FeatureValue | bigint | Date | undefined>>;
  readonly prediction?: PredictionOutput | undefined;
  readonly latencyMs?: number | undefined;
  /** What went wrong, when the model failed to answer. */
  readonly error?: string | boolean | undefined;
  readonly tags?: Readonly<Record<string, string | number | boolean | null | undefined>> | undefined;
  /** Data subject; the server stores a keyed hash only. */
  readonly entityId?: string | undefined;
  readonly traceId?: string | undefined;
}

export interface LabelInput {
  /** Default: the client's `model`. */
  readonly model?: string | undefined;
  readonly predictionId: string;
  /** The true class. */
  readonly label?: ClassValue | undefined;
  /** The true number, of a regression. */
  readonly value?: number | undefined;
  /** When it became known: of two labels of a prediction the later holds. Default: now. */
  readonly timestamp?: Instant | undefined;
  readonly weight?: number | undefined;
}

/** Values that hold where a call says nothing. */
export interface EventDefaults {
  readonly model: string | undefined;
  readonly version: string | undefined;
}

/**
 * Returns the prediction as it goes on the wire. Its features and output are the given objects.
 * @throws TypeError without features
 */
export function wirePrediction(
  input: PredictionInput,
  predictionId: string,
  nowMs: number,
  defaults: EventDefaults,
): WirePrediction {
  if (typeof input.features !== 'object' || input.features === null) {
    throw new TypeError('features must be an object of values by name, {} when there are none');
  }
  const version = input.version ?? defaults.version;
  const tags = input.tags && tagTexts(input.tags);
  return {
    // The server says what is wrong with a model that is missing, as it does for every other field.
    model: input.model ?? defaults.model ?? '',
    ...(version === undefined ? {} : { version }),
    prediction_id: predictionId,
    timestamp: instant(input.timestamp, nowMs),
    features: input.features,
    ...(input.prediction === undefined ? {} : { prediction: input.prediction }),
    ...(input.latencyMs === undefined ? {} : { latency_ms: input.latencyMs }),
    ...(input.error === undefined ? {} : { error: input.error }),
    ...(tags === undefined ? {} : { tags }),
    ...(input.entityId === undefined ? {} : { entity_id: input.entityId }),
    ...(input.traceId === undefined ? {} : { trace_id: input.traceId }),
  };
}

/** Returns the label as it goes on the wire. */
export function wireLabel(input: LabelInput, nowMs: number, defaults: EventDefaults): WireLabel {
  return {
    model: input.model ?? defaults.model ?? '',
    prediction_id: input.predictionId,
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(input.value === undefined ? {} : { value: input.value }),
    timestamp: instant(input.timestamp, nowMs),
    ...(input.weight === undefined ? {} : { weight: input.weight }),
  };
}

function instant(given: Instant | undefined, nowMs: number): number | string {
  if (given === undefined) return nowMs;
  if (given instanceof Date) return given.getTime();
  return typeof given === 'number' ? Math.round(given) : given;
}

/** Tags are texts on the wire: numbers and true/false as JSON writes them, null as if it were not there. */
function tagTexts(tags: NonNullable<PredictionInput['tags']>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(tags)) {
    if (value !== null && value !== undefined) texts[name] = String(value);
  }
  return texts;
}
