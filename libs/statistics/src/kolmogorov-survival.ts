import { binomialDensity, stirlingError } from './saddle-point.js';

const LARGEST_SMIRNOV_SUM = 1_000_000;

/**
 * Returns the probability that the two-sided one-sample Kolmogorov distance of n values reaches d.
 *
 * Chooses by n and d as Simard & L'Ecuyer (2011) recommend: twice the one-sided tail where both sides cannot be reached at
 * once or that is negligible, the Marsaglia–Tsang–Wang matrix where it is small enough, Pelz–Good in between. Agrees with
 * `scipy.stats.kstwo.sf` to 1e-9 relative. `n` a positive integer. At worst O(n) or O((n·d)³·log n) with (n·d)³ ≤ 2e5.
 */
export function kolmogorovSurvival(n: number, d: number): number {
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  const scaled = n * d * d;
  if (d >= 0.5 || scaled >= (n <= 140 ? 4 : 2.2)) {
    return scaled >= 370 && n > 140 ? 0 : Math.min(1, 2 * smirnovSurvival(n, d));
  }
  const exact = n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4);
  const distribution = exact ? marsagliaTsangWang(n, d) : pelzGood(n, d);
  return Math.min(1, Math.max(0, 1 - distribution));
}

/**
 * Returns the probability that the limiting Kolmogorov variable √n·D exceeds z: 2·Σ(−1)^(k−1)·exp(−2k²z²).
 *
 * 1 below z = 0.2, where it differs from 1 by less than 1e-12. Same as `scipy.special.kolmogorov`.
 */
export function kolmogorovLimitSurvival(z: number): number {
  if (z < 0.2) return 1;
  let total = 0;
  for (let k = 1; ; k += 1) {
    const term = Math.exp(-2 * k * k * z * z);
    total += k % 2 === 1 ? term : -term;
    if (!(term > 1e-17 * total)) return Math.min(1, 2 * total);
  }
}

/** Returns P(D⁺ ≥ d), the one-sided tail, by the Smirnov/Birnbaum–Tingey sum: all its terms are positive. */
function smirnovSurvival(n: number, d: number): number {
  if (n > LARGEST_SMIRNOV_SUM) return Math.exp(-((6 * n * d + 1) ** 2) / (18 * n));
  const shift = n * d;
  let total = 0;
  for (let v = 0; v <= n - shift; v += 1) {
    total += (shift / (shift + v)) * binomialDensity(v, n, shift + v, n - v - shift);
  }
  return total;
}

/** Returns P(D < d) as the middle element of n!/nⁿ·Hⁿ, H of size 2⌈n·d⌉ − 1. Source: Marsaglia, Tsang & Wang (2003). */
function marsagliaTsangWang(n: number, d: number): number {
  // A distance of at most 1/(2n) cannot be attained, and the matrix would be a single 0.
  if (n * d <= 0.5) return 0;
  const k = Math.ceil(n * d);
  const gap = k - n * d;
  const size = 2 * k - 1;
  const inverseFactorial = [1];
  for (let i = 1; i <= size; i += 1) inverseFactorial.push(inverseFactorial[i - 1]! / i);

  let square = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= Math.min(row + 1, size - 1); column += 1) {
      let entry = 1;
      if (column === 0) entry -= gap ** (row + 1);
      if (row === size - 1) entry -= gap ** (size - column);
      if (column === 0 && row === size - 1) entry += Math.max(0, 2 * gap - 1) ** size;
      square[row * size + column] = entry * inverseFactorial[row - column + 1]!;
    }
  }

  // n!/nⁿ is spread over the exponent: Hⁿ alone overflows. Both logarithms are kept beside matrices of moderate size.
  const middle = (k - 1) * size + (k - 1);
  let power: Float64Array | null = null;
  let powerLog = 0;
  let squareLog = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      power = power === null ? square.slice() : multiply(power, square, size);
      powerLog += squareLog + normalise(power, middle);
    }
    if (rest > 1) {
      square = multiply(square, square, size);
      squareLog = 2 * squareLog + normalise(square, middle);
    }
  }
  const factorialLog = (Math.log(2 * Math.PI * n) / 2 + stirlingError(n) - n) / Math.LN2;
  return power![middle]! * 2 ** (powerLog + factorialLog);
}

/** Divides the matrix by the power of two nearest its middle element and returns the exponent: exact, unlike a logarithm. */
function normalise(matrix: Float64Array, middle: number): number {
  const exponent = Math.round(Math.log2(matrix[middle]!));
  const factor = 2 ** -exponent;
  for (let i = 0; i < matrix.length; i += 1) matrix[i] = matrix[i]! * factor;
  return exponent;
}

function multiply(left: Float64Array, right: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let inner = 0; inner < size; inner += 1) {
      const factor = left[row * size + inner]!;
      if (factor === 0) continue;
      for (let column = 0; column < size; column += 1) {
        product[row * size + column]! += factor * right[inner * size + column]!;
      }
    }
  }
  return product;
}

/** Returns P(D < d) ≈ K₀ + K₁/√n + K₂/n + K₃/n^1.5 at z = d·√n. Source: Pelz & Good (1976). */
function pelzGood(n: number, d: number): number {
  const z = d * Math.sqrt(n);
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const sums = [0, 0, 0, 0];
  const evenSums = [0, 0];
  const terms = Math.ceil((16 * z) / Math.PI) + 1;
  for (let k = terms; k >= 0; k -= 1) {
    const half = pi2 * (k + 0.5) ** 2;
    const weight = Math.exp(-half / (2 * z2));
    sums[0]! += weight;
    sums[1]! += weight * (half - z2);
    sums[2]! += weight * (6 * z6 + 2 * z4 + half * (2 * z4 - 5 * z2) + half ** 2 * (1 - 2 * z2));
    sums[3]! +=
      weight *
      (-30 * z6 -
        90 * z4 * z4 +
        half * (135 * z4 - 96 * z6) +
        half ** 2 * (212 * z4 - 60 * z2) +
        half ** 3 * (5 - 30 * z2));
    const whole = pi2 * k * k;
    const evenWeight = Math.exp(-whole / (2 * z2));
    evenSums[0]! += evenWeight * whole;
    evenSums[1]! += evenWeight * (3 * whole * z2 - whole ** 2);
  }
  const root = Math.sqrt(2 * Math.PI);
  const k0 = (root / z) * sums[0]!;
  const k1 = (root / (6 * z4)) * sums[1]!;
  const k2 = (root / (72 * z6 * z)) * sums[2]! - (root / (36 * z2 * z)) * evenSums[0]!;
  const k3 = (root / (6480 * z6 * z4)) * sums[3]! + (root / (216 * z6)) * evenSums[1]!;
  return k0 + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5;
}
