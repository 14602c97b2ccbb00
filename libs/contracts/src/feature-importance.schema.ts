import { z } from 'zod';
import { featureNameSchema } from './model.schema.js';

/** Method of the measurement that sums drift up: the share of the importance that has drifted. Of a whole model or segment. */
export const DRIFT_SHARE = 'drift_share';

const alertFromSchema = z
  .number()
  .min(0)
  .max(1)
  .default(0.1)
  .describe(
    'drift of a feature alerts by itself from this share of the largest importance on; of a feature below, it is recorded. A feature of unknown importance always alerts',
  );

/** How drift of features counts by their importance. */
export const importancePolicySchema = z.strictObject({
  alert_from: alertFromSchema,
  drift_share: z
    .strictObject({ warning: z.number().gt(0).max(1).optional(), critical: z.number().gt(0).max(1).optional() })
    .default({ warning: 0.3, critical: 0.6 })
    .describe('bounds of the share of the importance that has drifted; {} only records it'),
});
export type ImportancePolicy = z.infer<typeof importancePolicySchema>;

/** How the quality metrics that tell of drift (unseen categories, values out of range) count by importance; the others always alert. */
export const qualityImportanceSchema = z.strictObject({ alert_from: alertFromSchema });

const MAX_FEATURES = 10_000;

/** PUT /v1/models/{model}/feature-importance: numbers of any scale, such as gains or mean absolute SHAP values. */
export const featureImportanceSchema = z
  .record(featureNameSchema, z.number().min(0))
  .refine((importance) => Object.keys(importance).length <= MAX_FEATURES, {
    message: `names more than ${MAX_FEATURES} features: a model has at most so many`,
  })
  .refine((importance) => Object.values(importance).some((value) => value > 0), {
    message: 'must have one value above 0: DELETE takes an upload back',
  });
export type FeatureImportance = z.infer<typeof featureImportanceSchema>;

/** The importance in force: uploaded, else declared with the features of the model. */
export const featureImportanceReplySchema = z.object({
  model: z.string(),
  features: z
    .array(
      z.object({
        name: z.string(),
        importance: z.number().describe('uploaded ones are scaled so that they add up to 1'),
        share_of_largest: z.number(),
        origin: z.enum(['uploaded', 'declared']),
      }),
    )
    .describe('the most important first'),
  uploaded_at: z.string().nullable(),
  uploaded_by: z.string().nullable(),
});
export type FeatureImportanceReply = z.infer<typeof featureImportanceReplySchema>;
