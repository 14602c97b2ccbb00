import { z } from 'zod';
import { minuteDurationSchema } from './duration.schema.js';
import { importancePolicySchema, qualityImportanceSchema } from './feature-importance.schema.js';
import { nameSchema } from './identifiers.schema.js';
import { referenceDeclarationSchema } from './reference-declaration.schema.js';
import { segmentSelectionSchema, windowingOverrideSchema } from './model.schema.js';

export const severitySchema = z.enum([
  'ok',
  'warning',
  'critical',
  'no_data',
  'insufficient_data',
  'no_reference',
  'error',
]);
export type Severity = z.infer<typeof severitySchema>;

/** Bounds of one metric. `warning` and `critical` are in the metric's own unit, or relative to the reference where the metric says so. */
export const thresholdSchema = z
  .strictObject({ warning: z.number().optional(), critical: z.number().optional() })
  .refine((threshold) => threshold.warning !== undefined || threshold.critical !== undefined, {
    message: 'must have a warning or a critical bound',
  });
export type Threshold = z.infer<typeof thresholdSchema>;

const levelsSchema = { message: 'must have a warning or a critical bound' };
const hasLevel = ({ warning, critical }: { warning?: number | undefined; critical?: number | undefined }): boolean =>
  warning !== undefined || critical !== undefined;
const ascending = ({ warning, critical }: { warning?: number | undefined; critical?: number | undefined }): boolean =>
  warning === undefined || critical === undefined || warning <= critical;
const ascendingMessage = { path: ['critical'], message: 'must not be below the warning' };

/**
 * How the bounds of a metric that is compared with a reference are found: given (`static`, the kind of bounds without one), from
 * the spread of the metric over parts of the reference, or calibrated by the budget of false alarms.
 */
export const referenceThresholdSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('static').optional(),
      warning: z.number().optional(),
      critical: z.number().optional(),
    })
    .refine(hasLevel, levelsSchema),
  z
    .strictObject({
      kind: z.literal('standard_deviations'),
      warning: z.number().min(0).optional(),
      critical: z.number().min(0).optional(),
    })
    .describe('so many standard deviations above the mean over the chunks of the reference')
    .refine(hasLevel, levelsSchema)
    .refine(ascending, ascendingMessage),
  z
    .strictObject({
      kind: z.literal('quantiles'),
      warning: z.number().min(0).max(1).optional(),
      critical: z.number().min(0).max(1).optional(),
    })
    .describe('this quantile over the chunks of the reference: 1 is the largest of them')
    .refine(hasLevel, levelsSchema)
    .refine(ascending, ascendingMessage),
  z
    .strictObject({ kind: z.literal('auto'), critical: z.number().optional() })
    .describe(
      'the smallest effect that the budget of false alarms lets tell from chance; `critical` is in the metric’s unit',
    ),
]);
export type ReferenceThreshold = z.infer<typeof referenceThresholdSchema>;

/** Drift methods by id. An id names bins, smoothing and formula, and keeps its meaning for ever. GET /v1/methods describes them. */
export const driftMethods = [
  'psi.decile',
  'psi.evidently',
  'psi.equal-width-30',
  'psi.hopsworks',
  'ks',
  'wasserstein.std',
  'wasserstein.raw',
  'js.base2',
  'js.e',
  'js.divergence',
  'chi2.contingency',
  'chi2.gof',
  'hellinger',
  'kl',
  'tv',
  'linf',
  'mean-shift',
  'mann-whitney',
] as const;
/** Profiles of libs/statistics whose bins need the raw values, which a monitor does not keep at hand. */
const RAW_ONLY_METHODS = ['js.doane'];
export const driftMethodSchema = z.enum(driftMethods, {
  error: ({ input }) =>
    typeof input === 'string' && RAW_ONLY_METHODS.includes(input)
      ? `${input} needs raw values, and a monitor has counts over bins: use js.base2, or compare raw values with libs/statistics`
      : `there is no method ${JSON.stringify(input)}: use one of ${driftMethods.join(', ')}`,
});
export type DriftMethod = z.infer<typeof driftMethodSchema>;

export const qualityMetrics = ['missing_rate', 'invalid_rate', 'unseen_rate', 'out_of_range_rate'] as const;
export const performanceMetrics = [
  'accuracy',
  'balanced_accuracy',
  'precision',
  'recall',
  'f1',
  'specificity',
  'mcc',
  'precision_macro',
  'recall_macro',
  'f1_macro',
  'precision_micro',
  'recall_micro',
  'f1_micro',
  'precision_weighted',
  'recall_weighted',
  'f1_weighted',
  'roc_auc',
  'roc_auc_weighted',
  'pr_auc',
  'log_loss',
  'brier',
  'ece',
  'mae',
  'rmse',
  'mape',
  'r2',
  'bias',
  'absolute_error_p50',
  'absolute_error_p90',
  'absolute_error_p95',
] as const;
export const trafficMetrics = ['volume', 'error_rate', 'latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms'] as const;
export type QualityMetric = (typeof qualityMetrics)[number];
export type PerformanceMetric = (typeof performanceMetrics)[number];
export type TrafficMetric = (typeof trafficMetrics)[number];

const common = {
  enabled: z.boolean().default(true),
  version: nameSchema.optional().describe('only this version; every version seen in the window when absent'),
  segment: segmentSelectionSchema
    .optional()
    .describe(
      'all events when absent; else each segment that it names, by itself: "young" a declared slice, "country=DE" or "country:other" one value, "country" all values of it, "*" all segments',
    ),
  windows: windowingOverrideSchema.optional().describe('overrides the model’s windows'),
  for: z.number().int().min(1).max(1000).default(1).describe('windows in a row before firing'),
  keep_firing_for: z.number().int().min(0).max(1000).default(1).describe('healthy windows in a row before resolving'),
  exit_ratio: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe('a firing series is healthy again below this share of its threshold'),
  no_data: z.enum(['alert', 'keep', 'ok']).default('keep').describe('what a window without events does to an alert'),
  error: z.enum(['alert', 'keep', 'ok']).default('keep').describe('what a failed evaluation does to an alert'),
};

const decision = {
  alpha: z
    .number()
    .gt(0)
    .lt(0.5)
    .optional()
    .describe(
      'level of significance over the whole family of a window; from `false_alarms_per_month` of the model when absent',
    ),
  reference: referenceDeclarationSchema
    .optional()
    .describe('what windows are compared with; as the model says when absent'),
  family: z.enum(['benjamini-hochberg', 'bonferroni']).default('benjamini-hochberg'),
  widen: z
    .array(z.number().int().min(2).max(365))
    .max(5)
    .default([3, 7, 30])
    .describe('widths to try, in windows, when one has too little data'),
};

/** Drift of features (or of what the model answers). Only methods with a threshold decide; the others are recorded. */
const drift = {
  ...common,
  ...decision,
  numeric_methods: z.array(driftMethodSchema).min(1).default(['psi.decile', 'ks']),
  categorical_methods: z.array(driftMethodSchema).min(1).default(['psi.decile', 'chi2.contingency']),
  thresholds: z
    .partialRecord(driftMethodSchema, referenceThresholdSchema)
    .default({ 'psi.decile': { warning: 0.1, critical: 0.25 } }),
};

export const monitorDeclarationSchema = z.discriminatedUnion('detector', [
  z.strictObject({
    detector: z.literal('feature_drift'),
    ...drift,
    features: z.array(z.string()).optional().describe('all when absent'),
    importance: importancePolicySchema.prefault({}),
  }),
  z.strictObject({ detector: z.literal('prediction_drift'), ...drift }),
  z.strictObject({
    detector: z.literal('data_quality'),
    ...common,
    ...decision,
    features: z.array(z.string()).optional(),
    importance: qualityImportanceSchema.prefault({}),
    thresholds: z
      .partialRecord(z.enum(qualityMetrics), referenceThresholdSchema)
      .default({
        missing_rate: { warning: 0.05, critical: 0.2 },
        invalid_rate: { warning: 0.01, critical: 0.05 },
        unseen_rate: { warning: 0.05, critical: 0.2 },
        out_of_range_rate: { warning: 0.05, critical: 0.2 },
      })
      .describe('increase of the rate over the reference’s own'),
  }),
  z.strictObject({
    detector: z.literal('performance'),
    ...common,
    ...decision,
    min_labels: z.number().int().min(1).default(50),
    min_coverage: z.number().min(0).max(1).default(0).describe('share of predictions that must have a label'),
    thresholds: z
      .partialRecord(z.enum(performanceMetrics), thresholdSchema)
      .default({
        accuracy: { warning: 0.05, critical: 0.1 },
        roc_auc: { warning: 0.05, critical: 0.1 },
        mae: { warning: 0.05, critical: 0.1 },
        rmse: { warning: 0.05, critical: 0.1 },
      })
      .describe('worsening relative to the reference: 0.05 is 5 % worse'),
  }),
  z.strictObject({
    detector: z.literal('traffic'),
    ...common,
    thresholds: z
      .partialRecord(z.enum(trafficMetrics), thresholdSchema)
      .default({ error_rate: { warning: 0.05, critical: 0.2 }, latency_p99_ms: { warning: 500, critical: 2000 } })
      .describe('volume: at most this many events; the others: at least this much'),
  }),
]);
export type MonitorDeclaration = z.infer<typeof monitorDeclarationSchema>;
export type Detector = MonitorDeclaration['detector'];

export interface Monitor {
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly declaration: MonitorDeclaration;
  readonly origin: 'default' | 'declared';
  /** When it was declared last; a default monitor is not stored and has no such time. */
  readonly updatedAtMs?: number;
}

/** POST /v1/evaluations: evaluate the windows of a time range now, the past included. */
export const evaluationRequestSchema = z
  .strictObject({
    model: nameSchema,
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    monitors: z.array(nameSchema).optional(),
    every: minuteDurationSchema
      .optional()
      .describe('length of the windows, anchored at `from`; the monitors’ own windows when absent'),
  })
  .refine(({ from, every }) => every === undefined || Date.parse(from) % 60_000 === 0, {
    path: ['from'],
    message: 'must be a whole minute when `every` is given: windows begin there, and cells have a grain of one minute',
  });
export type EvaluationRequest = z.infer<typeof evaluationRequestSchema>;
