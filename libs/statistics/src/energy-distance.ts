/**
 * Returns the energy distance √(2∫(F − G)²) of two ascending samples: `scipy.stats.energy_distance`.
 *
 * In the square root of the unit of the values. Symmetric, 0 for equal samples. NaN when a sample is empty or ends in NaN, where
 * a numeric sort puts it; Infinity when an infinity has more weight in one sample than in the other. O(n + m) after sorting.
 * Source: Székely & Rizzo (2013).
 */
export function energyDistance(sortedReference: ArrayLike<number>, sortedCurrent: ArrayLike<number>): number {
  const n = sortedReference.length;
  const m = sortedCurrent.length;
  if (n === 0 || m === 0 || Number.isNaN(sortedReference[n - 1]) || Number.isNaN(sortedCurrent[m - 1])) return NaN;
  let area = 0;
  let i = 0;
  let j = 0;
  let before = Math.min(sortedReference[0]!, sortedCurrent[0]!);
  while (i < n || j < m) {
    const value = Math.min(sortedReference[i] ?? Infinity, sortedCurrent[j] ?? Infinity);
    const difference = i / n - j / m;
    // Equal shares below an infinity: its width does not count, and must not make NaN of the product.
    if (difference !== 0) area += difference * difference * (value - before);
    while (i < n && sortedReference[i]! <= value) i += 1;
    while (j < m && sortedCurrent[j]! <= value) j += 1;
    before = value;
  }
  return Math.sqrt(2 * area);
}
