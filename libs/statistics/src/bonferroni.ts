/**
 * Returns the Bonferroni adjusted p-values min(1, p·family), in the order given: rejecting those ≤ α keeps the chance of any
 * false rejection at α whatever the dependence.
 *
 * NaN (no test was made) stays NaN and does not count in the family. O(n).
 */
export function bonferroni(pValues: readonly number[]): number[] {
  const family = pValues.filter((p) => !Number.isNaN(p)).length;
  return pValues.map((p) => (Number.isNaN(p) ? NaN : Math.min(1, p * family)));
}
