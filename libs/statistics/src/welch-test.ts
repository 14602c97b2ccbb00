import type { SampleMoments } from './sample-moments.js';
import { studentSurvival } from './student-t.js';

/**
 * Returns the two-sided p-value of Welch's test that two samples have the same mean, from their moments: variances may differ, so heavy tails
 * make it cautious rather than wrong.
 *
 * `std` is the population one (ddof 0), as elsewhere. A sample of one row has no variance of its own and takes that of the other. With no
 * variance at all: 1 for equal means, else 0. NaN when a sample is empty or a moment is no finite number. O(1). Same as
 * `scipy.stats.ttest_ind(x, y, equal_var=False)`. Source: Welch (1947).
 */
export function welchPValue(reference: SampleMoments, current: SampleMoments): number {
  if (reference.n === 0 || current.n === 0) return NaN;
  // Divided by the larger deviation: its square could overflow.
  const unit = Math.max(reference.std, current.std);
  const shift = Math.abs(current.mean - reference.mean);
  if (!Number.isFinite(shift) || !Number.isFinite(unit)) return NaN;
  if (unit === 0) return shift === 0 ? 1 : 0;
  const ofReference = meanVariance(reference, current, unit);
  const ofCurrent = meanVariance(current, reference, unit);
  const error = ofReference.variance + ofCurrent.variance;
  const freedom =
    error ** 2 / (ofReference.variance ** 2 / ofReference.freedom + ofCurrent.variance ** 2 / ofCurrent.freedom);
  return Math.min(1, 2 * studentSurvival(shift / unit / Math.sqrt(error), freedom));
}

/** Variance of the mean of `sample` in squares of `unit`, and the degrees of freedom it was estimated with. */
function meanVariance(
  sample: SampleMoments,
  other: SampleMoments,
  unit: number,
): { readonly variance: number; readonly freedom: number } {
  const { n, std } = sample.n > 1 ? sample : other;
  return { variance: ((std / unit) ** 2 * n) / (n - 1) / sample.n, freedom: n - 1 };
}
