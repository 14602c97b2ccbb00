import { poissonDensity } from './saddle-point.js';

/**
 * Returns the regularised upper incomplete gamma function Q(a, x) = Γ(a, x)/Γ(a), for a > 0.
 *
 * 1 at x ≤ 0, 0 at x = Infinity, NaN for NaN. Continued fraction above x = a + 1, complement of the series below, both
 * scaled by the saddle-point Poisson density: relative error about 1e-13 down to results of 1e-300. O(√a) terms near
 * x = a. Source: Gautschi (1979); Loader (2000) for the scale.
 */
export function regularizedGammaQ(a: number, x: number): number {
  if (Number.isNaN(a) || Number.isNaN(x)) return NaN;
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}

/**
 * Returns the regularised lower incomplete gamma function P(a, x) = 1 − Q(a, x), accurate also where it is tiny.
 *
 * 0 at x ≤ 0, 1 at x = Infinity, NaN for NaN; a > 0.
 */
export function regularizedGammaP(a: number, x: number): number {
  if (Number.isNaN(a) || Number.isNaN(x)) return NaN;
  if (x <= 0) return 0;
  if (x === Infinity) return 1;
  return x < a + 1 ? lowerSeries(a, x) : 1 - upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1;
  let total = 1;
  for (let k = 1; term > total * 1e-17; k += 1) {
    term *= x / (a + k);
    total += term;
  }
  return Math.min(1, poissonDensity(a, x) * total);
}

/** Modified Lentz evaluation of the continued fraction of Γ(a, x). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; ; k += 1) {
    const numerator = k * (a - k);
    b += 2;
    d = 1 / (b + numerator * d);
    c = b + numerator / c;
    const factor = c * d;
    fraction *= factor;
    if (!(Math.abs(factor - 1) > 2e-16)) break;
  }
  return poissonDensity(a, x) * a * fraction;
}
