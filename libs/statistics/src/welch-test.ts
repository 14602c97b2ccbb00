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
  const variance = ({ n, std }: SampleMoments, other: SampleMoments) =>
    n > 1 ? ((std / unit) ** 2 * n) / (n - 1) : other.n > 1 ? ((other.std / unit) ** 2 * other.n) / (other.n - 1) : NaN;
  const ofReference = variance(reference, current) / reference.n;
  const ofCurrent = variance(current, reference) / current.n;
  const error = ofReference + ofCurrent;
  const freedom =
    error ** 2 / (ofReference ** 2 / Math.max(1, reference.n - 1) + ofCurrent ** 2 / Math.max(1, current.n - 1));
  return Math.min(1, 2 * studentSurvival(shift / unit / Math.sqrt(error), freedom));
}
