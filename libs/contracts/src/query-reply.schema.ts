import { z } from 'zod';
import { severitySchema } from './monitor.schema.js';
import { instantSchema } from './model.schema.js';
import { retrainingComparisonSchema } from './retraining-comparison.schema.js';
import { retrainingRunStatusSchema } from './retraining.schema.js';

export const retrainingRunReplySchema = z.object({
  run_id: z.string(),
  model: z.string(),
  version: z.string(),
  policy: z.string(),
  alert_ids: z.array(z.string()),
  features: z.array(z.string()),
  scheduled_for: z.string().nullable().describe('the time of the schedule that asked for it; null when alerts did'),
  reason: z.string(),
  status: retrainingRunStatusSchema,
  detail: z.string().describe('of the last change'),
  new_version: z.string(),
  external_id: z.string().describe('how the target calls its run; empty when it does not say'),
  external_url: z.string(),
  comparison: retrainingComparisonSchema.nullable(),
  requested_at: z.string(),
  updated_at: z.string(),
});
export type RetrainingRunReply = z.infer<typeof retrainingRunReplySchema>;

/** GET /v1/retraining-runs/{id}: the run, and all that happened to it. */
export const retrainingRunDetailSchema = retrainingRunReplySchema.extend({
  history: z
    .array(
      z.object({
        at: z.string(),
        from: retrainingRunStatusSchema.nullable().describe('null when it was requested'),
        to: retrainingRunStatusSchema,
        who: z.string(),
        detail: z.string(),
      }),
    )
    .describe('oldest first'),
});
export type RetrainingRunDetailReply = z.infer<typeof retrainingRunDetailSchema>;

/** GET /v1/models/{model}/health: how a model is doing, on one page. */
export const modelHealthSchema = z.object({
  model: z.string(),
  severity: severitySchema.describe(
    'worst of the open alerts; without any, no_reference where a monitor has nothing to compare with, else ok',
  ),
  open_alerts: z.number().int(),
  last_window_end: z.string().nullable().describe('end of the newest window evaluated; null before the first'),
  last_evaluated_at: z.string().nullable(),
  no_reference: z
    .array(z.object({ monitor: z.string(), version: z.string(), window_end: z.string(), reason: z.string() }))
    .describe('monitors whose newest window had nothing to be compared with, and what to do about it'),
  versions: z.array(
    z.object({
      version: z.string(),
      predictions_last_day: z.number().int().describe('stored'),
      volume_last_day: z
        .number()
        .int()
        .describe('predictions that the service made: those stored, each times 1 / sample_rate'),
      errors_last_day: z.number().int(),
      labelled_last_day: z.number().int(),
      label_coverage: z.number().nullable().describe('share of the last day’s predictions that have a label'),
    }),
  ),
});
export type ModelHealthReply = z.infer<typeof modelHealthSchema>;

/** POST /v1/models/{model}/cells/verify. */
export const cellVerificationRequestSchema = z.strictObject({
  from: instantSchema.optional().describe('the first prediction when absent'),
  to: instantSchema.optional().describe('now when absent'),
  repair: z.boolean().default(false).describe('rebuild the model’s cells when some differ'),
});

export const cellVerificationSchema = z.object({
  cells: z.number().int().describe('compared'),
  predictions: z.number().int().describe('distinct raw rows behind them'),
  mismatches: z.number().int(),
  repaired: z.number().int(),
  examples: z
    .array(
      z.object({
        table: z.enum(['traffic_cell', 'feature_cell', 'feature_cell_hour', 'performance_cell']),
        version: z.string(),
        segment: z.string(),
        series: z.string().describe('empty for cells of the whole model'),
        minute: z.string().describe('of an hourly cell: the first one'),
        raw: z.array(z.number()),
        cell: z.array(z.number()),
      }),
    )
    .describe('the first 25 of each table'),
});
export type CellVerificationReply = z.infer<typeof cellVerificationSchema>;
