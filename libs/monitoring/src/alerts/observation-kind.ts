import type { Measurement } from '@plumbline/contracts';
import { breachSide } from '../detectors/breach-side.js';
import type { AlertPolicy } from './alert-policy.js';

/**
 * What a measurement means to an alert. `between`: neither a breach nor back beyond the exit threshold. `silent` and `failed`: no
 * data or an error that leaves an alert as it is. `unknown`: too little data or nothing to compare with, which never changes anything.
 */
export type ObservationKind = 'breach' | 'healthy' | 'between' | 'silent' | 'failed' | 'unknown';

/** Returns what a measurement means to an alert under its policy. */
export function observationKind(measurement: Measurement, policy: AlertPolicy): ObservationKind {
  switch (measurement.severity) {
    case 'warning':
    case 'critical':
      return 'breach';
    case 'ok':
      return isBackFromThreshold(measurement, policy.exit_ratio) ? 'healthy' : 'between';
    case 'no_data':
      return policy.no_data === 'alert' ? 'breach' : policy.no_data === 'ok' ? 'healthy' : 'silent';
    case 'error':
      return policy.error === 'alert' ? 'breach' : policy.error === 'ok' ? 'healthy' : 'failed';
    case 'insufficient_data':
    case 'no_reference':
      return 'unknown';
  }
}

/** Hysteresis: an alert ends only below a share of the threshold at which it began, so that it does not flap around it. */
function isBackFromThreshold(
  { effect, method, thresholdWarning, thresholdCritical }: Measurement,
  exitRatio: number,
): boolean {
  const enter = Number.isNaN(thresholdWarning) ? thresholdCritical : thresholdWarning;
  return breachSide(method) === 'at_least' ? !(effect >= enter * exitRatio) : !(effect <= enter / exitRatio);
}
