import { logBinQuantile } from '@plumbline/statistics';
import type { PerformanceData } from '../windows/window-data.js';

/** End of a window, and how long after it labels are waited for. */
export interface LabelsDue {
  readonly windowEndMs: number;
  readonly horizonMs: number;
}

/**
 * Returns which share of the predictions of a window has a label by now, and how long labels took: median and 95th percentile of
 * the time from prediction to label in force, in milliseconds, within 1 %. Labels earlier than their prediction took no time. NaN
 * where there are no predictions, or no labels.
 */
export function labelLag({ predicted, labelled, lagBins }: PerformanceData): {
  coverage: number;
  lagP50Ms: number;
  lagP95Ms: number;
} {
  return {
    coverage: predicted === 0 ? NaN : Math.min(1, labelled / predicted),
    lagP50Ms: logBinQuantile(lagBins, 0.5),
    lagP95Ms: logBinQuantile(lagBins, 0.95),
  };
}

/**
 * Returns the instant from which on no more labels are expected, in milliseconds since 1970: the end of the window where every
 * prediction has one, else when the time for them is over. A correction may still come, and opens the window as any label does.
 */
export function labelsFinalFrom(
  { predicted, labelled }: PerformanceData,
  { windowEndMs, horizonMs }: LabelsDue,
): number {
  return predicted > 0 && labelled >= predicted ? windowEndMs : windowEndMs + horizonMs;
}
