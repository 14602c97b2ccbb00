import { sumOverShares } from './paired-counts.js';

/**
 * Returns the Kullback–Leibler divergence Σ p·ln(p/q) of the current sample from the reference, KL(reference‖current), in
 * nats: not symmetric, ≥ 0.
 *
 * Nothing is smoothed: a bin that holds reference rows and no current rows gives Infinity, which is its definition; a bin
 * empty in the reference adds 0. NaN when a sample is empty; throws RangeError on unaligned counts. O(bins). Same as
 * `scipy.stats.entropy(p, q)`.
 */
export function kullbackLeibler(reference: readonly number[], current: readonly number[]): number {
  let infinite = false;
  const divergence = sumOverShares(reference, current, (p, q) => {
    if (p === 0) return 0;
    // Kept out of the sum: a compensated sum turns an infinite term into NaN.
    if (q === 0) infinite = true;
    return q === 0 ? 0 : p * Math.log(p / q);
  });
  if (Number.isNaN(divergence)) return NaN;
  return infinite ? Infinity : Math.max(0, divergence);
}
