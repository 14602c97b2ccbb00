/**
 * Returns the bin of a value: the number of edges that are ≤ value, `numpy.searchsorted(edges, value, side="right")`.
 *
 * `edges`: ascending inner edges. Bins are [a, b) with open outer bins, so the result is in 0…edges.length and infinities
 * fall in the outer bins. NaN must not be passed (it would land in bin 0). O(log edges), allocates nothing: it runs once
 * per value on ingest.
 */
export function binIndex(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
