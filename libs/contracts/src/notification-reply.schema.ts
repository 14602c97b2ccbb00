import { z } from 'zod';
import { deliveryOutcomes } from './delivery.schema.js';

/**
 * What became of a message. `waiting`: it is to be sent, or once more; `failed`: refused, or given up after all attempts; `superseded`:
 * a later message of its group says how things stand; `suppressed`: the receiver need not be told.
 */
export const notificationOutcomes = ['waiting', 'delivered', 'failed', 'superseded', 'suppressed'] as const;
export type NotificationOutcome = (typeof notificationOutcomes)[number];

export const notificationReplySchema = z.object({
  notification_id: z.string().describe('the idempotency key that the receiver sees'),
  receiver: z.string(),
  route: z.string().describe('"" for alerts that no route takes'),
  incident_id: z.string().describe('the same from the first alert of a group to the last that is resolved'),
  sequence: z.number().int(),
  cause: z.string(),
  status: z.enum(['firing', 'resolved']),
  severity: z.string(),
  group: z.record(z.string(), z.string()).describe('labels that its alerts agree in'),
  models: z.array(z.string()),
  alerts: z.array(z.object({ alert_id: z.string(), status: z.enum(['firing', 'resolved']) })),
  outcome: z.enum(notificationOutcomes),
  created_at: z.string(),
  next_attempt_at: z.string().nullable(),
  attempts: z.array(
    z.object({
      attempt: z.number().int(),
      outcome: z.enum(deliveryOutcomes).describe('`requested`: somebody asked for it to be sent again'),
      status: z.number().int().describe('of HTTP; 0 where there was none'),
      detail: z.string(),
      sent_at: z.string(),
    }),
  ),
});
export type NotificationReply = z.infer<typeof notificationReplySchema>;

/** What a receiver said to a test message. */
export const receiverTestReplySchema = z.object({
  notification_id: z.string(),
  outcome: z.enum(['delivered', 'failed']),
  status: z.number().int().describe('of HTTP; 0 where there was none'),
  detail: z.string(),
});
export type ReceiverTestReply = z.infer<typeof receiverTestReplySchema>;
