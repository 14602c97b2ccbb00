import { pairedCounts } from './paired-counts.js';

/**
 * Returns the Wasserstein-1 distance of two counted samples with values spread evenly inside each bin, and by how much the
 * exact distance of the raw values can differ from it, both in the unit of the values.
 *
 * `edges`: ascending inner edges; `min` and `max`: finite, the smallest and largest value of both samples, which close the
 * outer bins. Each distribution function is a straight line inside a bin of width w, which is wrong by at most w·p/2, so
 * the bound is Σ w(p + q)/2. Both are NaN when a sample is empty; throws RangeError when counts and edges are not aligned.
 * O(bins).
 */
export function wassersteinFromBins(
  edges: readonly number[],
  min: number,
  max: number,
  referenceCounts: readonly number[],
  currentCounts: readonly number[],
): { value: number; errorBound: number } {
  const { nReference, nCurrent } = pairedCounts(referenceCounts, currentCounts);
  if (referenceCounts.length !== edges.length + 1) {
    throw new RangeError(`${edges.length} edges bound ${edges.length + 1} bins, not ${referenceCounts.length}`);
  }
  if (nReference === 0 || nCurrent === 0) return { value: NaN, errorBound: NaN };
  let value = 0;
  let errorBound = 0;
  let left = min;
  let before = 0;
  for (let i = 0; i < referenceCounts.length; i += 1) {
    const p = referenceCounts[i]! / nReference;
    const q = currentCounts[i]! / nCurrent;
    const right = Math.min(max, Math.max(min, edges[i] ?? max));
    const after = before + p - q;
    value += (right - left) * meanAbsolute(before, after);
    errorBound += ((right - left) * (p + q)) / 2;
    left = right;
    before = after;
  }
  return { value, errorBound };
}

/** Mean of |d| along a straight line from d = before to d = after. */
function meanAbsolute(before: number, after: number): number {
  if (before * after >= 0) return Math.abs(before + after) / 2;
  return (before ** 2 + after ** 2) / (2 * Math.abs(after - before));
}
