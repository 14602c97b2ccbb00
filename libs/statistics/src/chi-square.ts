import { normalQuantile } from './normal.js';
import { regularizedGammaQ } from './regularized-gamma.js';
import { poissonDensity } from './saddle-point.js';

/**
 * Returns the probability that χ² with `degreesOfFreedom` exceeds x, accurate in the far tail (1e-300).
 *
 * 1 at x ≤ 0. With 0 degrees of freedom χ² is 0, so the result is 1 at x ≤ 0 and 0 above. NaN for NaN. Same as
 * `scipy.stats.chi2.sf`.
 */
export function chiSquareSurvival(x: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom === 0 && !Number.isNaN(x)) return x > 0 ? 0 : 1;
  return regularizedGammaQ(degreesOfFreedom / 2, x / 2);
}

/**
 * Returns the value that χ² with `degreesOfFreedom` ≥ 1 exceeds with probability `alpha`, the inverse of
 * `chiSquareSurvival`; Infinity at alpha ≤ 0, 0 at alpha ≥ 1.
 *
 * Newton's method on the logarithm of the survival function, kept inside a bracket, from the Wilson–Hilferty start. Same
 * as `scipy.stats.chi2.isf`.
 */
export function chiSquareCritical(alpha: number, degreesOfFreedom: number): number {
  if (Number.isNaN(alpha) || Number.isNaN(degreesOfFreedom)) return NaN;
  if (alpha <= 0) return Infinity;
  if (alpha >= 1) return 0;
  const spread = 2 / (9 * degreesOfFreedom);
  let x = degreesOfFreedom * Math.max(1e-3, 1 - spread - normalQuantile(alpha) * Math.sqrt(spread)) ** 3;
  let low = 0;
  let high = Infinity;
  for (let step = 0; step < 200; step += 1) {
    const survival = chiSquareSurvival(x, degreesOfFreedom);
    if (survival > alpha) low = x;
    else high = x;
    const density = (poissonDensity(degreesOfFreedom / 2, x / 2) * degreesOfFreedom) / (2 * x);
    let next = x + (survival / density) * Math.log(survival / alpha);
    if (!(next > low && next < high)) next = high === Infinity ? low * 2 + 1 : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * x) return next;
    x = next;
  }
  return x;
}
