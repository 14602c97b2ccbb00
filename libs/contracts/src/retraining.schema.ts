import { z } from 'zod';
import { durationSchema } from './duration.schema.js';
import { nameSchema } from './identifiers.schema.js';
import { secretSchema, webhookUrlSchema } from './secret.schema.js';

/** When a model is retrained, and whom to call. */
export const retrainingPolicyDeclarationSchema = z.strictObject({
  enabled: z.boolean().default(true),
  monitors: z.array(nameSchema).optional().describe('any monitor with a drift or performance detector when absent'),
  features: z.array(z.string()).optional().describe('only alerts on these features count; any feature when absent'),
  min_alerts: z.number().int().min(1).default(1).describe('alerts that must be firing together'),
  severity: z.enum(['warning', 'critical']).default('warning').describe('least severity that counts'),
  cool_down: durationSchema.default('7d').describe('no second call for the model within this time'),
  dry_run: z.boolean().default(false),
  target: z.strictObject({
    url: webhookUrlSchema,
    secret: secretSchema.optional(),
    headers: z.record(z.string(), z.string()).default({}),
    parameters: z.record(z.string(), z.unknown()).default({}).describe('passed on in the body as they are'),
  }),
});
export type RetrainingPolicyDeclaration = z.infer<typeof retrainingPolicyDeclarationSchema>;

export interface RetrainingPolicy {
  readonly project: string;
  readonly model: string;
  readonly policy: string;
  readonly declaration: RetrainingPolicyDeclaration;
}

export const retrainingRunStatusSchema = z.enum([
  'requested',
  'dry_run',
  'triggered',
  'running',
  'succeeded',
  'failed',
  /** Nobody was called: the policy was disabled or deleted first. */
  'cancelled',
]);
export type RetrainingRunStatus = z.infer<typeof retrainingRunStatusSchema>;

/** `runId` is a hash of (policy, episode): deciding twice asks for the same run, and it is the idempotency key of the call. */
export interface RetrainingRun {
  readonly runId: string;
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly policy: string;
  readonly alertIds: readonly string[];
  readonly features: readonly string[];
  readonly status: RetrainingRunStatus;
  readonly reason: string;
  readonly newVersion: string;
  readonly detail: string;
  readonly requestedAtMs: number;
  readonly updatedAtMs: number;
}

/** POST /v1/retraining-runs/{id}/status: the pipeline reports back. */
export const retrainingStatusReportSchema = z.strictObject({
  status: z.enum(['running', 'succeeded', 'failed']),
  version: nameSchema.optional().describe('the new model version, when it succeeded'),
  detail: z.string().max(2000).default(''),
});
