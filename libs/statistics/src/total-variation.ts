import { sumOverShares } from './paired-counts.js';

/**
 * Returns the total variation distance ½Σ|p − q| of two counted samples: the share of rows that would have to change bin,
 * symmetric, in [0, 1].
 *
 * NaN when a sample is empty; throws RangeError on unaligned counts. O(bins).
 */
export function totalVariation(reference: readonly number[], current: readonly number[]): number {
  return sumOverShares(reference, current, (p, q) => Math.abs(p - q)) / 2;
}
