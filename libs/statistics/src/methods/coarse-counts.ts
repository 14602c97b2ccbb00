import type { BinnedPair } from '../binned-pair.js';
import { coalesce } from '../coalesce.js';
import type { CountedPair } from './numeric-bins.js';

/** Returns the counts over the deciles of a numeric reference, or over its categories. @throws RangeError on unaligned counts */
export function coarseCounts({ reference, current }: BinnedPair): CountedPair {
  if (reference.kind !== 'numeric') return { reference: reference.counts, current: current.counts };
  return {
    reference: coalesce(reference.counts, reference.decileEdgeIndexes),
    current: coalesce(current.counts, reference.decileEdgeIndexes),
  };
}
