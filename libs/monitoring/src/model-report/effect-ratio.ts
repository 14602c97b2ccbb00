import type { SeriesPoint, Severity } from '@plumbline/contracts';

/** Returns the effect beside its threshold: 1 is at the lowest bound. NaN where either is not known. */
export function effectRatio({ effect, thresholdWarning, thresholdCritical }: SeriesPoint): number {
  return effect / (Number.isNaN(thresholdWarning) ? thresholdCritical : thresholdWarning);
}

/** Returns how bad a window was: 2 critical, 1 warning, 0 neither. */
export function breachRank(severity: Severity): 0 | 1 | 2 {
  return severity === 'critical' ? 2 : severity === 'warning' ? 1 : 0;
}

/** Whether a window was at or beyond a bound. */
export function isBreach(severity: Severity): boolean {
  return breachRank(severity) > 0;
}
