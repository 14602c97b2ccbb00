import { normalSurvival } from './normal.js';

/** With up to so many rows in the smaller sample, no ties, and few enough pairs, the exact distribution is counted out, as scipy does. */
const EXACT_ROWS = 8;
const EXACT_PAIRS = 100_000;

export interface MannWhitney {
  /** Probability that a current value exceeds a reference value, ties counting half: ½ when nothing differs. */
  readonly probability: number;
  /** |2·probability − 1|, the rank-biserial correlation: 0 when neither tends to be larger, 1 when all values of one are. */
  readonly value: number;
  readonly pValue: number;
}

/**
 * Returns the Mann–Whitney U test of two ascending samples, two-sided: whether one tends to larger values than the other.
 *
 * Exact when a sample has at most 8 rows, no value occurs twice and n·m ≤ 100 000; otherwise the normal approximation with continuity and tie
 * correction. NaN when a sample is empty. O(n + m) after sorting. Same as `scipy.stats.mannwhitneyu(x, y)`, whose exact form has
 * no limit on n·m. Source: Mann & Whitney (1947).
 */
export function mannWhitney(sortedReference: ArrayLike<number>, sortedCurrent: ArrayLike<number>): MannWhitney {
  const n = sortedReference.length;
  const m = sortedCurrent.length;
  let below = 0;
  let tieTerm = 0;
  let wins = 0;
  for (let i = 0, j = 0; i < n || j < m;) {
    const value = Math.min(sortedReference[i] ?? Infinity, sortedCurrent[j] ?? Infinity);
    const [fromReference, fromCurrent] = [i, j];
    // Not `<= value`: a NaN, which must not be passed, would then never be left behind.
    while (i < n && !(sortedReference[i]! > value)) i += 1;
    while (j < m && !(sortedCurrent[j]! > value)) j += 1;
    const [r, c] = [i - fromReference, j - fromCurrent];
    wins += c * (below + r / 2);
    below += r;
    tieTerm += tiesOf(r + c);
  }
  return fromWins(wins, n, m, tieTerm);
}

/**
 * Returns the same from counts over bins ascending by value, rows of one bin counting as ties, and by how much `value` of the rows can differ:
 * the pairs that share a bin. Throws nothing; the counts must be aligned. O(bins).
 */
export function mannWhitneyFromCounts(
  reference: readonly number[],
  current: readonly number[],
): MannWhitney & { readonly errorBound: number } {
  let n = 0;
  let m = 0;
  let wins = 0;
  let tieTerm = 0;
  let shared = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const r = reference[i]!;
    const c = current[i]!;
    wins += c * (n + r / 2);
    shared += c * r;
    n += r;
    m += c;
    tieTerm += tiesOf(r + c);
  }
  return { ...fromWins(wins, n, m, tieTerm), errorBound: shared / n / m };
}

/** rows³ − rows, what rows of one value take off the variance. */
function tiesOf(rows: number): number {
  return rows * (rows * rows - 1);
}

function fromWins(wins: number, n: number, m: number, tieTerm: number): MannWhitney {
  const pairs = n * m;
  if (pairs === 0) return { probability: NaN, value: NaN, pValue: NaN };
  const probability = wins / pairs;
  const value = Math.abs(2 * wins - pairs) / pairs;
  if (tieTerm === 0 && Math.min(n, m) <= EXACT_ROWS && pairs <= EXACT_PAIRS) {
    return { probability, value, pValue: exactPValue(Math.max(wins, pairs - wins), n, m) };
  }
  const rows = n + m;
  const variance = (pairs / 12) * (rows + 1 - tieTerm / rows / (rows - 1));
  // One value everywhere: nothing can differ.
  if (!(variance > 0)) return { probability, value, pValue: 1 };
  const z = (Math.max(wins, pairs - wins) - pairs / 2 - 0.5) / Math.sqrt(variance);
  return { probability, value, pValue: Math.min(1, 2 * normalSurvival(z)) };
}

/**
 * Twice the share of the orders of n + m rows with at least `wins` pairs won. The orders by pairs won are the coefficients of the Gaussian
 * binomial Π(1 − q^(many + i))/(1 − q^i), i = 1…few, which are whole numbers beyond the exact range of a double.
 */
function exactPValue(wins: number, n: number, m: number): number {
  const [few, many] = n < m ? [n, m] : [m, n];
  const orders = new Array<bigint>(few * many + 1).fill(0n);
  orders[0] = 1n;
  for (let i = 1; i <= few; i += 1) {
    for (let u = orders.length - 1; u >= many + i; u -= 1) orders[u]! -= orders[u - many - i]!;
    for (let u = i; u < orders.length; u += 1) orders[u]! += orders[u - i]!;
  }
  let tail = 0n;
  let all = 0n;
  orders.forEach((ways, u) => {
    all += ways;
    if (u >= wins) tail += ways;
  });
  return Math.min(1, 2 * ratio(tail, all));
}

/** A quotient of whole numbers too large for a double, to 60 bits. */
function ratio(part: bigint, whole: bigint): number {
  const shift = BigInt(Math.max(0, whole.toString(2).length - part.toString(2).length) + 60);
  return Number((part << shift) / whole) * 2 ** -Number(shift);
}
