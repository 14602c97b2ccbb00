import { z } from 'zod';
import { durationSchema } from './duration.schema.js';
import { nameSchema } from './identifiers.schema.js';

const alertsSchema = z.strictObject({
  monitors: z.array(nameSchema).min(1).optional().describe('only alerts of these monitors'),
  detectors: z
    .array(z.enum(['feature_drift', 'prediction_drift', 'data_quality', 'performance', 'traffic']))
    .min(1)
    .optional()
    .describe('only alerts of monitors with these detectors; drift and performance when no monitors are named either'),
  severity: z.enum(['warning', 'critical']).default('warning').describe('least severity that counts'),
  features: z.array(z.string()).min(1).optional().describe('only alerts on these features'),
  importance: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('only alerts on features of at least this importance; all of them when the model declares none'),
  at_least: z.number().int().min(1).default(1).describe('alerts that must be firing together'),
});

const leaf = {
  alerts: alertsSchema.optional().describe('alerts that are firing'),
  label_coverage: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('at least this share of the predictions in the last window of a performance monitor has a label'),
  for: z
    .union([z.number().int().min(1).max(1000), durationSchema], {
      error: 'must be a number of windows, as in 3, or a duration, as in 6h',
    })
    .optional()
    .describe('how long it must have held: a number of windows, or a duration'),
};

const ONE_OF = 'must have exactly one of';

/** One `any` in an `all`, or one `all` in an `any`, says whatever can be said. */
const innermostSchema = z.strictObject(leaf).refine(hasOne, { message: `${ONE_OF} alerts, label_coverage` });
const innerSchema = z
  .strictObject({
    ...leaf,
    any: z.array(innermostSchema).min(1).optional(),
    all: z.array(innermostSchema).min(1).optional(),
  })
  .refine(hasOne, { message: `${ONE_OF} any, all, alerts, label_coverage` });

/** What must be so for a model to be retrained. */
export const retrainingConditionSchema = z
  .strictObject({
    ...leaf,
    any: z.array(innerSchema).min(1).optional().describe('at least one of these'),
    all: z.array(innerSchema).min(1).optional().describe('all of these'),
  })
  .refine(hasOne, { message: `${ONE_OF} any, all, alerts, label_coverage` });

function hasOne(condition: { alerts?: unknown; label_coverage?: unknown; any?: unknown; all?: unknown }): boolean {
  const { alerts, label_coverage, any, all } = condition;
  return [alerts, label_coverage, any, all].filter((each) => each !== undefined).length === 1;
}

export type AlertsCondition = z.infer<typeof alertsSchema>;

/** The same on every level, with exactly one of the first four. */
export interface RetrainingCondition {
  readonly alerts?: AlertsCondition | undefined;
  readonly label_coverage?: number | undefined;
  readonly any?: readonly RetrainingCondition[] | undefined;
  readonly all?: readonly RetrainingCondition[] | undefined;
  readonly for?: number | string | undefined;
}

/** Performance worse than the reference by the bounds of its monitor (5 %), or drift of important features over three windows. */
export const DEFAULT_RETRAINING_CONDITION: RetrainingCondition = retrainingConditionSchema.parse({
  any: [
    { alerts: { detectors: ['performance'] } },
    { alerts: { detectors: ['feature_drift'], importance: 0.1 }, for: 3 },
  ],
});
