import { sum } from 'simple-statistics';

/** Two samples counted over the same bins, with their totals. */
export interface PairedCounts {
  reference: readonly number[];
  current: readonly number[];
  nReference: number;
  nCurrent: number;
}

/**
 * Returns two aligned count arrays with their totals.
 *
 * Throws RangeError when they differ in length: counts of different bins cannot be compared, and taking the shorter would
 * hide it. O(bins).
 */
export function pairedCounts(reference: readonly number[], current: readonly number[]): PairedCounts {
  if (reference.length !== current.length) {
    throw new RangeError(`counts are not aligned: ${reference.length} reference and ${current.length} current bins`);
  }
  return {
    reference,
    current,
    nReference: sum(reference),
    nCurrent: sum(current),
  };
}

/**
 * Returns Σ f(p, q) over the bins, p and q being the reference and current shares of a bin; NaN when either sample is
 * empty, because shares of nothing are undefined. Throws RangeError on unaligned counts. O(bins).
 */
export function sumOverShares(
  reference: readonly number[],
  current: readonly number[],
  term: (p: number, q: number) => number,
): number {
  const { nReference, nCurrent } = pairedCounts(reference, current);
  if (nReference === 0 || nCurrent === 0) return NaN;
  return sum(reference.map((count, i) => term(count / nReference, current[i]! / nCurrent)));
}
