import type { Estimate } from './estimate.js';
import { type LogBin, logBinQuantile } from './log-bins.js';
import { normalQuantile } from './normal.js';

/** Sums over rows with a predicted and a true number; they add up over disjoint rows, except the central ones. */
export interface RegressionSums {
  readonly valued: number;
  /** Of predicted − true. */
  readonly sumError: number;
  readonly sumAbsoluteError: number;
  readonly sumSquaredError: number;
  readonly sumQuarticError: number;
  /** Of |error| / max(2^-52, |true|). */
  readonly sumPercentageError: number;
  readonly sumPercentageErrorSquares: number;
  /** Of the true values: mean, and sums of the second and fourth power of their distance from it. */
  readonly truthMean: number;
  readonly truthSquares: number;
  readonly truthQuartics: number;
  /** Sum of squared error times squared distance of the true value from the mean. */
  readonly squaredErrorByTruth: number;
  readonly errorBins: readonly LogBin[];
}

export interface RegressionEstimates {
  readonly mae: Estimate;
  readonly rmse: Estimate;
  readonly mape: Estimate;
  readonly bias: Estimate;
  /** NaN below two rows. */
  readonly r2: Estimate;
  readonly errorP50: Estimate;
  readonly errorP90: Estimate;
  readonly errorP95: Estimate;
}

/**
 * Returns the metrics of a regression with confidence intervals; undefined without rows.
 *
 * Same as `mean_absolute_error`, `root_mean_squared_error`, `mean_absolute_percentage_error` (as a ratio; a true value of 0 makes
 * it huge) and `r2_score` of `sklearn.metrics`: R² of a constant truth is 1 where every prediction is right, else 0. Means: normal approximation. RMSE: that of the
 * mean square, rooted. R²: delta method. Quantiles of |error|: within 1 % of the ⌈q·n⌉th smallest, and the order statistics that
 * the binomial leaves. `confidence` in (0, 1). O(bins).
 */
export function regressionEstimates(sums: RegressionSums, confidence: number): RegressionEstimates | undefined {
  const n = sums.valued;
  if (n === 0) return undefined;
  const z = -normalQuantile((1 - confidence) / 2);
  const around = (value: number, variance: number): Estimate => {
    const halfWidth = z * Math.sqrt(Math.max(0, variance) / n);
    return { value, lower: value - halfWidth, upper: value + halfWidth };
  };
  const notBelow0 = ({ value, lower, upper }: Estimate): Estimate => ({ value, lower: Math.max(0, lower), upper });
  const mae = sums.sumAbsoluteError / n;
  const meanSquare = sums.sumSquaredError / n;
  const bias = sums.sumError / n;
  const mape = sums.sumPercentageError / n;
  const square = around(meanSquare, sums.sumQuarticError / n - meanSquare ** 2);
  const quantile = (q: number): Estimate => {
    const margin = z * Math.sqrt((q * (1 - q)) / n);
    return {
      value: logBinQuantile(sums.errorBins, q),
      lower: logBinQuantile(sums.errorBins, Math.max(0, q - margin)),
      upper: logBinQuantile(sums.errorBins, Math.min(1, q + margin)),
    };
  };
  return {
    mae: notBelow0(around(mae, meanSquare - mae ** 2)),
    rmse: {
      value: Math.sqrt(meanSquare),
      lower: Math.sqrt(Math.max(0, square.lower)),
      upper: Math.sqrt(square.upper),
    },
    mape: notBelow0(around(mape, sums.sumPercentageErrorSquares / n - mape ** 2)),
    bias: around(bias, meanSquare - bias ** 2),
    r2: determination(sums, meanSquare, around),
    errorP50: quantile(0.5),
    errorP90: quantile(0.9),
    errorP95: quantile(0.95),
  };
}

/** R², whose rows weigh by how much one of them changes it: −(e² − mse)/v + mse·((y − ȳ)² − v)/v². */
function determination(
  sums: RegressionSums,
  meanSquare: number,
  around: (value: number, variance: number) => Estimate,
): Estimate {
  const n = sums.valued;
  if (n < 2) return { value: NaN, lower: NaN, upper: NaN };
  const spread = sums.truthSquares / n;
  // Means of equal numbers differ from them by rounding: what is within it is no spread.
  const isConstant = spread <= (4 * Number.EPSILON * sums.truthMean) ** 2;
  if (isConstant) return { value: meanSquare === 0 ? 1 : 0, lower: NaN, upper: NaN };
  const ratio = meanSquare / spread;
  const ofErrors = sums.sumQuarticError / n - meanSquare ** 2;
  const ofTruth = sums.truthQuartics / n - spread ** 2;
  const ofBoth = sums.squaredErrorByTruth / n - meanSquare * spread;
  const variance = (ofErrors - 2 * ratio * ofBoth + ratio ** 2 * ofTruth) / spread ** 2;
  const { value, lower, upper } = around(1 - ratio, variance);
  return { value, lower, upper: Math.min(1, upper) };
}
