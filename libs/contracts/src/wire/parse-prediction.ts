import type { PredictionEvent } from '../event.schema.js';
import { DEFAULT_VERSION } from '../identifiers.schema.js';
import { deeperThan } from './deeper-than.js';
import { EventFault } from './event-fault.js';
import { FieldReader } from './field-reader.js';
import type { IntakeContext } from './intake-context.js';
import { uuidV7TimeMs } from './uuid-v7-time.js';

const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'version',
  'prediction_id',
  'timestamp',
  'features',
  'prediction',
  'latency_ms',
  'error',
  'tags',
  'entity_id',
  'trace_id',
  'sample_rate',
]);
const ENVELOPE_FIELDS: ReadonlySet<string> = new Set([...FIELDS, 'project', 'entity_hash']);
const PREDICTION_FIELDS: ReadonlySet<string> = new Set(['label', 'value', 'score', 'scores']);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Returns the prediction of one parsed JSON value, or why it is refused. Enforces by hand what `predictionWireSchema` says, plus the
 * limits of the configuration; the `features` and `tags` of the result are the given objects, without their prototype.
 */
export function parsePrediction(raw: unknown, context: IntakeContext): PredictionEvent | EventFault {
  const reader = new FieldReader(context);
  const fields = reader.fields(raw, '');
  if (fields === undefined) return new EventFault('', 'not_an_object', 'an event is a JSON object');
  reader.onlyKnown(fields, context.envelope ? ENVELOPE_FIELDS : FIELDS);
  const model = reader.name(fields.model, 'model');
  const predictionId = reader.predictionId(fields.prediction_id);
  const event: Mutable<PredictionEvent> = {
    project: reader.project(fields.project),
    model,
    version: fields.version === undefined ? DEFAULT_VERSION : reader.name(fields.version, 'version'),
    predictionId,
    timestampMs: reader.timestamp(fields.timestamp) ?? timeOfId(predictionId, reader) ?? context.nowMs,
    features: reader.features(fields.features),
    receivedAtMs: context.nowMs,
  };
  if (fields.prediction !== undefined) readOutput(fields.prediction, event, reader);
  const latencyMs = reader.number(fields.latency_ms, 'latency_ms');
  if (latencyMs !== undefined) {
    if (latencyMs < 0) reader.refuse('latency_ms', 'out_of_range', 'must not be negative');
    event.latencyMs = latencyMs;
  }
  const error = fields.error === true ? 'error' : fields.error === false ? '' : reader.text(fields.error, 'error');
  if (error) event.error = error;
  const tags = reader.tags(fields.tags);
  if (tags !== undefined) event.tags = tags;
  const entityId = reader.text(fields.entity_id, 'entity_id');
  const entityHash = entityId === undefined ? reader.entityHash(fields.entity_hash) : context.hashEntity(entityId);
  if (entityHash !== undefined) event.entityHash = entityHash;
  const traceId = reader.text(fields.trace_id, 'trace_id');
  if (traceId !== undefined) event.traceId = traceId;
  const sampleRate = reader.sampleRate(fields.sample_rate);
  if (sampleRate !== undefined) event.sampleRate = sampleRate;
  if (reader.fault === undefined && !context.isAcceptedModel(model)) {
    reader.refuse('model', 'unknown_model', `"${model}" is not registered: PUT /v1/models/${model} first`);
  }
  if (reader.fault === undefined) return event;
  return deeperThan(raw, context.limits.maxDepth)
    ? new EventFault(
        '',
        'too_deep',
        `objects and arrays may lie at most ${context.limits.maxDepth} deep in one another`,
      )
    : reader.fault;
}

function readOutput(value: unknown, event: Mutable<PredictionEvent>, reader: FieldReader): void {
  const output = reader.fields(value, 'prediction');
  if (output === undefined) return;
  reader.onlyKnown(output, PREDICTION_FIELDS, 'prediction.');
  const label = reader.classText(output.label, 'prediction.label');
  if (label !== undefined) event.label = label;
  const number = reader.number(output.value, 'prediction.value');
  if (number !== undefined) event.value = number;
  const score = reader.number(output.score, 'prediction.score');
  if (score !== undefined) event.score = score;
  const scores = reader.scores(output.scores);
  if (scores !== undefined) event.scores = scores;
}

/** The time that an id carries stands in for a missing timestamp, so that sending again gives the same time. */
function timeOfId(predictionId: string, reader: FieldReader): number | undefined {
  const timeMs = uuidV7TimeMs(predictionId);
  return timeMs === undefined ? undefined : reader.checkTime(timeMs, 'prediction_id');
}
