/**
 * Returns the exact two-sample Kolmogorov–Smirnov distance sup|F − G| of two ascending samples, both empirical
 * distribution functions right-continuous and taken at every distinct pooled value, so ties are exact.
 *
 * Infinities are ordinary values. Symmetric, in [0, 1]. NaN when a sample is empty or ends in NaN, where a numeric sort
 * puts it; no NaN should be passed.
 * O(n + m) after sorting. Same as `scipy.stats.ks_2samp(...).statistic`.
 */
export function ksTwoSample(sortedReference: ArrayLike<number>, sortedCurrent: ArrayLike<number>): number {
  const n = sortedReference.length;
  const m = sortedCurrent.length;
  if (n === 0 || m === 0 || Number.isNaN(sortedReference[n - 1]) || Number.isNaN(sortedCurrent[m - 1])) return NaN;
  let largest = 0;
  let i = 0;
  let j = 0;
  while (i < n && j < m) {
    const value = Math.min(sortedReference[i]!, sortedCurrent[j]!);
    // Not `<= value`: a NaN, which must not be passed, would then never be left behind.
    while (i < n && !(sortedReference[i]! > value)) i += 1;
    while (j < m && !(sortedCurrent[j]! > value)) j += 1;
    largest = Math.max(largest, Math.abs(i / n - j / m));
  }
  return largest;
}
