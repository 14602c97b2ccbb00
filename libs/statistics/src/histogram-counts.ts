import { binIndex } from './bin-index.js';

/**
 * Returns how many values lie in each bin between neighbouring `edges`, [a, b) but for the last bin, which is [a, b], and how
 * many lie outside: `numpy.histogram(values, edges)`.
 *
 * `edges`: at least two, ascending; the first and the last close the histogram. Infinities are outside; NaN must not be
 * passed. O(n log bins).
 */
export function histogramCounts(
  values: ArrayLike<number>,
  edges: readonly number[],
): { counts: number[]; outside: number } {
  const last = edges.length - 1;
  const counts = new Array<number>(last).fill(0);
  let outside = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    const bin = value === edges[last] ? last - 1 : binIndex(edges, value) - 1;
    if (bin >= 0 && bin < last) counts[bin]! += 1;
    else outside += 1;
  }
  return { counts, outside };
}
