import { sum } from 'simple-statistics';
import { chiSquareSurvival } from './chi-square.js';
import { pairedCounts } from './paired-counts.js';
import { poolSmallCategories } from './pool-small-categories.js';

export interface ChiSquareContingency {
  statistic: number;
  degreesOfFreedom: number;
  pValue: number;
  /** √(χ²/N): the effect size, 0 for equal shares, 1 for no category in common. */
  cramersV: number;
}

/**
 * Returns the χ² test of homogeneity of two samples counted over the union of their categories: 2 × K contingency table,
 * no Yates correction, with Cramér's V as effect.
 *
 * A category with an expected count below `minimumExpected` in either sample is pooled with the others like it; if the pool
 * is still below, the smallest remaining category (of equals the one with fewer reference rows, so that the order of the
 * categories does not matter) joins it until it is not. Categories absent from both samples do not count. With fewer
 * than two categories left nothing can differ: statistic 0, 0 degrees of freedom, p 1, V 0. All but the degrees of freedom are NaN when a sample is empty. `minimumExpected` 0 is the plain test,
 * `scipy.stats.chi2_contingency(table, correction=False)` without its empty columns. Throws RangeError on unaligned counts.
 * O(K log K). Source of the rule of five: Cochran (1954).
 */
export function chiSquareContingency(
  reference: readonly number[],
  current: readonly number[],
  minimumExpected = 5,
): ChiSquareContingency {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  if (nReference === 0 || nCurrent === 0) {
    return { statistic: NaN, degreesOfFreedom: 0, pValue: NaN, cramersV: NaN };
  }
  const total = nReference + nCurrent;
  // The expected count of a category is its share of both samples, times the rows of the smaller one.
  const smallest = Math.min(nReference, nCurrent);
  const expected = (r: number, c: number) => ((r + c) * smallest) / total;
  const categories = poolSmallCategories(reference, current, expected, minimumExpected);
  const degreesOfFreedom = categories.length - 1;
  if (degreesOfFreedom < 1) return { statistic: 0, degreesOfFreedom: 0, pValue: 1, cramersV: 0 };
  // Σ(observed − expected)²/expected of both rows in one term per category, which is exactly 0 for equal shares.
  const statistic =
    nReference * nCurrent * sum(categories.map(([r, c]) => (r / nReference - c / nCurrent) ** 2 / (r + c)));
  return {
    statistic,
    degreesOfFreedom,
    pValue: chiSquareSurvival(statistic, degreesOfFreedom),
    cramersV: Math.sqrt(statistic / total),
  };
}
