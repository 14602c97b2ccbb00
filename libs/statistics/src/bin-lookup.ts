import { binIndex } from './bin-index.js';

/** With fewer edges a search is as fast. */
const FEW_EDGES = 8;
/** More cells leave less to search, also where a few values far out stretch their width; a byte each, they stay in the cache. */
const CELLS_PER_EDGE = 16;

/**
 * Returns a function that gives what `binIndex` gives for these edges, in constant time for most values: cells of equal width say
 * between which edges the search begins and ends. Exact, because a value is only ever compared with the edges themselves, and the cell of
 * a value does not fall as the value grows.
 *
 * `edges`: ascending inner edges, finite. NaN must not be passed.
 */
export function binLookup(edges: readonly number[]): (value: number) => number {
  const lowest = edges[0] ?? 0;
  const cells = CELLS_PER_EDGE * edges.length;
  const scale = cells / (edges.at(-1)! - lowest);
  if (edges.length < FEW_EDGES || !(scale > 0 && Number.isFinite(scale))) return (value) => binIndex(edges, value);
  const sorted = Float64Array.from(edges);
  const cellOf = (value: number): number => {
    const cell = (value - lowest) * scale;
    return cell < 1 ? 0 : cell >= cells ? cells - 1 : cell | 0;
  };
  // The first edge of each cell or of one behind it.
  const firsts = (edges.length < 256 ? new Uint8Array(cells + 1) : new Uint32Array(cells + 1)).fill(edges.length);
  for (let index = edges.length - 1; index >= 0; index--) firsts[cellOf(edges[index]!)] = index;
  for (let cell = cells - 1; cell >= 0; cell--) firsts[cell] = Math.min(firsts[cell]!, firsts[cell + 1]!);
  return (value) => {
    const cell = cellOf(value);
    let low = firsts[cell]!;
    let high = firsts[cell + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
