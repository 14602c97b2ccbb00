/**
 * Returns the Benjamini–Hochberg adjusted p-values, in the order given: rejecting those ≤ α keeps the expected share of
 * false rejections at α for independent or positively dependent tests.
 *
 * NaN (no test was made) stays NaN and does not count in the family. Adjusted values are at most 1, never below the raw
 * ones and monotone in them. O(n log n). Same as `scipy.stats.false_discovery_control`. Source: Benjamini & Hochberg (1995).
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const descending = pValues.flatMap((p, i) => (Number.isNaN(p) ? [] : [i])).sort((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = pValues.map(() => NaN);
  const family = descending.length;
  let smallest = 1;
  descending.forEach((index, position) => {
    smallest = Math.min(smallest, pValues[index]! * (family / (family - position)));
    adjusted[index] = smallest;
  });
  return adjusted;
}
