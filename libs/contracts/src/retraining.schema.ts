import { z } from 'zod';
import { cronSchema } from './cron.js';
import { durationSchema } from './duration.schema.js';
import { nameSchema } from './identifiers.schema.js';
import type { RetrainingComparison } from './retraining-comparison.schema.js';
import { retrainingConditionSchema } from './retraining-condition.schema.js';
import { retrainingTargetSchema } from './retraining-target.schema.js';

/** When a model is retrained, and whom to call. */
export const retrainingPolicyDeclarationSchema = z.strictObject({
  enabled: z.boolean().default(true),
  when: retrainingConditionSchema
    .optional()
    .describe(
      'what must be so; when absent, and there is no schedule either: a firing performance alert (5 % worse than the reference by default), or drift of important features that has held for three windows',
    ),
  schedule: z
    .union(
      [
        z.strictObject({ cron: cronSchema.describe('five fields, in UTC') }),
        z.strictObject({ every: durationSchema.describe('counted from 1970-01-01T00:00:00Z') }),
      ],
      { error: 'must be { "cron": "0 3 * * 1" } or { "every": "30d" }' },
    )
    .optional()
    .describe('retrains at these times whatever the alerts say, within cool-down and budget'),
  cool_down: durationSchema.default('7d').describe('no second call for the model within this time'),
  monthly_budget: z.number().int().min(1).optional().describe('calls of this policy in a calendar month (UTC)'),
  approval: z
    .strictObject({
      within: durationSchema.default('3d').describe('a request that nobody answers for so long counts as refused'),
    })
    .optional()
    .describe('a person must approve each call, by API, command line or the link in the message'),
  receivers: z
    .array(nameSchema)
    .max(20)
    .default([])
    .describe('who is told that a run waits for approval, was triggered, succeeded, failed, was verified or rejected'),
  timeout: durationSchema.default('1d').describe('a pipeline that has not reported for so long has timed out'),
  verify_within: durationSchema
    .default('14d')
    .describe('how long after its success data is waited for to compare the new version with the old'),
  verify_labels: z
    .number()
    .int()
    .min(10)
    .default(100)
    .describe('labelled predictions of the new version that a comparison takes'),
  dry_run: z.boolean().default(false).describe('runs are decided and shown, and nobody is called'),
  target: retrainingTargetSchema,
});
export type RetrainingPolicyDeclaration = z.infer<typeof retrainingPolicyDeclarationSchema>;

export interface RetrainingPolicy {
  readonly project: string;
  readonly model: string;
  readonly policy: string;
  readonly declaration: RetrainingPolicyDeclaration;
  /** Times of its schedule before are over. */
  readonly updatedAtMs: number;
}

export const retrainingRunStatusSchema = z.enum([
  'requested',
  /** A person must say yes first. */
  'awaiting_approval',
  'approved',
  /** By a person, or because nobody answered in time. */
  'refused',
  'dry_run',
  /** The target has taken the call. */
  'triggered',
  /** From here on the pipeline reports. */
  'running',
  'succeeded',
  'failed',
  /** It has not reported for too long. */
  'timed_out',
  /** The new version is not worse, and the cause is healed. */
  'verified',
  'rejected',
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
  /** The time of the schedule that asked for it; 0 when alerts did. */
  readonly scheduledForMs: number;
  readonly reason: string;
  readonly requestedAtMs: number;
  readonly status: RetrainingRunStatus;
  /** Of the last change. */
  readonly detail: string;
  readonly newVersion: string;
  /** How the target calls its run, and where people find it there; "" when it does not say. */
  readonly externalId: string;
  readonly externalUrl: string;
  /** undefined until there is one. */
  readonly comparison?: RetrainingComparison | undefined;
  /** When the status was entered, or told anew. */
  readonly updatedAtMs: number;
}

/** One change of a run: who brought it from which status to which, and what was said. */
export interface RetrainingEvent {
  readonly project: string;
  readonly model: string;
  readonly runId: string;
  /** Hash of what changed: the same change told twice is one. */
  readonly eventId: string;
  readonly from: RetrainingRunStatus;
  readonly to: RetrainingRunStatus;
  readonly who: string;
  readonly detail: string;
  readonly newVersion: string;
  readonly externalId: string;
  readonly externalUrl: string;
  readonly comparison?: RetrainingComparison | undefined;
  readonly atMs: number;
}

/** POST /v1/retraining-runs/{id}/status: the pipeline reports back. */
export const retrainingStatusReportSchema = z.strictObject({
  status: z.enum(['running', 'succeeded', 'failed']),
  version: nameSchema.optional().describe('the new model version, when it succeeded'),
  detail: z.string().max(2000).default(''),
});

/** POST /v1/retraining-runs/{id}/approve and /refuse. */
export const retrainingDecisionSchema = z.strictObject({
  note: z.string().max(2000).default('').describe('why; stands in the history of the run'),
});
