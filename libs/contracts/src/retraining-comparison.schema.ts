import { z } from 'zod';
import { performanceMetrics } from './monitor.schema.js';

const estimateSchema = z.object({
  value: z.number(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  n: z.number().int().describe('labelled predictions behind it'),
});

/** How the new version of a retraining does beside the old one, and whether what led to it is over. */
export const retrainingComparisonSchema = z.object({
  verified: z.boolean().describe('the new version is not worse beyond chance, and the cause is healed'),
  sentence: z.string(),
  mode: z
    .enum(['paired', 'side_by_side', 'before_after', 'none'])
    .describe(
      'paired: requests that both versions answered; side_by_side: both in the same windows; before_after: the old one before the request; none: there was nothing to compare',
    ),
  old_version: z.string(),
  new_version: z.string(),
  from: z.string().describe('start of the windows of the new version that were looked at'),
  to: z.string(),
  metrics: z.array(
    z.object({
      metric: z.enum(performanceMetrics),
      old: estimateSchema,
      new: estimateSchema,
      worsening: z.number().describe('of the new version, in the unit of the metric; negative where it is better'),
      lower: z.number().nullable().describe('of the worsening, 95 %'),
      upper: z.number().nullable(),
      p_value: z.number().nullable().describe('chance of such a worsening or more if there is none'),
      verdict: z.enum(['better', 'worse', 'no_difference']),
    }),
  ),
  predictions: z
    .object({
      what: z.string().describe('score, value or class'),
      distance: z.number().describe('of means in standard deviations, or half the sum of differences of class shares'),
      sentence: z.string(),
    })
    .nullable()
    .describe('how what the versions answer differs; null when too little is known'),
  causes: z.array(
    z.object({
      alert_id: z.string(),
      what: z.string(),
      state: z.enum(['healed', 'standing', 'unknown']),
    }),
  ),
});
export type RetrainingComparison = z.infer<typeof retrainingComparisonSchema>;
