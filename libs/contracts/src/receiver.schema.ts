import { z } from 'zod';
import { secretSchema, webhookUrlSchema } from './secret.schema.js';

export const receiverDeclarationSchema = z.discriminatedUnion('channel', [
  z.strictObject({ channel: z.literal('console') }),
  z.strictObject({
    channel: z.literal('webhook'),
    url: webhookUrlSchema,
    secret: secretSchema
      .optional()
      .describe('signs each request as Standard Webhooks does; the value is "whsec_" and base64'),
    headers: z.record(z.string(), z.string()).default({}),
  }),
]);
export type ReceiverDeclaration = z.infer<typeof receiverDeclarationSchema>;

export interface Receiver {
  readonly project: string;
  readonly receiver: string;
  readonly declaration: ReceiverDeclaration;
}
