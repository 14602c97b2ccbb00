import { type MonitorDeclaration, type PerformanceMetric, performanceMetrics } from '@plumbline/contracts';
import { normalQuantile, normalSurvival } from '@plumbline/statistics';
import { type DetectorInput, NO_REFERENCE } from './detector-input.js';
import { labelLag, labelsFinalFrom } from './label-lag.js';
import { lowestBound } from './lowest-bound.js';
import { inWords, percent } from './numbers-in-words.js';
import { type Estimate, metricNames, performanceEstimates, worseWhen } from './performance-metrics.js';
import { type RawMeasurement, undefinedMeasurement } from './raw-measurement.js';

type PerformanceDeclaration = Extract<MonitorDeclaration, { detector: 'performance' }>;

/**
 * Measures how well the model did on the predictions that have a label by now. The effect is the worsening relative to the
 * reference, less what bins may add to it, and its p-value the chance of lying that far from the reference, whose own sampling
 * error counts too.
 *
 * Metrics the reference has no value for are recorded only. With too few labels there is one measurement per deciding metric,
 * which says so. Weights of labels are not used: every row counts once.
 */
export function performance(input: DetectorInput<PerformanceDeclaration>): RawMeasurement[] {
  const { declaration, profile, data, task, positiveClass, lacking = NO_REFERENCE } = input;
  const { predicted, labelled } = data.performance;
  const { min_labels, min_coverage, alpha } = declaration;
  const coverage = predicted === 0 ? 0 : Math.min(1, labelled / predicted);
  // A reference that says how many of its rows have a label was measured on these alone.
  const nReference = profile?.labelled ?? profile?.n ?? 0;
  const common = {
    ...undefinedMeasurement,
    feature: '',
    nReference,
    nCurrent: labelled,
    nMissing: Math.max(0, predicted - labelled),
    referenceId: profile?.referenceId ?? '',
    ...labelLag(data.performance),
    ...(input.labelsDue && { finalFromMs: labelsFinalFrom(data.performance, input.labelsDue) }),
  };
  const estimates = performanceEstimates(data.performance, task, positiveClass, 1 - alpha);
  const expected = performanceMetrics.filter(
    (metric) => estimates.has(metric) || (declaration.thresholds[metric] && profile?.performance[metric] !== undefined),
  );

  return expected.map((metric): RawMeasurement => {
    const name = metricNames[metric];
    const reference = profile?.performance[metric] ?? NaN;
    const declared = declaration.thresholds[metric];
    const threshold = Number.isNaN(reference) ? undefined : declared;
    const labels = `${labelled} of ${predicted} predictions have a label`;
    const estimate = estimates.get(metric);
    if (estimate === undefined) {
      const finding = `${name} is unknown: ${labels}`;
      return { ...common, method: metric, threshold, state: 'insufficient', finding };
    }
    const measured = { ...common, ...estimate, method: metric, threshold };
    const finding = `${name} is ${inWords(estimate.value)} (${inWords(estimate.lower)} to ${inWords(estimate.upper)}); ${labels}`;
    if (profile === undefined && declared !== undefined) {
      return { ...measured, threshold: declared, state: 'no_reference', finding: `${finding}; ${lacking}` };
    }
    if (Number.isNaN(reference)) {
      return {
        ...measured,
        state: 'measured',
        finding: `${finding}; the reference has no ${name} to compare with`,
      };
    }
    const effect = worsening(metric, boundedTowards(reference, estimate), reference, profile!.performance['mae']);
    if (Number.isNaN(effect)) {
      return {
        ...measured,
        threshold: undefined,
        state: 'measured',
        finding: `${finding}; no worsening can be stated relative to the reference's ${inWords(reference)}`,
      };
    }
    const pValue = chanceOf(estimate, reference, alpha, labelled, nReference);
    const compared = `${finding}; ${percent(Math.abs(effect))} ${effect > 0 ? 'worse' : 'better'} than the reference's ${inWords(reference)}`;
    const judged = { ...measured, effect, pValue };
    const missing = lack(declaration, judged, reference, coverage);
    if (threshold !== undefined && missing !== undefined)
      return { ...judged, state: 'insufficient', finding: `${compared}; ${missing}` };
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
    if (Number.isNaN(judged.lower))
      return 'how far it may be off by chance cannot be told from labels that are all the same';
    // Too wide an interval sees no worsening of the size asked for; one that excludes the reference has seen one.
    const halfWidth = (judged.upper - judged.lower) / 2;
    const visible = lowestBound(thresholds[judged.method]) * Math.abs(reference);
    return halfWidth > visible && judged.pValue > alpha
      ? `the interval is too wide to see a worsening of ${percent(lowestBound(thresholds[judged.method]))}`
      : undefined;
  }
}

/** The value as near to the reference as its bins allow. */
function boundedTowards(reference: number, { value, errorBound }: Estimate): number {
  if (errorBound === 0) return value;
  const distance = Math.max(0, Math.abs(value - reference) - errorBound);
  return reference + Math.sign(value - reference) * distance;
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
