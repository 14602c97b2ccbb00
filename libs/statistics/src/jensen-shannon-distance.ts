import { sumOverShares } from './paired-counts.js';

/**
 * Returns the Jensen–Shannon distance √(½ KL(p‖m) + ½ KL(q‖m)), m = (p + q)/2, of two counted samples: symmetric, 0 for
 * equal shares, at most 1 in base 2 (the default, `js.base2`) and √ln 2 with `base` Math.E (`js.e`).
 *
 * A bin empty in one or both samples is well defined (0·ln 0 = 0), so nothing is smoothed. NaN when a sample is empty;
 * throws RangeError on unaligned counts. O(bins). Same as `scipy.spatial.distance.jensenshannon`.
 * Source: Endres & Schindelin (2003).
 */
export function jensenShannonDistance(reference: readonly number[], current: readonly number[], base = 2): number {
  const divergence = sumOverShares(reference, current, (p, q) =>
    p === q ? 0 : ((p + q) / 2) * entropyGap((p - q) / (p + q)),
  );
  return Math.sqrt(divergence / 2 / Math.log(base));
}

/** (1 + t)·ln(1 + t) + (1 − t)·ln(1 − t) for |t| ≤ 1, without cancellation near 0: what a bin adds, per share of its middle. */
function entropyGap(t: number): number {
  const size = Math.abs(t);
  if (size === 1) return 2 * Math.LN2;
  if (size > 0.2) return (1 + size) * Math.log1p(size) + (1 - size) * Math.log1p(-size);
  // 2·Σ t^2k/(2k(2k − 1)): at 0.2 the first term left out is below 1e-18 of the sum.
  const square = t * t;
  let series = 0;
  for (let k = 13; k >= 1; k -= 1) series = series * square + 1 / (k * (2 * k - 1));
  return series * square;
}
