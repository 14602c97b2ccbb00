import { ksFromCounts } from './ks-from-counts.js';
import { type BinnedPair, liesOnEdges } from './binned-pair.js';

/**
 * Returns the Kolmogorov–Smirnov distance of two samples counted over bins, and by how much the exact distance of their values can exceed it.
 *
 * Exact where both samples lie on the lower edges of their bins, as counts and other discrete values do when every value has a bin of its
 * own; otherwise `ksFromCounts`. NaN when a sample is empty; throws RangeError on unaligned counts. O(bins).
 */
export function ksFromBins(pair: BinnedPair): { value: number; errorBound: number } {
  const distance = ksFromCounts(pair.reference.counts, pair.current.counts);
  return liesOnEdges(pair) ? { value: distance.value, errorBound: 0 } : distance;
}
