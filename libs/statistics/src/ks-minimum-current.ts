import { kolmogorovLimitSurvival } from './kolmogorov-survival.js';

/**
 * Returns the smallest number of current rows for which a Kolmogorov–Smirnov distance of `threshold` is significant at
 * `alpha`; Infinity when the reference alone is too small.
 *
 * By the limiting distribution: m with √(nm/(n + m))·threshold ≥ c, P(K > c) = alpha. The limit is conservative for
 * finite samples, so the true minimum is never larger but for the lattice of attainable distances. `threshold` and `alpha`
 * in (0, 1). O(1).
 */
export function ksMinimumCurrent(threshold: number, alpha: number, nReference: number): number {
  const effective = (kolmogorovLimitCritical(alpha) / threshold) ** 2;
  if (!(nReference > effective)) return Infinity;
  return Math.max(1, Math.ceil((effective * nReference) / (nReference - effective)));
}

/** Returns c with P(K > c) = alpha for the limiting Kolmogorov variable, by bisection: its tail falls strictly between 0.2 and 20. */
export function kolmogorovLimitCritical(alpha: number): number {
  let low = 0.2;
  let high = 20;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (kolmogorovLimitSurvival(middle) > alpha) low = middle;
    else high = middle;
  }
  return high;
}
