import { type BinnedPair, liesOnEdges } from './binned-pair.js';
import { pairedCounts } from './paired-counts.js';
import { wassersteinFromBins } from './wasserstein-from-bins.js';

/**
 * Returns the Wasserstein-1 distance of two binned samples in units of `unit` > 0, and by how much the exact distance of their values can
 * differ from it.
 *
 * Exact where both samples lie on the lower edges of their bins, as counts and other discrete values do when every value has a bin of its
 * own; otherwise values are spread evenly inside each bin (`wassersteinFromBins`). NaN when a sample is empty; throws RangeError
 * when counts and edges are not aligned. O(bins).
 */
export function wassersteinFromBinned(pair: BinnedPair, unit: number): { value: number; errorBound: number } {
  const raw = distanceIn(pair, 1);
  // Divided at the end, because values around 1e9 lose digits otherwise; from the start only where a range exceeds the largest double.
  return Number.isFinite(raw.value) && Number.isFinite(raw.errorBound)
    ? { value: raw.value / unit, errorBound: raw.errorBound / unit }
    : distanceIn(pair, unit);
}

function distanceIn(pair: BinnedPair, unit: number): { value: number; errorBound: number } {
  const { reference, current } = pair;
  const edges = unit === 1 ? reference.edges : reference.edges.map((edge) => edge / unit);
  if (!liesOnEdges(pair)) {
    const min = Math.min(reference.min, current.min) / unit;
    const max = Math.max(reference.max, current.max) / unit;
    return wassersteinFromBins(edges, min, max, reference.counts, current.counts);
  }
  const { nReference, nCurrent } = pairedCounts(reference.counts, current.counts);
  if (nReference === 0 || nCurrent === 0) return { value: NaN, errorBound: NaN };
  let value = 0;
  let difference = 0;
  for (let i = 1; i < edges.length; i += 1) {
    difference += reference.counts[i]! / nReference - current.counts[i]! / nCurrent;
    if (difference !== 0) value += Math.abs(difference) * (edges[i]! - edges[i - 1]!);
  }
  return { value, errorBound: 0 };
}
