import { sumOverShares } from './paired-counts.js';
import { deviance } from './saddle-point.js';

/**
 * Returns the Kullback–Leibler divergence Σ p·ln(p/q) of the current sample from the reference, KL(reference‖current), in
 * nats: not symmetric, ≥ 0.
 *
 * Nothing is smoothed: a bin that holds reference rows and no current rows gives Infinity, which is its definition; a bin
 * empty in the reference adds nothing to the sum above. NaN when a sample is empty; throws RangeError on unaligned counts. O(bins). Same as
 * `scipy.stats.entropy(p, q)`.
 */
export function kullbackLeibler(reference: readonly number[], current: readonly number[]): number {
  let infinite = false;
  const divergence = sumOverShares(reference, current, (p, q) => {
    // p·ln(p/q) + q − p, which adds up to the same because shares do, and does not cancel: a bin empty in the reference adds q.
    if (q > 0) return deviance(p, q);
    // Kept out of the sum: a compensated sum turns an infinite term into NaN.
    if (p > 0) infinite = true;
    return 0;
  });
  if (Number.isNaN(divergence)) return NaN;
  return infinite ? Infinity : divergence;
}
