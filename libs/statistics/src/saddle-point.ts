const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);
/** B_2j / (2j(2j−1)), j = 1…7: at z ≥ 16 the first term left out is below 1e-19. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/**
 * Returns the error of Stirling's formula, ln Γ(z + 1) − ln(√(2πz)·(z/e)^z), for z > 0.
 *
 * The factor that makes densities of large counts accurate: subtracting two ln Γ of 1e9 instead loses ten digits. Relative
 * error near 1e-15. Source: Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
export function stirlingError(z: number): number {
  let shifted = z;
  let correction = 0;
  while (shifted < 16) {
    correction += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
    shifted += 1;
  }
  const inverseSquare = 1 / (shifted * shifted);
  return STIRLING.reduceRight((sum, coefficient) => sum * inverseSquare + coefficient, 0) / shifted + correction;
}

/**
 * Returns the deviance x·ln(x/mean) + mean − x for x ≥ 0 and mean > 0, without cancellation where x is near the mean.
 *
 * Source: Loader (2000).
 */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const difference = x - mean;
  const ratio = difference / (x + mean);
  if (Math.abs(ratio) >= 0.1) return x * Math.log(x / mean) - difference;
  let total = difference * ratio;
  let power = 2 * x * ratio;
  for (let odd = 3; ; odd += 2) {
    power *= ratio * ratio;
    const step = power / odd;
    total += step;
    // Written so that NaN ends the loop too.
    if (!(Math.abs(step) > 1e-17 * Math.abs(total))) return total;
  }
}

/**
 * Returns mean^x·e^−mean/Γ(x + 1), the Poisson density continued to real x ≥ 0, with full relative accuracy in the tails.
 *
 * Source: Loader (2000).
 */
export function poissonDensity(x: number, mean: number): number {
  if (x === 0) return Math.exp(-mean);
  return (INVERSE_SQRT_TWO_PI / Math.sqrt(x)) * Math.exp(-stirlingError(x) - deviance(x, mean));
}

/**
 * Returns the binomial density of k successes in n trials whose expected numbers of successes and failures are
 * `meanSuccesses` and `meanFailures` (they sum to n; both are given because one of them may be tiny).
 *
 * Source: Loader (2000).
 */
export function binomialDensity(k: number, n: number, meanSuccesses: number, meanFailures: number): number {
  if (k < 0 || k > n) return 0;
  if (meanSuccesses <= 0) return k === 0 ? 1 : 0;
  if (meanFailures <= 0) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-meanSuccesses / n));
  if (k === n) return Math.exp(n * Math.log1p(-meanFailures / n));
  const exponent =
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(n - k) -
    deviance(k, meanSuccesses) -
    deviance(n - k, meanFailures);
  return INVERSE_SQRT_TWO_PI * Math.sqrt(n / k / (n - k)) * Math.exp(exponent);
}
