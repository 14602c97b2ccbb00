import { normalQuantile } from './normal.js';

/**
 * Returns the Wilson score interval of a rate: where the true rate lies with the given confidence after `successes` of n.
 *
 * Without continuity correction; within [0, 1] and of positive width also at 0 and n successes, whose outer bound is exactly
 * 0 or 1. With n = 0 nothing is known: [0, 1]. `confidence` in (0, 1), for example 0.95. O(1). Same as
 * `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`. Source: Wilson (1927).
 */
export function wilsonInterval(successes: number, n: number, confidence: number): { lower: number; upper: number } {
  if (n === 0) return { lower: 0, upper: 1 };
  const z = -normalQuantile((1 - confidence) / 2);
  const rate = successes / n;
  const centre = (successes + (z * z) / 2) / (n + z * z);
  const halfWidth = (z / (n + z * z)) * Math.sqrt(n * rate * (1 - rate) + (z * z) / 4);
  return {
    lower: successes === 0 ? 0 : Math.max(0, centre - halfWidth),
    upper: successes === n ? 1 : Math.min(1, centre + halfWidth),
  };
}
