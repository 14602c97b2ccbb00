import {
  type AlertSubject,
  DRIFT_SHARE,
  driftMethods,
  performanceMetrics,
  qualityMetrics,
  type Severity,
  trafficMetrics,
} from '@plumbline/contracts';
import { REJECTED_METHOD } from '../retraining/rejection-alert.js';

const subjects = new Map<string, AlertSubject>([
  ...driftMethods.map((method) => [method, 'drift'] as const),
  [DRIFT_SHARE, 'drift'],
  ...performanceMetrics.map((metric) => [metric, 'performance'] as const),
  [REJECTED_METHOD, 'performance'],
  ...qualityMetrics.map((metric) => [metric, 'schema'] as const),
  ...trafficMetrics.map((metric) => [metric, metric === 'volume' ? 'volume' : 'service'] as const),
]);

/** Returns what an alert is about. One that fires because there is no data is about the volume, whatever was to be measured. */
export function subjectOf(method: string, severity: Severity): AlertSubject {
  return severity === 'no_data' ? 'volume' : (subjects.get(method) ?? 'service');
}
