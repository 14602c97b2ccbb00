import { binomialDensity } from './saddle-point.js';

/**
 * Returns the regularised incomplete beta function I_x(a, b) with y = 1 − x, for a, b > 0. Both x and y are given because one of them may be
 * so small that 1 minus the other has lost its digits.
 *
 * 0 at x ≤ 0, 1 at y ≤ 0, NaN for NaN. Continued fraction on the side where it converges fast, scaled by the saddle-point binomial
 * density: relative error about 1e-13 down to results of 1e-300. O(√(a + b)) terms. Same as `scipy.special.betainc`.
 * Source: Lentz's evaluation of DLMF 8.17.22; Loader (2000) for the scale.
 */
export function regularizedBeta(a: number, b: number, x: number, y: number): number {
  if (Number.isNaN(a) || Number.isNaN(b) || Number.isNaN(x) || Number.isNaN(y)) return NaN;
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  return x < (a + 1) / (a + b + 2) ? lowerTail(a, b, x, y) : 1 - lowerTail(b, a, y, x);
}

function lowerTail(a: number, b: number, x: number, y: number): number {
  // x^a·y^b/(a·B(a, b)), of the density of a successes in a + b trials.
  const scale = (binomialDensity(a, a + b, (a + b) * x, (a + b) * y) * b) / (a + b);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let k = 1; ; k += 1) {
    const even = (k * (b - k) * x) / ((a + 2 * k - 1) * (a + 2 * k));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + k) * (a + b + k) * x) / ((a + 2 * k) * (a + 2 * k + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const factor = d * c;
    fraction *= factor;
    // Written so that NaN ends the loop too.
    if (!(Math.abs(factor - 1) > 3e-16)) return scale * fraction;
  }
}

function nonZero(value: number): number {
  return value === 0 ? 1e-300 : value;
}
