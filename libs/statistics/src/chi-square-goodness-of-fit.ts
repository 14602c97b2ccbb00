import { chiSquareSurvival } from './chi-square.js';
import { pairedCounts } from './paired-counts.js';
import { poolSmallCategories } from './pool-small-categories.js';

export interface ChiSquareGoodnessOfFit {
  statistic: number;
  degreesOfFreedom: number;
  /** As if the shares of the reference were known without error. */
  pValue: number;
  /** √(χ²/m), Cohen's w: the effect size, which does not grow with the rows. */
  cohensW: number;
}

/**
 * Returns the χ² test of goodness of fit of the current sample to the shares of the reference: Σ(O − E)²/E with E = m·p.
 *
 * A category with an expected count below `minimumExpected` is pooled with the others like it, as in `chiSquareContingency`, so that a
 * category which the reference does not know (E = 0) adds a finite amount. With `minimumExpected` 0 nothing is pooled: Infinity where such a
 * category holds rows, and otherwise the same as `scipy.stats.chisquare(O, E)` over the categories of the reference. Fewer than two
 * categories: statistic 0, 0 degrees of freedom, p 1. NaN when a sample is empty. Throws RangeError on unaligned counts. O(K log K).
 * Source: Pearson (1900).
 */
export function chiSquareGoodnessOfFit(
  reference: readonly number[],
  current: readonly number[],
  minimumExpected = 5,
): ChiSquareGoodnessOfFit {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  if (nReference === 0 || nCurrent === 0) {
    return { statistic: NaN, degreesOfFreedom: 0, pValue: NaN, cohensW: NaN };
  }
  const expectedOf = (r: number) => (r * nCurrent) / nReference;
  const categories = poolSmallCategories(reference, current, expectedOf, minimumExpected);
  const degreesOfFreedom = categories.length - 1;
  if (degreesOfFreedom < 1) return { statistic: 0, degreesOfFreedom: 0, pValue: 1, cohensW: 0 };
  let statistic = 0;
  for (const [r, c] of categories) {
    const expected = expectedOf(r);
    statistic += expected === 0 ? Infinity : (c - expected) ** 2 / expected;
  }
  return {
    statistic,
    degreesOfFreedom,
    pValue: chiSquareSurvival(statistic, degreesOfFreedom),
    cohensW: Math.sqrt(statistic / nCurrent),
  };
}
