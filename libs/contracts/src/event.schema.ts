import { z } from 'zod';
import { MAX_FEATURE_NAME_LENGTH, MAX_PREDICTION_ID_LENGTH, nameSchema } from './identifiers.schema.js';

/** ISO 8601 text with a zone, or integer milliseconds since 1970. */
export const timestampSchema = z.union([z.iso.datetime({ offset: true }), z.number().int()]);

/** The smallest part of the predictions that one may stand for: below it a single event would outweigh all others. */
export const MIN_SAMPLE_RATE = 1e-9;
const sampleRateSchema = z.number().min(MIN_SAMPLE_RATE).max(1);

export const featureValueSchema = z.union([z.number(), z.string(), z.boolean(), z.null()]);
export type FeatureValue = z.infer<typeof featureValueSchema>;

/** A class as a service writes it. Its canonical text is String(number), the string itself, or "1"/"0" for true/false. */
export const classSchema = z.union([z.string(), z.number(), z.boolean()]);

/** One prediction as it stands on the wire (HTTP, SDK, stream). The intake parser enforces the same rules by hand. */
export const predictionWireSchema = z.strictObject({
  model: nameSchema,
  version: nameSchema.optional(),
  prediction_id: z.string().min(1).max(MAX_PREDICTION_ID_LENGTH),
  timestamp: timestampSchema.optional(),
  features: z.record(z.string().min(1).max(MAX_FEATURE_NAME_LENGTH), featureValueSchema),
  prediction: z
    .strictObject({
      label: classSchema.optional(),
      value: z.number().optional(),
      score: z.number().optional().describe('probability of the positive class, for binary models'),
      scores: z.record(z.string(), z.number()).optional(),
    })
    .optional(),
  latency_ms: z.number().min(0).optional(),
  error: z.union([z.string(), z.boolean()]).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  entity_id: z.string().optional().describe('data subject; stored only as a keyed hash'),
  trace_id: z.string().optional(),
  sample_rate: sampleRateSchema
    .optional()
    .describe('part of the predictions that is sent, chosen by id: this one stands for 1 / sample_rate; 1 when absent'),
});

const listOf = <T extends z.ZodType>(entry: T) => z.array(entry.nullable());

/** Many predictions of one model and version on the wire: the object of one, with a list wherever that has a value. */
export const predictionColumnsWireSchema = z.strictObject({
  model: nameSchema,
  version: nameSchema.optional(),
  prediction_id: z
    .array(z.string().min(1).max(MAX_PREDICTION_ID_LENGTH))
    .min(1)
    .describe('as many as there are rows; every other list is as long, with null where a row has no value'),
  timestamp: listOf(timestampSchema).optional(),
  features: z.record(z.string().min(1).max(MAX_FEATURE_NAME_LENGTH), z.array(featureValueSchema)),
  prediction: z
    .strictObject({
      label: listOf(classSchema).optional(),
      value: listOf(z.number()).optional(),
      score: listOf(z.number()).optional(),
      scores: z.record(z.string(), listOf(z.number())).optional(),
    })
    .optional(),
  latency_ms: listOf(z.number().min(0)).optional(),
  error: listOf(z.union([z.string(), z.boolean()])).optional(),
  tags: z.record(z.string(), listOf(z.string())).optional(),
  entity_id: listOf(z.string()).optional(),
  trace_id: listOf(z.string()).optional(),
  sample_rate: listOf(sampleRateSchema).optional(),
});

/** One label as it stands on the wire. */
export const labelWireSchema = z
  .strictObject({
    model: nameSchema,
    prediction_id: z.string().min(1).max(MAX_PREDICTION_ID_LENGTH),
    label: classSchema.optional(),
    value: z.number().optional(),
    timestamp: timestampSchema.optional(),
    weight: z.number().positive().optional(),
  })
  .refine(({ label, value }) => label !== undefined || value !== undefined, {
    path: ['label'],
    message: 'a label needs "label" (a class) or "value" (a number)',
  });

/** Why an event was refused: a closed set, also the label of a metric. */
export const rejectionReasons = [
  'not_json',
  'not_an_object',
  'too_deep',
  'event_too_large',
  'too_many_features',
  'missing',
  'wrong_type',
  'invalid_name',
  'too_long',
  'forbidden_key',
  'unknown_field',
  'not_finite',
  'out_of_range',
  'too_far_in_the_past',
  'too_far_in_the_future',
  'unknown_model',
  'not_a_cloud_event',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

export const rejectionSchema = z.object({
  index: z.number().int().describe('position of the event in the request, from 0'),
  field: z.string().describe('the field at fault, as a dotted path; empty when it is the event itself'),
  reason: z.enum(rejectionReasons),
  message: z.string().describe('what is wrong and what to do'),
});
export type Rejection = z.infer<typeof rejectionSchema>;

/** `rejected` lists at most 1 000 events; `rejected_count` counts them all. */
export const intakeReplySchema = z.object({
  accepted: z.number().int(),
  rejected_count: z.number().int(),
  rejected: z.array(rejectionSchema),
});
export type IntakeReply = z.infer<typeof intakeReplySchema>;

/**
 * A prediction after intake: checked, with a project and a time, names in house style.
 * `features` has no prototype. `label` and the keys of `scores` are canonical class texts.
 */
export interface PredictionEvent {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly predictionId: string;
  readonly timestampMs: number;
  readonly features: Readonly<Record<string, FeatureValue>>;
  readonly label?: string;
  readonly value?: number;
  readonly score?: number;
  readonly scores?: Readonly<Record<string, number>>;
  readonly latencyMs?: number;
  readonly error?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** 16 hex digits of a keyed hash of the wire's entity_id. */
  readonly entityHash?: string;
  readonly traceId?: string;
  /** Part of the predictions that was sent, from MIN_SAMPLE_RATE to 1; all when absent. */
  readonly sampleRate?: number;
  readonly receivedAtMs: number;
}

/** A label after intake. Of two labels for one prediction the later `timestampMs` wins, then the later received. */
export interface LabelEvent {
  readonly project: string;
  readonly model: string;
  readonly predictionId: string;
  readonly timestampMs: number;
  readonly label?: string;
  readonly value?: number;
  readonly weight?: number;
  readonly receivedAtMs: number;
}

/** Canonical text of a class: 1, 1.0, "1" and true are one class, "1.0" is another. */
export function classText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  // String(-0) is "0", and 1.0 is the number 1, so equal numbers always give equal texts.
  return String(value);
}
