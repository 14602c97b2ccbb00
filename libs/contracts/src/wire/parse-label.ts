import type { LabelEvent } from '../event.schema.js';
import { deeperThan } from './deeper-than.js';
import { EventFault } from './event-fault.js';
import { FieldReader } from './field-reader.js';
import type { IntakeContext } from './intake-context.js';

const FIELDS: ReadonlySet<string> = new Set(['model', 'prediction_id', 'label', 'value', 'timestamp', 'weight']);
const ENVELOPE_FIELDS: ReadonlySet<string> = new Set([...FIELDS, 'project']);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Returns the label of one parsed JSON value, or why it is refused. Enforces by hand what `labelWireSchema` says. */
export function parseLabel(raw: unknown, context: IntakeContext): LabelEvent | EventFault {
  const reader = new FieldReader(context);
  const fields = reader.fields(raw, '');
  if (fields === undefined) return new EventFault('', 'not_an_object', 'a label is a JSON object');
  reader.onlyKnown(fields, context.envelope ? ENVELOPE_FIELDS : FIELDS);
  const event: Mutable<LabelEvent> = {
    project: reader.project(fields.project),
    model: reader.name(fields.model, 'model'),
    predictionId: reader.predictionId(fields.prediction_id),
    // Not the time of the id: of two labels the later wins, and both carry the same id.
    timestampMs: reader.timestamp(fields.timestamp) ?? context.nowMs,
    receivedAtMs: context.nowMs,
  };
  const label = reader.classText(fields.label, 'label');
  if (label !== undefined) event.label = label;
  const value = reader.number(fields.value, 'value');
  if (value !== undefined) event.value = value;
  if (label === undefined && value === undefined) {
    reader.refuse('label', 'missing', 'a label needs "label" (a class) or "value" (a number)');
  }
  const weight = reader.number(fields.weight, 'weight');
  if (weight !== undefined) {
    if (weight <= 0) reader.refuse('weight', 'out_of_range', 'must be more than 0');
    event.weight = weight;
  }
  if (reader.fault === undefined && !context.isAcceptedModel(event.model)) {
    reader.refuse('model', 'unknown_model', `"${event.model}" is not registered: PUT /v1/models/${event.model} first`);
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
