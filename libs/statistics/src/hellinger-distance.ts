import { sumOverShares } from './paired-counts.js';

/**
 * Returns the Hellinger distance √(1 − Σ√(p·q)) of two counted samples: symmetric, in [0, 1], 1 when no bin is shared.
 *
 * Evaluated as √(½Σ(√p − √q)²), which is equal and does not cancel when the samples nearly agree. Zeros are well defined.
 * NaN when a sample is empty; throws RangeError on unaligned counts. O(bins).
 */
export function hellingerDistance(reference: readonly number[], current: readonly number[]): number {
  return Math.sqrt(sumOverShares(reference, current, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2) / 2);
}
