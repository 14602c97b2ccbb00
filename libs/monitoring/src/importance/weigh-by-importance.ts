import {
  DRIFT_SHARE,
  type ImportancePolicy,
  type Measurement,
  type QualityMetric,
  type Severity,
} from '@plumbline/contracts';
import { inWords, percent } from '../detectors/numbers-in-words.js';
import type { Importance } from './importance-of.js';

const NAMED_FEATURES = 3;

/** Quality metrics that tell of a feature that moved; the others tell of one that is broken. */
export const driftingQualityMetrics: readonly QualityMetric[] = ['unseen_rate', 'out_of_range_rate'];

/**
 * Returns what feature drift comes to when features weigh by their importance. Drift of a feature far less important than the most
 * important one is recorded, as a warning at most, and decides on no alert of its own. For each version and segment a measurement
 * of the whole is added: the importance of the features that drifted, as a share of that of all features that were judged. A
 * feature of unknown importance alerts as ever, and weighs as much as the mean of the others. Where no importance is known, the
 * measurements are returned as they are.
 * @param measurements of one monitor and window, judged
 */
export function weighByImportance(
  measurements: readonly Measurement[],
  importance: Importance,
  policy: ImportancePolicy,
): Measurement[] {
  const weighed = recordUnimportant(measurements, importance, policy.alert_from);
  if (largestOf(importance) === 0) return weighed;
  const mean = [...importance.values()].reduce((sum, value) => sum + value, 0) / importance.size;
  const weightOf = (feature: string): number => importance.get(feature) ?? mean;
  const groups = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    if (!measurement.decides || measurement.feature === '') continue;
    const key = JSON.stringify([measurement.version, measurement.segment]);
    groups.set(key, [...(groups.get(key) ?? []), measurement]);
  }
  return [...weighed, ...[...groups.values()].map((group) => driftShare(group, weightOf, policy))];
}

/**
 * Returns the measurements with those of features whose importance is below a share of the largest recorded only, as a warning at
 * most, and with the importance of the others that breach in their sentences. Where no importance is known, all stay as they are.
 * @param methods that are concerned; all when undefined
 */
export function recordUnimportant(
  measurements: readonly Measurement[],
  importance: Importance,
  alertFrom: number,
  methods?: readonly string[],
): Measurement[] {
  const largest = largestOf(importance);
  return measurements.map((measurement) => {
    const { feature, method } = measurement;
    const known = importance.get(feature);
    if (known === undefined || largest === 0 || methods?.includes(method) === false) return measurement;
    const share = known / largest;
    return share < alertFrom ? recordOnly(measurement, share) : withImportance(measurement, share);
  });
}

function largestOf(importance: Importance): number {
  return Math.max(0, ...importance.values());
}

/** Says how much a feature that breaches matters: messages repeat it. */
function withImportance(measurement: Measurement, share: number): Measurement {
  const breaches = measurement.severity === 'warning' || measurement.severity === 'critical';
  return breaches ? saying(measurement, `its importance is ${percent(share)} of the largest`) : measurement;
}

function saying(measurement: Measurement, what: string): Measurement {
  return { ...measurement, reason: measurement.reason.replace(/\.$/, `; ${what}.`) };
}

function recordOnly(measurement: Measurement, share: number): Measurement {
  if (!measurement.decides) return measurement;
  const severity = measurement.severity === 'critical' ? 'warning' : measurement.severity;
  const why = `recorded only, for its importance is ${percent(share)} of the largest`;
  return saying({ ...measurement, severity, decides: false }, why);
}

function driftShare(
  group: readonly Measurement[],
  weightOf: (feature: string) => number,
  { drift_share: bounds }: ImportancePolicy,
): Measurement {
  const judged = featuresWith(group, ['ok', 'warning', 'critical']);
  const drifted = featuresWith(group, ['warning', 'critical']).sort((a, b) => weightOf(b) - weightOf(a));
  const total = judged.reduce((sum, feature) => sum + weightOf(feature), 0);
  const value = total > 0 ? drifted.reduce((sum, feature) => sum + weightOf(feature), 0) / total : NaN;
  const reached = bounds.critical !== undefined && value >= bounds.critical;
  const severity = severityOf(group, value, bounds);
  const named = drifted
    .slice(0, NAMED_FEATURES)
    .map((feature) => `${feature} ${percent(weightOf(feature) / total)}`)
    .join(', ');
  const more = drifted.length > NAMED_FEATURES ? ` and ${drifted.length - NAMED_FEATURES} more` : '';
  const bound = reached ? bounds.critical : bounds.warning;
  const verdict =
    severity === 'warning' || severity === 'critical'
      ? `; at or above the ${severity} bound ${inWords(bound!)}`
      : lowest(bounds) === undefined
        ? '; recorded only'
        : `; not at or above the bound ${inWords(lowest(bounds)!)}`;
  const reason = Number.isNaN(value)
    ? 'No feature that has importance could be judged.'
    : `Features with ${percent(value)} of the importance drifted${named === '' ? '' : ` (${named}${more})`}${verdict}.`;
  return {
    ...group[0]!,
    feature: '',
    method: DRIFT_SHARE,
    dataStartMs: group.reduce((first, { dataStartMs }) => Math.min(first, dataStartMs), Infinity),
    value,
    effect: value,
    errorBound: NaN,
    pValue: NaN,
    adjustedPValue: NaN,
    alpha: NaN,
    lower: NaN,
    upper: NaN,
    nReference: 0,
    nCurrent: judged.length,
    nMissing: 0,
    thresholdWarning: bounds.warning ?? NaN,
    thresholdCritical: bounds.critical ?? NaN,
    severity,
    decides: lowest(bounds) !== undefined,
    reason,
  };
}

/** Where no feature was judged, the whole is what most of its features are: without data, without a reference, in error. */
function severityOf(group: readonly Measurement[], value: number, bounds: ImportancePolicy['drift_share']): Severity {
  if (Number.isNaN(value)) {
    const first = group[0]!.severity;
    return group.every(({ severity }) => severity === first) && first !== 'ok' ? first : 'insufficient_data';
  }
  if (bounds.critical !== undefined && value >= bounds.critical) return 'critical';
  return bounds.warning !== undefined && value >= bounds.warning ? 'warning' : 'ok';
}

function lowest({ warning, critical }: ImportancePolicy['drift_share']): number | undefined {
  return warning ?? critical;
}

function featuresWith(group: readonly Measurement[], severities: readonly Severity[]): string[] {
  return [...new Set(group.filter(({ severity }) => severities.includes(severity)).map(({ feature }) => feature))];
}
