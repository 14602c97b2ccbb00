/**
 * Returns the place of the k/binCount quantile among n sorted values: the index of the order statistic below it and the
 * weight `t` in [0, 1) of the one above (`index + 1`).
 *
 * `t` is 0 when no upper neighbour is needed, so a caller may fetch `index` alone. Virtual index `(n − 1)·(k/binCount)`,
 * Hyndman & Fan type 7, evaluated in the same order of operations as numpy so that the result has the same bits.
 * `n ≥ 1`, `0 ≤ k ≤ binCount`. O(1).
 */
export function quantilePosition(n: number, k: number, binCount: number): { index: number; t: number } {
  const virtualIndex = (n - 1) * (k / binCount);
  const index = Math.floor(virtualIndex);
  return { index, t: virtualIndex - index };
}

/**
 * Returns the value a share `t` of the way from `lower` to `upper`, bit for bit as numpy interpolates a quantile:
 * `a + d·t` below the middle and `b − d·(1 − t)` from it on, which keeps the result monotone in `t`.
 *
 * Where `upper − lower` overflows numpy answers an infinity; an edge must be finite, so there the weighted mean is
 * returned. O(1). Source: `numpy.quantile(method="linear")`.
 */
export function quantileFromNeighbours(lower: number, upper: number, t: number): number {
  const difference = upper - lower;
  if (!Number.isFinite(difference)) return lower * (1 - t) + upper * t;
  return t >= 0.5 ? upper - difference * (1 - t) : lower + difference * t;
}

/**
 * Returns the inner bin edges of a reference sample: the distinct values of the quantiles k/binCount, k = 1…binCount−1,
 * ascending, bit for bit `numpy.unique(numpy.quantile(x, k/binCount, method="linear"))`.
 *
 * `sortedFinite`: ascending, no NaN or infinity. Heavy ties give fewer than binCount − 1 edges and a constant sample one
 * edge; an empty sample gives none (one bin that holds everything). O(binCount).
 */
export function quantileEdges(sortedFinite: ArrayLike<number>, binCount: number): number[] {
  const n = sortedFinite.length;
  if (n === 0) return [];
  const edges: number[] = [];
  for (let k = 1; k < binCount; k += 1) {
    const { index, t } = quantilePosition(n, k, binCount);
    const lower = sortedFinite[index]!;
    edges.push(quantileFromNeighbours(lower, sortedFinite[index + 1] ?? lower, t));
  }
  return edges.sort((a, b) => a - b).filter((edge, i) => i === 0 || edge !== edges[i - 1]);
}
