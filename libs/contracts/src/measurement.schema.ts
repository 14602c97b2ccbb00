import { z } from 'zod';
import { severitySchema, type Severity } from './monitor.schema.js';

/** What a number belongs to. `feature` is "" for a measurement of the whole model. */
export interface Series {
  readonly version: string;
  readonly segment: string;
  readonly feature: string;
  /** Drift method id or name of a metric. */
  readonly method: string;
}

/**
 * A number a detector produced for one window, with everything needed to recompute and to judge it.
 * NaN stands for "not defined here" (no p-value, no bound, too little data).
 */
export interface Measurement extends Series {
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** Start of the data actually used: earlier than windowStartMs when the window was widened. */
  readonly dataStartMs: number;
  /** 0 for the first evaluation of a window, +1 each time late data changed what it found. */
  readonly revision: number;
  readonly value: number;
  /** Value minus error bound and minus its expectation under no drift: what is compared with the threshold. */
  readonly effect: number;
  readonly errorBound: number;
  readonly pValue: number;
  readonly adjustedPValue: number;
  /** Level that the adjusted p-value must stay below for a breach; NaN where none is tested. */
  readonly alpha: number;
  readonly nReference: number;
  readonly nCurrent: number;
  readonly nMissing: number;
  /** Threshold in force, in the metric's unit; NaN where the method only records. */
  readonly thresholdWarning: number;
  readonly thresholdCritical: number;
  /** Confidence interval of the value where there is one. */
  readonly lower: number;
  readonly upper: number;
  /** Share of the predictions that have a label, 0 to 1; NaN for what needs no labels. */
  readonly coverage: number;
  /** Time from prediction to label, median and 95th percentile, in milliseconds; NaN where there are no labels. */
  readonly lagP50Ms: number;
  readonly lagP95Ms: number;
  /** Instant from which no more labels are expected; 0 when none is. Until then the value is provisional. */
  readonly finalFromMs: number;
  readonly referenceId: string;
  readonly severity: Severity;
  /** Whether this measurement takes part in the monitor's verdict, or is recorded only. */
  readonly decides: boolean;
  /** One sentence a person can read. */
  readonly reason: string;
  readonly evaluatedAtMs: number;
}

/** The parts of a measurement that speak of labels, for one that needs none. */
export const withoutLabels = {
  coverage: NaN,
  lagP50Ms: NaN,
  lagP95Ms: NaN,
  finalFromMs: 0,
} as const satisfies Partial<Measurement>;

export const measurementSchema = z.object({
  model: z.string(),
  version: z.string(),
  monitor: z.string(),
  segment: z.string(),
  feature: z.string(),
  method: z.string(),
  window_start: z.string(),
  window_end: z.string(),
  data_start: z.string(),
  revision: z.number().int(),
  value: z.number().nullable(),
  effect: z.number().nullable(),
  error_bound: z.number().nullable(),
  p_value: z.number().nullable(),
  adjusted_p_value: z.number().nullable(),
  alpha: z.number().nullable().describe('level that the adjusted p-value must stay below for a breach'),
  n_reference: z.number().int(),
  n_current: z.number().int(),
  n_missing: z.number().int(),
  threshold_warning: z.number().nullable(),
  threshold_critical: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  label_coverage: z
    .number()
    .nullable()
    .describe('share of the predictions that have a label; null where none is needed'),
  label_lag_p50_ms: z.number().nullable().describe('median time from prediction to label'),
  label_lag_p95_ms: z.number().nullable(),
  state: z.enum(['provisional', 'final']).describe('provisional: more labels are expected'),
  reference_id: z.string(),
  severity: severitySchema,
  decides: z.boolean(),
  reason: z.string(),
  evaluated_at: z.string(),
  superseded_at: z
    .string()
    .nullable()
    .describe('when a later revision of the window replaced it; null while it is in force'),
});
export type MeasurementReply = z.infer<typeof measurementSchema>;
