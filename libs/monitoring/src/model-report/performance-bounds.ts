import { type PerformanceMetric, performanceMetrics, type SeriesPoint } from '@plumbline/contracts';
import { worseWhen } from '../detectors/performance-metrics.js';

export interface PerformanceBounds {
  /** Of the metric on the reference; undefined where it is not known. */
  readonly reference: number | undefined;
  /** Values from which on it is a warning or critical; undefined where there is no such bound. */
  readonly warningAt: number | undefined;
  readonly criticalAt: number | undefined;
}

const NOTHING: PerformanceBounds = { reference: undefined, warningAt: undefined, criticalAt: undefined };

/**
 * Returns the bounds of a performance metric in its own unit: they are declared relative to the reference. The value on the reference
 * is that of the stored one, else what the effect says it was. Of a bias, whose bounds are relative to another metric, none is told.
 */
export function performanceBounds(
  metric: string,
  { value, effect, thresholdWarning, thresholdCritical }: SeriesPoint,
  stored: number | undefined,
): PerformanceBounds {
  if (!isPerformanceMetric(metric)) return NOTHING;
  const worse = worseWhen[metric];
  if (worse === 'farther') return { ...NOTHING, reference: stored };
  const sign = worse === 'lower' ? -1 : 1;
  const told = value / (1 + sign * effect);
  const reference = stored ?? (Number.isFinite(told) ? told : undefined);
  if (reference === undefined) return NOTHING;
  const at = (threshold: number): number | undefined =>
    Number.isFinite(threshold) ? reference * (1 + sign * threshold) : undefined;
  return { reference, warningAt: at(thresholdWarning), criticalAt: at(thresholdCritical) };
}

/** Whether a method is a metric of performance. */
export function isPerformanceMetric(method: string): method is PerformanceMetric {
  return (performanceMetrics as readonly string[]).includes(method);
}

/** Returns whether a metric at `value` is worse than at `reference`. */
export function isWorse(metric: PerformanceMetric, value: number, reference: number): boolean {
  switch (worseWhen[metric]) {
    case 'lower':
      return value < reference;
    case 'higher':
      return value > reference;
    case 'farther':
      return Math.abs(value) > Math.abs(reference);
  }
}
