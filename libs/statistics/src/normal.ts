import { regularizedGammaP, regularizedGammaQ } from './regularized-gamma.js';

/**
 * Returns the probability that a standard normal variable exceeds x, accurate in the far tail (1e-300): ½Q(½, x²/2).
 *
 * NaN for NaN. Same as `scipy.stats.norm.sf`. simple-statistics offers this function from a table of four digits and χ² for
 * ten levels only, hence ours.
 */
export function normalSurvival(x: number): number {
  const halfSquare = (x * x) / 2;
  return x < 0 ? 0.5 + 0.5 * regularizedGammaP(0.5, halfSquare) : 0.5 * regularizedGammaQ(0.5, halfSquare);
}

/** Rational approximations of AS 241 (PPND16): numerator and denominator, lowest power first. */
const CENTRAL = [
  [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561,
  ],
] as const;
const MIDDLE = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
] as const;
const TAIL = [
  [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
] as const;

/**
 * Returns the value below which a standard normal variable falls with probability p, the inverse of the distribution
 * function; ∓Infinity at 0 and 1, NaN outside [0, 1].
 *
 * Relative error about 1e-15 down to p = 1e-300. For a small upper tail α call −normalQuantile(α): 1 − α has lost its
 * digits. Same as `scipy.stats.norm.ppf`. Source: Wichura, Algorithm AS 241 (1988).
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  const centred = p - 0.5;
  if (Math.abs(centred) <= 0.425) return centred * rational(CENTRAL, 0.180625 - centred * centred);
  const tail = Math.min(p, 1 - p);
  if (tail === 0) return centred < 0 ? -Infinity : Infinity;
  const r = Math.sqrt(-Math.log(tail));
  const magnitude = r <= 5 ? rational(MIDDLE, r - 1.6) : rational(TAIL, r - 5);
  return centred < 0 ? -magnitude : magnitude;
}

function rational([numerator, denominator]: readonly [readonly number[], readonly number[]], r: number): number {
  const horner = (coefficients: readonly number[]) => coefficients.reduceRight((sum, value) => sum * r + value, 0);
  return horner(numerator) / horner(denominator);
}
