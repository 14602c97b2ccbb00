/** Mean and population standard deviation (ddof 0) of a sample. */
export interface SampleMoments {
  readonly n: number;
  readonly mean: number;
  readonly std: number;
}

/** Beyond this size a square could overflow, so the values are divided by a power of two first, which changes no digit. */
const LARGEST_SQUARED_SAFELY = 2 ** 500;

/**
 * Returns mean and population standard deviation of finite values, in two passes with compensated sums; both NaN without values.
 *
 * The mean is that of the distances from `origin`: of values around 1e9, differences of such means keep their digits. Neither overflows before its result does: mean and deviation of ±1e308 are right. −0 counts as 0. A constant sample has the deviation 0
 * exactly. O(n). Same as `numpy.mean` and `numpy.std`.
 */
export function sampleMoments(values: ArrayLike<number>, origin = 0): SampleMoments {
  const n = values.length;
  if (n === 0) return { n, mean: NaN, std: NaN };
  let largest = Math.abs(origin);
  let smallestValue = Infinity;
  let largestValue = -Infinity;
  for (let i = 0; i < n; i += 1) {
    const value = values[i]!;
    largest = Math.max(largest, Math.abs(value));
    smallestValue = Math.min(smallestValue, value);
    largestValue = Math.max(largestValue, value);
  }
  if (smallestValue === largestValue) return { n, mean: smallestValue - origin, std: 0 };
  const scale = largest > LARGEST_SQUARED_SAFELY ? 2 ** Math.floor(Math.log2(largest)) : 1;
  const mean = compensatedSum(values, (value) => value / scale - origin / scale) / n;
  const variance = compensatedSum(values, (value) => (value / scale - origin / scale - mean) ** 2) / n;
  return { n, mean: mean * scale, std: Math.sqrt(variance) * scale };
}

/** Neumaier's sum: what rounding took is added at the end. */
function compensatedSum(values: ArrayLike<number>, of: (value: number) => number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i += 1) {
    const term = of(values[i]!);
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}
