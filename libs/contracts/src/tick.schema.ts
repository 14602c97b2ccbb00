import { z } from 'zod';
import { alertActionKindSchema } from './alert-action.schema.js';
import { nameSchema } from './identifiers.schema.js';
import { evaluationRequestSchema } from './monitor.schema.js';

export const evaluationTickSchema = z.strictObject({
  type: z.literal('evaluation'),
  project: nameSchema,
  model: nameSchema,
  evaluationId: z.string().min(1).max(128),
  request: evaluationRequestSchema,
  requestedAtMs: z.number().int(),
});

/** Asks the owner of a model to evaluate the windows of a time range. */
export type EvaluationTick = z.infer<typeof evaluationTickSchema>;

/** What the topic of ticks held that none of us wrote. */
export interface UnreadableTick {
  readonly type: 'unreadable';
  readonly detail: string;
}

export const transitionRecordSchema = z.strictObject({
  project: nameSchema,
  /** "" for what concerns the project as a whole. */
  model: z.union([nameSchema, z.literal('')]),
  /** What was done about an alert of the model, where that is why it is sent. */
  action: z
    .strictObject({ alertId: z.string().max(128), actionId: z.string().max(128), action: alertActionKindSchema })
    .optional(),
  /** What is wrong with a record that none of us wrote; the names stand for nothing then. */
  unreadable: z.string().optional(),
});

/** Tells the owner of a model's alerts that there is something to work off, transitions or actions; the tables are the outbox. */
export type TransitionRecord = z.infer<typeof transitionRecordSchema>;
