import { z } from 'zod';
import { instantSchema } from './model.schema.js';
import { rejectionReasons } from './event.schema.js';
import { nameSchema } from './identifiers.schema.js';

/** Why an event was set aside: a closed set, also the label of a metric. */
export const deadLetterReasons = [
  ...rejectionReasons,
  'empty_message',
  'too_many_events',
  'mixed_models',
  'rejected_by_engine',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];
export const deadLetterReasonSchema = z.enum(deadLetterReasons);

/** `open` until somebody decides: sent again through the ordinary intake, or given up. */
export const deadLetterStates = ['open', 'replayed', 'discarded'] as const;
export type DeadLetterState = (typeof deadLetterStates)[number];
export const deadLetterStateSchema = z.enum(deadLetterStates);

/** A dead letter in a list. */
export const deadLetterSchema = z.object({
  dead_letter_id: z.string(),
  kind: z.enum(['prediction', 'label']),
  model: z.string().describe('empty when the event names none that can be read'),
  prediction_id: z.string().describe('empty when the event names none that can be read'),
  source: z.string().describe('topic that the event came through'),
  position: z.string().describe('where in the topic: partition, offset, and the place in an array'),
  reason: deadLetterReasonSchema.or(z.string()),
  detail: z.string().describe('what is wrong and what to do'),
  state: deadLetterStateSchema,
  payload_bytes: z.number().int(),
  received_at: z.string(),
  created_at: z.string(),
  changed_at: z.string().nullable().describe('when it was replayed or discarded'),
  changed_by: z.string().describe('who replayed or discarded it; empty while it is open'),
});
export type DeadLetterReply = z.infer<typeof deadLetterSchema>;

/** A dead letter with what came. */
export const deadLetterDetailSchema = deadLetterSchema.extend({
  headers: z.record(z.string(), z.string()).describe('of the message, as far as they say how to read it'),
  encoding: z.enum(['utf8', 'base64']).describe('how `payload` is written here'),
  payload: z.string().describe('the bytes that came'),
});
export type DeadLetterDetailReply = z.infer<typeof deadLetterDetailSchema>;

/** Which dead letters a list, a replay or a discard is about. */
export const deadLetterFilterSchema = z.strictObject({
  model: nameSchema.optional(),
  kind: z.enum(['prediction', 'label']).optional(),
  reason: deadLetterReasonSchema.optional(),
  from: instantSchema.optional().describe('set aside at this instant or later'),
  to: instantSchema.optional().describe('set aside before this instant'),
});
export type DeadLetterFilter = z.infer<typeof deadLetterFilterSchema>;

/** POST /v1/dead-letters/replay and /discard: these letters, or a page of the open ones that the filter finds. */
export const deadLetterSelectionSchema = z
  .strictObject({
    ids: z
      .array(z.string().regex(/^[0-9a-f]{32}$/, 'must be an id that GET /v1/dead-letters gave'))
      .min(1)
      .max(1_000)
      .optional(),
    filter: deadLetterFilterSchema.optional().describe('{} stands for all open ones'),
    limit: z.number().int().min(1).max(1_000).default(1_000).describe('with a filter: letters in this request'),
    cursor: z.string().max(2_000).optional().describe('with a filter: `next_cursor` of the request before'),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    path: ['ids'],
    message: 'say which letters: either "ids" or "filter"',
  });
export type DeadLetterSelection = z.output<typeof deadLetterSelectionSchema>;

export const deadLetterActionReplySchema = z.object({
  changed: z.number().int().describe('replayed or discarded now'),
  unchanged: z.number().int().describe('were replayed or discarded before'),
  refused: z
    .array(z.object({ dead_letter_id: z.string(), reason: z.string(), detail: z.string() }))
    .describe('stay open, and why'),
  next_cursor: z
    .string()
    .nullable()
    .describe('with a filter: send the request again with it as `cursor`; null at the end'),
});
export type DeadLetterActionReply = z.infer<typeof deadLetterActionReplySchema>;

/** A dead letter as consumers of the topic see it, in the names of the API. */
export interface DeadLetterRecord {
  readonly project: string;
  readonly model: string;
  readonly dead_letter_id: string;
  readonly kind: 'prediction' | 'label';
  readonly prediction_id: string;
  readonly source: string;
  readonly position: string;
  readonly reason: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly encoding: 'utf8' | 'base64';
  /** Absent when it is too large for a message of the topic; the API has it. */
  readonly payload?: string;
  readonly payload_bytes: number;
  readonly received_at: string;
  readonly created_at: string;
}
