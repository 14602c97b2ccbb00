import { sum } from 'simple-statistics';
import { chiSquareSurvival } from './chi-square.js';
import { pairedCounts } from './paired-counts.js';

export interface ChiSquareContingency {
  statistic: number;
  degreesOfFreedom: number;
  pValue: number;
  /** √(χ²/N): the effect size, 0 for equal shares, 1 for no category in common. */
  cramersV: number;
}

type Category = readonly [reference: number, current: number];

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
  const smallestShare = Math.min(nReference, nCurrent) / total;
  const categories = poolSmall(
    reference.map((count, i): Category => [count, current[i]!]).filter(([r, c]) => r + c > 0),
    minimumExpected / smallestShare,
  );
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

/** Pools the categories with fewer rows than `minimumRows`: the expected count grows with the rows of both samples. */
function poolSmall(categories: readonly Category[], minimumRows: number): Category[] {
  const rows = ([r, c]: Category) => r + c;
  const kept = categories.filter((category) => rows(category) >= minimumRows);
  if (kept.length === categories.length) return kept;
  const add = (a: Category, b: Category): Category => [a[0] + b[0], a[1] + b[1]];
  let pool = categories.filter((category) => rows(category) < minimumRows).reduce(add);
  kept.sort((a, b) => rows(a) - rows(b) || a[0] - b[0]);
  while (rows(pool) < minimumRows && kept.length > 0) pool = add(pool, kept.shift()!);
  return [...kept, pool];
}
