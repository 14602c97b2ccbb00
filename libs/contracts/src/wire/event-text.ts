import type { FeatureValue, LabelEvent, PredictionEvent } from '../event.schema.js';

/**
 * Returns the JSON text of a prediction in the form of a message: parsing it with the same project gives the same event. Its data
 * subject stands there as a hash.
 */
export function predictionText(event: PredictionEvent): string {
  const { label, value, score, scores } = event;
  const output = { label, value, score, scores };
  const fields = {
    model: event.model,
    version: event.version,
    prediction_id: event.predictionId,
    timestamp: event.timestampMs,
    prediction: Object.values(output).some((item) => item !== undefined) ? output : undefined,
    latency_ms: event.latencyMs,
    error: event.error,
    tags: event.tags,
    entity_hash: event.entityHash,
    trace_id: event.traceId,
    sample_rate: event.sampleRate,
  };
  return `${JSON.stringify(fields).slice(0, -1)},"features":${featuresText(event.features)}}`;
}

/** Returns the JSON text of a label in the form of a message: parsing it with the same project gives the same event. */
export function labelText(event: LabelEvent): string {
  return JSON.stringify({
    model: event.model,
    prediction_id: event.predictionId,
    timestamp: event.timestampMs,
    label: event.label,
    value: event.value,
    weight: event.weight,
  });
}

/** JSON.stringify would write an infinite number as null, and it would be counted as missing instead of invalid. */
function featuresText(features: Readonly<Record<string, FeatureValue>>): string {
  const infinite = Object.values(features).some((value) => typeof value === 'number' && !Number.isFinite(value));
  if (!infinite) return JSON.stringify(features);
  return `{${Object.entries(features)
    .map(([name, value]) => `${JSON.stringify(name)}:${valueText(value)}`)
    .join()}}`;
}

function valueText(value: FeatureValue): string {
  if (typeof value !== 'number' || Number.isFinite(value)) return JSON.stringify(value);
  return value > 0 ? '1e999' : '-1e999';
}
