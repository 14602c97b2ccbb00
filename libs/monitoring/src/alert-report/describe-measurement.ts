import type { AlertFinding } from '@plumbline/contracts';
import { describeChange } from './describe-change.js';
import { distributionOf } from './distribution-of.js';
import { pairOf } from './pair-of.js';
import type { AlertReportInput, ReportedMeasurement } from './report-input.js';

/** Returns the change behind a measurement in words, and its distribution beside that of the reference, as an alert report tells them. */
export function describeMeasurement(
  measurement: ReportedMeasurement,
  input: Pick<AlertReportInput, 'references' | 'cells'>,
): Pick<AlertFinding, 'direction' | 'change' | 'distribution'> {
  const pair = pairOf(measurement, input);
  const performance = input.references.find(({ referenceId }) => referenceId === measurement.referenceId)?.performance;
  return {
    ...describeChange(measurement, pair, performance, 0),
    distribution: pair && distributionOf(measurement.method, pair),
  };
}
