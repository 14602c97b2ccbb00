import { z } from 'zod';
import { durationSchema } from './duration.schema.js';
import { matchersSchema } from './matcher.schema.js';
import { instantSchema } from './model.schema.js';

/** Alerts that match are not told of while it lasts. */
export const silenceRequestSchema = z
  .strictObject({
    matchers: matchersSchema.min(1).describe('all must hold'),
    starts_at: instantSchema.optional().describe('now when absent'),
    ends_at: instantSchema.optional(),
    duration: durationSchema.optional().describe('instead of ends_at'),
    comment: z.string().trim().min(1).max(1000).describe('why: who is paged next will want to know'),
  })
  .refine(({ ends_at, duration }) => (ends_at === undefined) !== (duration === undefined), {
    path: ['ends_at'],
    message: 'either ends_at or duration must be given',
  });
export type SilenceRequest = z.infer<typeof silenceRequestSchema>;

/** PUT /v1/silences/{silence}: the whole of it, so that declaring it again changes nothing. */
export const silenceDeclarationSchema = z.strictObject({
  matchers: matchersSchema.min(1).describe('all must hold'),
  starts_at: instantSchema,
  ends_at: instantSchema,
  comment: z.string().trim().min(1).max(1000).describe('why: who is paged next will want to know'),
});
export type SilenceDeclaration = z.infer<typeof silenceDeclarationSchema>;

export interface Silence {
  readonly project: string;
  readonly silenceId: string;
  readonly matchers: readonly string[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly author: string;
  readonly comment: string;
  readonly updatedAtMs: number;
}

export const silenceReplySchema = z.object({
  silence_id: z.string(),
  state: z.enum(['pending', 'active', 'expired']),
  matchers: z.array(z.string()),
  starts_at: z.string(),
  ends_at: z.string(),
  author: z.string(),
  comment: z.string(),
  updated_at: z.string(),
});
export type SilenceReply = z.infer<typeof silenceReplySchema>;
