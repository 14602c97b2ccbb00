import { z } from 'zod';
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
  model: nameSchema,
  /** What is wrong with a record that none of us wrote; the names stand for nothing then. */
  unreadable: z.string().optional(),
});

/** Tells the owner of a model's alerts that there are new transitions to work off; the table is the outbox. */
export type TransitionRecord = z.infer<typeof transitionRecordSchema>;
