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
  const divergence = sumOverShares(reference, current, (p, q) => {
    const middle = (p + q) / 2;
    return (p > 0 ? p * Math.log(p / middle) : 0) + (q > 0 ? q * Math.log(q / middle) : 0);
  });
  // Rounding can leave −1e-17 where the shares are equal.
  return Math.sqrt(Math.max(0, divergence / 2) / Math.log(base));
}
