import { z } from 'zod';

/**
 * What can be done about an alert: say that somebody works on it, take that back, end it by hand, or write something down.
 */
export const alertActionKinds = ['acknowledge', 'unacknowledge', 'resolve', 'note'] as const;
export const alertActionKindSchema = z.enum(alertActionKinds);
export type AlertActionKind = z.infer<typeof alertActionKindSchema>;

/** Something that was done about an alert. */
export interface AlertAction {
  readonly project: string;
  readonly model: string;
  readonly alertId: string;
  /** Hash of alert, action, author, note and a key of the caller's: the same action twice is one. */
  readonly actionId: string;
  readonly action: AlertActionKind;
  /** A person as the API key names them, or "retraining run ID". */
  readonly author: string;
  readonly note: string;
  /** Later than every earlier action on the alert, even if the clock was set back. */
  readonly atMs: number;
}

const MAX_NOTE_LENGTH = 2_000;
const noteSchema = z.string().trim().max(MAX_NOTE_LENGTH).describe('for those who look at the alert later');
const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(128)
  .optional()
  .describe('the same action under the same key is done once; when absent, once within a minute');

/** Body of an action on an alert. */
export const alertActionRequestSchema = z.strictObject({
  note: noteSchema.default(''),
  idempotency_key: idempotencyKeySchema,
});
export type AlertActionRequest = z.input<typeof alertActionRequestSchema>;

/** Body of a note on an alert. */
export const alertNoteRequestSchema = z.strictObject({
  note: noteSchema.min(1, 'must say something'),
  idempotency_key: idempotencyKeySchema,
});

export const alertActionSchema = z.object({
  action_id: z.string(),
  action: alertActionKindSchema,
  author: z.string(),
  note: z.string(),
  at: z.string(),
});
export type AlertActionReply = z.infer<typeof alertActionSchema>;
