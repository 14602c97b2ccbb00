/**
 * Returns the Wasserstein-1 distance ∫|F − G| of two ascending samples, in the unit of the values (`wasserstein.raw`).
 *
 * Finite values only; the result is Infinity only where the distance exceeds the largest double. Symmetric; 0 for equal distributions; a constant sample is fine. NaN when a sample is empty or ends
 * in NaN, where a numeric sort puts it.
 * O(n + m) after sorting. Same as `scipy.stats.wasserstein_distance`.
 */
export function wassersteinFromSorted(sortedReference: ArrayLike<number>, sortedCurrent: ArrayLike<number>): number {
  const n = sortedReference.length;
  const m = sortedCurrent.length;
  if (n === 0 || m === 0 || Number.isNaN(sortedReference[n - 1]) || Number.isNaN(sortedCurrent[m - 1])) return NaN;
  const lowest = Math.min(sortedReference[0]!, sortedCurrent[0]!);
  // A range beyond the largest double is measured in quarters, which changes no digit.
  const unit = Number.isFinite(Math.max(sortedReference[n - 1]!, sortedCurrent[m - 1]!) - lowest) ? 1 : 4;
  let distance = 0;
  // Neumaier's sum: what rounding took is added at the end.
  let lost = 0;
  let i = 0;
  let j = 0;
  let previous = lowest;
  while (i < n || j < m) {
    const fromReference = j >= m || (i < n && sortedReference[i]! <= sortedCurrent[j]!);
    const value = fromReference ? sortedReference[i]! : sortedCurrent[j]!;
    if (value > previous) {
      const term = Math.abs(i / n - j / m) * (value / unit - previous / unit);
      const next = distance + term;
      if (Number.isFinite(next)) lost += distance >= term ? distance - next + term : term - next + distance;
      distance = next;
      previous = value;
    }
    if (fromReference) i += 1;
    else j += 1;
  }
  return (distance + lost) * unit;
}
