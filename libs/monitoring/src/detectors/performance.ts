import { type MonitorDeclaration, type PerformanceMetric, performanceMetrics } from '@plumbline/contracts';
import { normalQuantile, normalSurvival } from '@plumbline/statistics';
import type { DetectorInput } from './detector-input.js';
import { lowestBound } from './lowest-bound.js';
import { inWords, percent } from './numbers-in-words.js';
import { type Estimate, performanceEstimates, worseWhen } from './performance-metrics.js';
import { type RawMeasurement, undefinedMeasurement } from './raw-measurement.js';

type PerformanceDeclaration = Extract<MonitorDeclaration, { detector: 'performance' }>;

const LABELS: Readonly<Record<PerformanceMetric, string>> = {
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  roc_auc: 'ROC AUC',
  log_loss: 'log loss',
  brier: 'Brier score',
  mae: 'MAE',
  rmse: 'RMSE',
  bias: 'bias',
};

/**
 * Measures how well the model did on the predictions that have a label by now. The effect is the worsening relative to the
 * reference, and its p-value the chance of lying that far from the reference, whose own sampling error counts too.
 *
 * Metrics the reference has no value for are recorded only. With too few labels there is one measurement per deciding metric,
 * which says so.
 */
export function performance(input: DetectorInput<PerformanceDeclaration>): RawMeasurement[] {
  const { declaration, profile, data, task, positiveClass } = input;
  const { predicted, labelled } = data.performance;
  const { min_labels, min_coverage, alpha } = declaration;
  const coverage = predicted === 0 ? 0 : labelled / predicted;
  const common = {
    ...undefinedMeasurement,
    feature: '',
    nReference: profile?.n ?? 0,
    nCurrent: labelled,
    nMissing: Math.max(0, predicted - labelled),
    referenceId: profile?.referenceId ?? '',
  };
  const estimates = performanceEstimates(data.performance, task, positiveClass, 1 - alpha);
  const expected = performanceMetrics.filter(
    (metric) => estimates.has(metric) || (declaration.thresholds[metric] && profile?.performance[metric] !== undefined),
  );

  return expected.map((metric): RawMeasurement => {
    const reference = profile?.performance[metric] ?? NaN;
    const threshold = Number.isNaN(reference) ? undefined : declaration.thresholds[metric];
    const labels = `${labelled} of ${predicted} predictions have a label`;
    const estimate = estimates.get(metric);
    if (estimate === undefined) {
      const finding = `${LABELS[metric]} is unknown: ${labels}`;
      return { ...common, method: metric, threshold, state: 'insufficient', finding };
    }
    const measured = { ...common, ...estimate, method: metric, threshold, errorBound: 0 };
    const finding = `${LABELS[metric]} is ${inWords(estimate.value)} (${inWords(estimate.lower)} to ${inWords(estimate.upper)}); ${labels}`;
    if (Number.isNaN(reference)) {
      return {
        ...measured,
        state: 'measured',
        finding: `${finding}; the reference has no ${LABELS[metric]} to compare with`,
      };
    }
    const effect = worsening(metric, estimate.value, reference, profile!.performance['mae']);
    if (Number.isNaN(effect)) {
      return {
        ...measured,
        threshold: undefined,
        state: 'measured',
        finding: `${finding}; no worsening can be stated relative to the reference's ${inWords(reference)}`,
      };
    }
    const pValue = chanceOf(estimate, reference, alpha, labelled, profile!.n);
    const compared = `${finding}; ${percent(Math.abs(effect))} ${effect > 0 ? 'worse' : 'better'} than the reference's ${inWords(reference)}`;
    const judged = { ...measured, effect, pValue };
    const lacking = lack(declaration, judged, reference, coverage);
    if (threshold !== undefined && lacking !== undefined)
      return { ...judged, state: 'insufficient', finding: `${compared}; ${lacking}` };
    return { ...judged, state: 'measured', finding: compared };
  });

  /** Why the labels do not allow a verdict; undefined when they do. */
  function lack(
    { thresholds }: PerformanceDeclaration,
    judged: Estimate & { readonly method: PerformanceMetric; readonly pValue: number },
    reference: number,
    covered: number,
  ): string | undefined {
    if (labelled < min_labels) return `it takes ${min_labels} labels`;
    if (covered < min_coverage) return `it takes labels for ${percent(min_coverage)} of the predictions`;
    // Too wide an interval sees no worsening of the size asked for; one that excludes the reference has seen one.
    const halfWidth = (judged.upper - judged.lower) / 2;
    const visible = lowestBound(thresholds[judged.method]) * Math.abs(reference);
    return halfWidth > visible && judged.pValue > alpha
      ? `the interval is too wide to see a worsening of ${percent(lowestBound(thresholds[judged.method]))}`
      : undefined;
  }
}

/** Worsening relative to the reference: 0.05 is 5 % worse; of the bias, relative to the mean absolute error of the reference. */
function worsening(metric: PerformanceMetric, value: number, reference: number, referenceMae = NaN): number {
  switch (worseWhen[metric]) {
    case 'lower':
      return reference > 0 ? (reference - value) / reference : NaN;
    case 'higher':
      return reference > 0 ? (value - reference) / reference : NaN;
    case 'farther':
      return referenceMae > 0 ? (Math.abs(value) - Math.abs(reference)) / referenceMae : NaN;
  }
}

/**
 * Two-sided chance of a value this far from the reference: at most alpha where the interval, widened by the sampling error of
 * the reference, excludes it.
 */
function chanceOf(
  { value, lower, upper }: Estimate,
  reference: number,
  alpha: number,
  n: number,
  nReference: number,
): number {
  const z = -normalQuantile(alpha / 2);
  // The side of the interval that faces the reference: intervals of rates are not symmetric.
  const halfWidth = reference > value ? upper - value : value - lower;
  const standardError = (halfWidth / z) * Math.sqrt(1 + n / Math.max(1, nReference));
  if (value === reference) return 1;
  return 2 * normalSurvival(Math.abs(value - reference) / standardError);
}
