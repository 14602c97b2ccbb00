import { z } from 'zod';
import { performanceMetrics } from './monitor.schema.js';

/** GET /v1/models/{model}/performance: how well each version did in a time range, as far as labels are known by now. */
export const performanceReplySchema = z.object({
  model: z.string(),
  segment: z.string().describe('empty for all events'),
  from: z.string(),
  to: z.string(),
  confidence: z.number().describe('of the intervals'),
  versions: z.array(
    z.object({
      version: z.string(),
      predicted: z.number().int().describe('predictions without an error'),
      labelled: z.number().int(),
      label_coverage: z.number().nullable().describe('null without predictions'),
      label_lag_p50_ms: z.number().nullable().describe('from prediction to label; null without labels'),
      label_lag_p95_ms: z.number().nullable(),
      state: z.enum(['provisional', 'final']).describe('final: no more labels are expected'),
      final_from: z.string(),
      positive_class: z.string().nullable().describe('of a binary model'),
      metrics: z.array(
        z.object({
          metric: z.enum(performanceMetrics),
          value: z.number(),
          lower: z.number().nullable(),
          upper: z.number().nullable(),
          error_bound: z.number().describe('how far the value may be from that of the rows; 0: exact'),
          n: z.number().int().describe('labelled predictions that it is over'),
        }),
      ),
      confusion: z
        .array(z.object({ predicted: z.string(), label: z.string(), n: z.number().int() }))
        .describe('the confusion matrix: rows by predicted and true class, most frequent first'),
      confusion_left_out: z.number().int().describe('rows in cells of the matrix beyond the first 10 000'),
    }),
  ),
});
export type PerformanceReply = z.infer<typeof performanceReplySchema>;
