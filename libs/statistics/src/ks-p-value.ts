import { kolmogorovSurvival } from './kolmogorov-survival.js';

const LARGEST_EXACT_SAMPLE = 10_000;

/**
 * Returns the two-sided p-value of a two-sample Kolmogorov–Smirnov distance d between samples of n and m rows without
 * ties (conservative with ties), as `scipy.stats.ks_2samp` with method "auto".
 *
 * Exact when max(n, m) ≤ `largestExactSample` (scipy's is 10 000), else the one-sample distribution at the rounded effective size nm/(n + m). NaN when a
 * sample is empty or d is NaN. Exact form: O(n·m·d), at most a few tenths of a second; the other: see `kolmogorovSurvival`.
 */
export function ksPValue(
  d: number,
  nReference: number,
  nCurrent: number,
  largestExactSample = LARGEST_EXACT_SAMPLE,
): number {
  if (Number.isNaN(d) || !(nReference > 0 && nCurrent > 0)) return NaN;
  const larger = Math.max(nReference, nCurrent);
  const smaller = Math.min(nReference, nCurrent);
  const effective = (larger / (larger + smaller)) * smaller;
  if (larger > largestExactSample) return kolmogorovSurvival(roundHalfToEven(effective), d);
  // Far below the smallest double (the tail is within a small factor of 2·exp(−2·effective·d²)): skip up to 1e8 cells.
  if (2 * effective * d * d > 760) return 0;

  const divisor = greatestCommonDivisor(larger, smaller);
  const steps = Math.round(d * (larger / divisor) * smaller);
  if (steps <= 0) return 1;
  return Math.min(1, larger === smaller ? equalSizeTail(larger, steps) : latticeTail(larger, smaller, divisor, steps));
}

/**
 * Share of the lattice paths from (0, 0) to (n, n) that reach |x − y| = steps, by reflection: alternating ratios of
 * binomials 2·(b₁ − b₂ + b₃ − …), each evaluated from the one before so that nothing overflows. Source: Gnedenko &
 * Korolyuk (1951).
 */
function equalSizeTail(n: number, steps: number): number {
  // C(2n, n − k·steps)/C(2n, n) = Π of ratios between neighbouring multiples; nested from the innermost outwards.
  let nested = 0;
  for (let k = Math.floor(n / steps) - 1; k >= 0; k -= 1) {
    let ratio = 1;
    for (let j = k * steps; j < (k + 1) * steps; j += 1) ratio *= (n - j) / (n + j + 1);
    nested = ratio * (1 - nested);
  }
  return 2 * nested;
}

/**
 * Share of the lattice paths from (0, 0) to (n, m) that touch |x/n − y/m| ≥ steps/lcm, by recursion on the last step:
 * P(x, y) = P(x − 1, y)·x/(x + y) + P(x, y − 1)·y/(x + y), P = 1 outside. Only sums of positive terms, so a tail of 1e-200
 * keeps its digits. Source: Viehmann, "Numerically more stable computation of the p-values for the two-sample
 * Kolmogorov–Smirnov test" (2021).
 */
function latticeTail(n: number, m: number, divisor: number, steps: number): number {
  const stepX = m / divisor;
  const stepY = n / divisor;
  // Reciprocals once: a division per cell would triple the time of up to 1e8 cells.
  const inverse = Float64Array.from({ length: n + m + 1 }, (_, length) => 1 / length);
  // column[y] is P(x, y); y runs over the band |x·stepX − y·stepY| < steps, everything beside it is outside.
  const column = new Float64Array(m + 1).fill(1);
  for (let y = 0; y * stepY < steps && y <= m; y += 1) column[y] = 0;
  for (let x = 1; x <= n; x += 1) {
    const first = Math.max(0, Math.floor((x * stepX - steps) / stepY) + 1);
    const last = Math.min(m, Math.ceil((x * stepX + steps) / stepY) - 1);
    // Below the band is outside, below row 0 is nothing.
    let below = first > 0 ? 1 : 0;
    if (first > 0) column[first - 1] = 1;
    for (let y = first; y <= last; y += 1) {
      const weight = inverse[x + y]!;
      below = column[y]! * (x * weight) + below * (y * weight);
      column[y] = below;
    }
  }
  return column[m]!;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** scipy rounds the effective size as numpy does. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
