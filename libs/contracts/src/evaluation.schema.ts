import { z } from 'zod';
import { severitySchema } from './monitor.schema.js';
import { alertStatusSchema } from './alert.schema.js';

/** How far an evaluation on request has come. */
export const evaluationProgressSchema = z.object({
  id: z.string(),
  model: z.string(),
  status: z.enum(['running', 'done', 'failed']),
  windows_total: z.number().int(),
  windows_done: z.number().int(),
  transitions: z
    .array(
      z.object({
        transition_id: z.string(),
        alert_id: z.string(),
        monitor: z.string(),
        version: z.string(),
        segment: z.string(),
        feature: z.string(),
        method: z.string(),
        window_end: z.string(),
        from: alertStatusSchema,
        to: alertStatusSchema,
        severity: severitySchema,
        value: z.number().nullable(),
        reason: z.string(),
      }),
    )
    .describe('changes of alert state that it made'),
  error: z.string().nullable().describe('why it failed'),
});
export type EvaluationProgress = z.infer<typeof evaluationProgressSchema>;
