import { chiSquareSurvival } from './chi-square.js';
import type { Estimate } from './estimate.js';
import { normalQuantile, normalSurvival } from './normal.js';

/** Rows whose score lies in one bin: how many, of how many it was right, and the sum of their scores. */
export interface CalibrationBin {
  readonly n: number;
  readonly hits: number;
  readonly sumScore: number;
}

/**
 * Returns the expected calibration error: the mean over rows of how far the share of hits of their bin lies from its mean score.
 *
 * Σ |hits − Σ score| / n. Bins are the caller's; with 15 of equal width it is the measure of Guo et al. (2017). The value is too
 * high by chance where rows are few: the interval is moved down by the expectation of that, begins at 0 where the bins are compatible
 * with scores that mean what they say (χ² of Hosmer & Lemeshow), and holds the value. NaN, within [0, 1], without rows. `confidence` in (0, 1). O(bins). Source: Naeini, Cooper & Hauskrecht (2015).
 */
export function calibrationError(bins: readonly CalibrationBin[], confidence: number): Estimate {
  const rows = bins.reduce((sum, { n }) => sum + n, 0);
  if (rows === 0) return { value: NaN, lower: 0, upper: 1 };
  let value = 0;
  let excess = 0;
  let variance = 0;
  let statistic = 0;
  let filled = 0;
  for (const { n, hits, sumScore } of bins) {
    if (n === 0) continue;
    const gap = Math.abs(hits - sumScore) / rows;
    // A bin of hits alone has a spread too: half a row is added to each side.
    const rate = (hits + 0.5) / (n + 1);
    const deviation = Math.sqrt(n * rate * (1 - rate)) / rows;
    value += gap;
    variance += deviation * deviation;
    excess += foldedMean(gap, deviation) - gap;
    const spread = sumScore * (1 - sumScore / n);
    statistic += spread > 0 ? (hits - sumScore) ** 2 / spread : hits === sumScore ? 0 : Infinity;
    filled += 1;
  }
  const mayBeCalibrated = chiSquareSurvival(statistic, filled) > 1 - confidence;
  const halfWidth = -normalQuantile((1 - confidence) / 2) * Math.sqrt(variance);
  return {
    value,
    lower: mayBeCalibrated ? 0 : Math.min(value, Math.max(0, value - excess - halfWidth)),
    upper: Math.max(value, Math.min(1, value - excess + halfWidth)),
  };
}

/** Expectation of the amount of a normal variable. */
function foldedMean(mean: number, deviation: number): number {
  if (deviation === 0) return Math.abs(mean);
  const t = mean / deviation;
  return deviation * Math.sqrt(2 / Math.PI) * Math.exp((-t * t) / 2) + mean * (1 - 2 * normalSurvival(t));
}
