import { normalSurvival } from './normal.js';

/** Above, the normal approximation is within 1e-3 of the exact chance, relative to it where it matters (0.001 to 0.5). */
const EXACT_UP_TO = 2_000;

/**
 * One-sided p-value of the sign test: the chance that at least `count` of `n` tosses of a fair coin show heads. With the pairs on
 * which two classifiers disagree it is the one-sided exact test of McNemar. Exact up to 2 000 pairs, then the normal
 * approximation with continuity correction.
 * @throws RangeError when count is not within 0 and n
 * Source: McNemar (1947), Psychometrika 12; Conover, Practical Nonparametric Statistics, 3.4.
 */
export function signTestPValue(count: number, n: number): number {
  if (!Number.isInteger(n) || !Number.isInteger(count) || count < 0 || count > n) {
    throw new RangeError(`a count must be a whole number from 0 to ${n}, not ${count}`);
  }
  if (count === 0) return 1;
  if (n > EXACT_UP_TO) return normalSurvival((count - 0.5 - n / 2) / (Math.sqrt(n) / 2));
  // Terms from the last one on: choose(n, k) / 2^n, each from the one before, in logarithms.
  let logTerm = -n * Math.LN2;
  let sum = 0;
  for (let k = n; k >= count; k--) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(k / (n - k + 1));
  }
  return Math.min(1, sum);
}
