import { z } from 'zod';
import { secretSchema, webhookUrlSchema } from './secret.schema.js';

const common = {
  send_resolved: z.boolean().default(true).describe('whether it is told that an alert is over'),
};

/** An address without the characters that could begin another header or another recipient. */
const mailAddressSchema = z.email().max(254);

const hostSchema = z.string().regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an address');

/** What tells people and systems of alerts. Secrets are references, never values. */
export const receiverDeclarationSchema = z.discriminatedUnion('channel', [
  z.strictObject({ channel: z.literal('console'), ...common }),
  z.strictObject({
    channel: z.literal('webhook'),
    ...common,
    url: webhookUrlSchema,
    secret: secretSchema
      .optional()
      .describe('signs each request as Standard Webhooks does; the value is "whsec_" and base64'),
    previous_secrets: z
      .array(secretSchema)
      .max(4)
      .default([])
      .describe('sign too while a secret is rotated: a receiver accepts any of the signatures'),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  z.strictObject({
    channel: z.literal('slack'),
    ...common,
    token: secretSchema.describe('a bot token (xoxb-…) with the scope chat:write'),
    to: z
      .string()
      .regex(/^[CGD][A-Z0-9]{2,}$/, 'must be the id of a Slack channel, such as C012AB3CD')
      .describe('channel id'),
    url: webhookUrlSchema.default('https://slack.com/api/').describe('of the Slack API'),
  }),
  z.strictObject({
    channel: z.literal('slack_webhook'),
    ...common,
    url: secretSchema.describe('the address of an incoming webhook, which is a secret itself'),
  }),
  z.strictObject({
    channel: z.literal('pagerduty'),
    ...common,
    routing_key: secretSchema.describe('the integration key of Events API v2'),
    url: webhookUrlSchema
      .default('https://events.pagerduty.com')
      .describe('https://events.eu.pagerduty.com for the EU'),
  }),
  z.strictObject({
    channel: z.literal('email'),
    ...common,
    to: z.array(mailAddressSchema).min(1).max(50),
    from: mailAddressSchema,
    host: hostSchema.describe('SMTP server'),
    port: z.number().int().min(1).max(65535).default(587),
    tls: z
      .enum(['implicit', 'starttls', 'none'])
      .default('starttls')
      .describe('implicit: from the first byte (port 465); none only where alerting.allowHttp is set'),
    user: z.string().max(254).optional(),
    password: secretSchema.optional(),
  }),
  z.strictObject({
    channel: z.literal('alertmanager'),
    ...common,
    url: webhookUrlSchema.describe('base address; alerts are posted to /api/v2/alerts'),
    bearer_token: secretSchema.optional(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
]);
export type ReceiverDeclaration = z.infer<typeof receiverDeclarationSchema>;

export interface Receiver {
  readonly project: string;
  readonly receiver: string;
  readonly declaration: ReceiverDeclaration;
}
