import { pairedCounts } from './paired-counts.js';

/**
 * Returns the L∞ distance max|p − q| of two counted samples: the largest change of one bin's share, symmetric, in [0, 1].
 *
 * NaN when a sample is empty; throws RangeError on unaligned counts. O(bins).
 */
export function infinityDistance(reference: readonly number[], current: readonly number[]): number {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  if (nReference === 0 || nCurrent === 0) return NaN;
  let largest = 0;
  reference.forEach((count, i) => {
    largest = Math.max(largest, Math.abs(count / nReference - current[i]! / nCurrent));
  });
  return largest;
}
