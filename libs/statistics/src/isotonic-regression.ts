/** A rising function given by its corners: straight lines between them, level outside. */
export interface IsotonicFit {
  /** Ascending and distinct. */
  readonly x: readonly number[];
  /** Never falling; as long as `x`. */
  readonly y: readonly number[];
}

/**
 * Returns the never-falling function of `x` with the least weighted squares to `y`, as `sklearn.isotonic.IsotonicRegression`:
 * pool-adjacent-violators over the distinct `x`, then the corners that lines between them need.
 *
 * `x`, `y` and `weights` (1 each when left out) are as long as one another, in any order. Rows whose `x` is NaN or whose weight is
 * 0 do not count. Nothing to fit gives a fit without corners. Throws RangeError on unequal lengths or a negative weight.
 * O(n log n). Source: Ayer et al. (1955).
 */
export function isotonicRegression(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): IsotonicFit {
  const n = x.length;
  if (y.length !== n || (weights !== undefined && weights.length !== n)) {
    throw new RangeError(`x, y and weights must be of one length, not ${n}, ${y.length} and ${weights?.length ?? n}`);
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i).filter((i) => !Number.isNaN(x[i]) && weights?.[i] !== 0);
  order.sort((a, b) => x[a]! - x[b]!);

  // One block per distinct x, merged with the blocks before it as long as they lie above it.
  const blocks: { from: number; to: number; sum: number; weight: number }[] = [];
  for (let start = 0; start < order.length;) {
    const at = x[order[start]!]!;
    let sum = 0;
    let weight = 0;
    let end = start;
    for (; end < order.length && x[order[end]!] === at; end += 1) {
      const w = weights?.[order[end]!] ?? 1;
      if (!(w > 0)) throw new RangeError(`a weight must not be negative: ${w}`);
      sum += w * y[order[end]!]!;
      weight += w;
    }
    const block = { from: at, to: at, sum, weight };
    for (let last = blocks.at(-1); last !== undefined && last.sum / last.weight >= block.sum / block.weight;) {
      block.from = last.from;
      block.sum += last.sum;
      block.weight += last.weight;
      blocks.pop();
      last = blocks.at(-1);
    }
    blocks.push(block);
    start = end;
  }

  const fit = { x: [] as number[], y: [] as number[] };
  for (const { from, to, sum, weight } of blocks) {
    const level = sum / weight;
    for (const corner of from === to ? [from] : [from, to]) {
      fit.x.push(corner);
      fit.y.push(level);
    }
  }
  return fit;
}

/** Returns the value of the fit at `x`: level beyond its first and last corner. NaN for NaN and for a fit without corners. O(log corners). */
export function isotonicValue({ x: corners, y: levels }: IsotonicFit, x: number): number {
  const n = corners.length;
  if (n === 0 || Number.isNaN(x)) return NaN;
  if (x <= corners[0]!) return levels[0]!;
  if (x >= corners[n - 1]!) return levels[n - 1]!;
  let low = 0;
  let high = n - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (corners[middle]! <= x) low = middle;
    else high = middle;
  }
  const left = corners[low]!;
  return levels[low]! + ((levels[high]! - levels[low]!) * (x - left)) / (corners[high]! - left);
}
