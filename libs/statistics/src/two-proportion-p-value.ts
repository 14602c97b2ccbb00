import { binomialDensity } from './saddle-point.js';

/**
 * Returns the one-sided p-value of the current rate being higher than the reference rate: Fisher's exact test, the
 * hypergeometric probability of at least `successCurrent` of the pooled successes falling in the current rows.
 *
 * Exact for small counts and still cheap and accurate for large ones, where it meets the score test, so there is no size at
 * which the answer jumps. Conservative (never more false alarms than the level) because counts are discrete. Whole counts,
 * success ≤ n. 1 when a sample is empty or no success was seen (no evidence). O(√(n + m)) terms. Same as
 * `scipy.stats.hypergeom.sf(k − 1, n + m, successes, m)`.
 */
export function twoProportionPValue(
  successReference: number,
  nReference: number,
  successCurrent: number,
  nCurrent: number,
): number {
  const successes = successReference + successCurrent;
  const rows = nReference + nCurrent;
  if (nReference === 0 || nCurrent === 0 || successes === 0) return 1;
  const failures = rows - successes;
  const smallest = Math.max(0, nCurrent - failures);
  const largest = Math.min(successes, nCurrent);
  if (successCurrent <= smallest) return 1;

  // Sum the side of the observation that excludes the mode: its terms fall monotonically, so the sum can stop early.
  const mode = ((successes + 1) * (nCurrent + 1)) / (rows + 2);
  const upper = successCurrent > mode;
  let count = upper ? successCurrent : successCurrent - 1;
  let term = hypergeometricDensity(count, successes, failures, nCurrent);
  let total = 0;
  while (count >= smallest && count <= largest && term > total * 1e-17) {
    total += term;
    const up = ((successes - count) * (nCurrent - count)) / ((count + 1) * (failures - nCurrent + count + 1));
    const down = (count * (failures - nCurrent + count)) / ((successes - count + 1) * (nCurrent - count + 1));
    term *= upper ? up : down;
    count += upper ? 1 : -1;
  }
  return upper ? Math.min(1, total) : Math.max(0, 1 - total);
}

/** Returns the probability of k successes among `draws` of a pool, as a ratio of binomials at the rate draws/pool. */
function hypergeometricDensity(k: number, successes: number, failures: number, draws: number): number {
  const pool = successes + failures;
  const rate = draws / pool;
  const rest = (pool - draws) / pool;
  const density = (count: number, n: number) => binomialDensity(count, n, n * rate, n * rest);
  return (density(k, successes) * density(draws - k, failures)) / density(draws, pool);
}
