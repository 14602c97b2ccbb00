import { pairedCounts } from './paired-counts.js';

const ZERO_SHARE = 1e-4;
const PART_OF_SMALLEST = 1e-6;

/**
 * Returns Σ(p − q)·ln(p/q) of two counted samples where a share of exactly 0 is replaced and nothing else is smoothed: by 1e-4, or, in a
 * sample whose smallest share is itself at most 1e-4, by a millionth of that. A bin empty in both samples counts too.
 *
 * Symmetric, ≥ 0. NaN when a sample is empty; throws RangeError on unaligned counts. O(bins). The rule of Evidently 0.7.23.
 */
export function psiWithReplacedZeros(reference: readonly number[], current: readonly number[]): number {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  if (nReference === 0 || nCurrent === 0) return NaN;
  const zeroOfReference = shareForZero(reference, nReference);
  const zeroOfCurrent = shareForZero(current, nCurrent);
  let total = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const p = reference[i]! / nReference || zeroOfReference;
    const q = current[i]! / nCurrent || zeroOfCurrent;
    if (p !== q) total += (p - q) * Math.log(p / q);
  }
  return total;
}

/** The share that stands for 0 in a sample of n > 0 rows. */
function shareForZero(counts: readonly number[], n: number): number {
  let smallest = Infinity;
  for (const count of counts) if (count > 0 && count < smallest) smallest = count;
  return zeroShareBeside(smallest / n);
}

/** The share that stands for 0 beside a smallest share above 0. */
export function zeroShareBeside(smallestShare: number): number {
  return smallestShare <= ZERO_SHARE ? smallestShare * PART_OF_SMALLEST : ZERO_SHARE;
}
