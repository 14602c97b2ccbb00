import { pairedCounts } from './paired-counts.js';

/**
 * Returns Σ(p − q)·ln(p/q) of two counted samples where `addedShare` is added to every share, without making them sum to 1 again: the
 * rule of Hopsworks (1e-6). A bin empty in both samples adds 0.
 *
 * Symmetric, ≥ 0. NaN when a sample is empty; throws RangeError on unaligned counts. O(bins).
 */
export function psiWithAddedShare(
  reference: readonly number[],
  current: readonly number[],
  addedShare: number,
): number {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  if (nReference === 0 || nCurrent === 0) return NaN;
  let total = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const p = reference[i]! / nReference + addedShare;
    const q = current[i]! / nCurrent + addedShare;
    if (p !== q) total += (p - q) * Math.log(p / q);
  }
  return total;
}
