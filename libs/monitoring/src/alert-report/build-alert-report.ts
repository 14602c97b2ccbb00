import type { AlertFinding, AlertReport, AlertReportScope } from '@plumbline/contracts';
import { driftMethods } from '@plumbline/contracts';
import { describeChange } from './describe-change.js';
import { distributionOf } from './distribution-of.js';
import { headline } from './headline.js';
import { pairOf } from './pair-of.js';
import { recentChanges } from './recent-changes.js';
import type { AlertReportInput, ReportedMeasurement } from './report-input.js';

const MAX_FINDINGS = 20;
const MAX_CHARTS = 3;

/** Returns what happened to a model in the window of an alert, from what the store holds of it. Costs O(bins) for each finding. */
export function buildAlertReport(scope: AlertReportScope, input: AlertReportInput): AlertReport {
  const shown = input.measurements.slice(0, MAX_FINDINGS);
  const charted = chartedMeasurements(shown);
  const findings = shown.map((measurement): AlertFinding => {
    const pair = pairOf(measurement, input);
    const performance = input.references.find(
      ({ referenceId }) => referenceId === measurement.referenceId,
    )?.performance;
    return {
      ...findingOf(measurement, scope),
      ...describeChange(measurement, pair, performance, input.volumeBefore.weight),
      distribution:
        pair !== undefined && charted.has(measurement) ? distributionOf(measurement.method, pair) : undefined,
    };
  });
  const moreFindings = Math.max(0, input.measurementCount - findings.length);
  const answered = input.predictions - input.failed;
  return {
    project: scope.project,
    model: scope.model,
    version: scope.version,
    windowStartMs: scope.windowStartMs,
    windowEndMs: scope.windowEndMs,
    headline: headline(scope, findings, moreFindings),
    findings,
    moreFindings,
    predictions: input.predictions,
    // A call that failed made no prediction, so nobody owes it a label.
    labelCoverage: answered > 0 ? Math.min(1, input.labelled / answered) : NaN,
    recentChanges: recentChanges(scope, input),
  };
}

function findingOf(
  measurement: ReportedMeasurement,
  { alerts }: AlertReportScope,
): Omit<AlertFinding, 'direction' | 'change' | 'distribution'> {
  const { monitor, segment, feature, method, severity, value, reason, nCurrent, nReference } = measurement;
  const alert = alerts.find(
    (each) =>
      each.monitor === monitor && each.segment === segment && each.feature === feature && each.method === method,
  );
  const { thresholdWarning, thresholdCritical } = measurement;
  const threshold = severity === 'critical' || Number.isNaN(thresholdWarning) ? thresholdCritical : thresholdWarning;
  return {
    alertId: alert?.alertId ?? '',
    monitor,
    segment,
    feature,
    method,
    severity,
    value,
    threshold,
    pValue: Number.isNaN(measurement.adjustedPValue) ? measurement.pValue : measurement.adjustedPValue,
    nCurrent,
    nReference,
    share: shareOf(measurement),
    reason,
  };
}

/** Part of a feature in the shift of all; of one alone, or of what the model answers, there is nothing to share. */
function shareOf({ method, feature, effect, effectOfAll }: ReportedMeasurement): number {
  const shared = (driftMethods as readonly string[]).includes(method) && !feature.startsWith('$');
  return shared && effect > 0 && effectOfAll > 0 ? Math.min(1, effect / effectOfAll) : NaN;
}

/** The worst measurement of each of the first features. */
function chartedMeasurements(measurements: readonly ReportedMeasurement[]): Set<ReportedMeasurement> {
  const chosen = new Map<string, ReportedMeasurement>();
  for (const measurement of measurements) {
    const series = JSON.stringify([measurement.segment, measurement.feature]);
    if (measurement.feature !== '' && !chosen.has(series)) chosen.set(series, measurement);
    if (chosen.size === MAX_CHARTS) break;
  }
  return new Set(chosen.values());
}
