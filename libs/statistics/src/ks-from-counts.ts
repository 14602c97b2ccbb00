import { pairedCounts } from './paired-counts.js';

/**
 * Returns the Kolmogorov–Smirnov distance of two counted samples at the bin edges, and by how much the exact distance of
 * the raw values can exceed it.
 *
 * `value` is a lower bound: exact D is in [value, value + errorBound]. Inside a bin holding shares p and q the difference
 * of the two distribution functions can pass both its ends by at most min(p, q), so the bound is the largest min(p, q), and
 * 0 when no bin holds rows of both samples. Both are NaN when a sample is empty; throws RangeError on
 * unaligned counts. O(bins).
 */
export function ksFromCounts(
  reference: readonly number[],
  current: readonly number[],
): { value: number; errorBound: number } {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  if (nReference === 0 || nCurrent === 0) return { value: NaN, errorBound: NaN };
  let value = 0;
  let errorBound = 0;
  let referenceBelow = 0;
  let currentBelow = 0;
  for (let i = 0; i < reference.length; i += 1) {
    referenceBelow += reference[i]!;
    currentBelow += current[i]!;
    value = Math.max(value, Math.abs(referenceBelow / nReference - currentBelow / nCurrent));
    errorBound = Math.max(errorBound, Math.min(reference[i]! / nReference, current[i]! / nCurrent));
  }
  return { value, errorBound: Math.min(errorBound, 1 - value) };
}
