import { binIndex } from './bin-index.js';

/** A sample moved from the bins it was counted in to other bins. */
export interface PlacedCounts {
  /** Rows per target bin with values spread evenly inside each of the old bins. */
  readonly counts: readonly number[];
  /** The fewest rows a target bin can hold, wherever inside the old bins the values lie. */
  readonly fewest: readonly number[];
  /** The most rows a target bin can hold. */
  readonly most: readonly number[];
}

/**
 * Places the rows of bins [edges[i − 1], edges[i]) into the bins of other inner edges.
 *
 * `edges`, `targets`: ascending. `min`, `max`: of the sample, which close its outer bins. `onEdges`: all values are the lower edges of
 * their bins, so nothing is in doubt. O(bins + targets).
 */
export function placeCounts(
  sample: { readonly counts: readonly number[]; readonly min: number; readonly max: number },
  edges: readonly number[],
  targets: readonly number[],
  onEdges: boolean,
): PlacedCounts {
  const counts = new Array<number>(targets.length + 1).fill(0);
  const fewest = [...counts];
  const most = [...counts];
  sample.counts.forEach((rows, i) => {
    if (rows === 0) return;
    const left = Math.max(edges[i - 1] ?? -Infinity, sample.min);
    const right = onEdges ? left : Math.min(edges[i] ?? Infinity, sample.max);
    const first = binIndex(targets, left);
    // Values lie below the upper edge, but for the largest of the sample.
    const last = right < sample.max ? lowerIndex(targets, right) : binIndex(targets, right);
    if (!(first < last)) {
      for (const each of [counts, fewest, most]) each[first]! += rows;
      return;
    }
    for (let bin = first; bin <= last; bin += 1) {
      const from = bin === first ? left : targets[bin - 1]!;
      const to = bin === last ? right : targets[bin]!;
      counts[bin]! += rows * shareOfWidth(to, from, right, left);
      most[bin]! += rows;
    }
  });
  return { counts, fewest, most };
}

/** (to − from)/(right − left); in halves where a width overflows. */
function shareOfWidth(to: number, from: number, right: number, left: number): number {
  const width = right - left;
  return Number.isFinite(width) ? (to - from) / width : (to / 2 - from / 2) / (right / 2 - left / 2);
}

/** Number of edges that are < value. */
function lowerIndex(edges: readonly number[], value: number): number {
  const index = binIndex(edges, value);
  return index > 0 && edges[index - 1] === value ? index - 1 : index;
}
