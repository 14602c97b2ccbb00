/** A reference sample counted over bins, as cells hold it. */
export interface BinnedReference {
  readonly kind: 'numeric' | 'categorical' | 'boolean';
  /**
   * Ascending inner edges of a numeric sample: bin i is [edges[i − 1], edges[i]), the outer ones are open. The deciles are among them, and all
   * values of a reference that has at most 20 distinct ones.
   */
  readonly edges: readonly number[];
  /** Which of the edges are the deciles of the reference. */
  readonly decileEdgeIndexes: readonly number[];
  /** Rows per bin, or per category; then `edges` is empty. */
  readonly counts: readonly number[];
  readonly n: number;
  /** Of the values of a numeric sample; `std` with ddof 0. */
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/** A current sample counted over the bins of the reference. `sum` and `sumSquares` may be NaN where only the counts are known. */
export interface BinnedSample {
  readonly counts: readonly number[];
  readonly n: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly min: number;
  readonly max: number;
}

export interface BinnedPair {
  readonly reference: BinnedReference;
  readonly current: BinnedSample;
}

/** Sums of up to 1e9 values are off by less than this, relative to the sum of their sizes. */
const ROUNDING_OF_SUMS = 2 ** -44;

/**
 * Whether all values of both samples are equal to the lower edge of their bin, as far as their sums can tell. No value lies below its edge,
 * so a sum that equals the sum of the edges leaves no room for a value above one. With an unknown sum the current sample is taken to lie as
 * the reference does. O(bins).
 */
export function liesOnEdges({ reference, current }: BinnedPair): boolean {
  if (reference.kind !== 'numeric' || reference.n === 0) return false;
  const { edges } = reference;
  return (
    sampleLiesOnEdges(edges, reference.counts, reference.n * reference.mean) &&
    (Number.isNaN(current.sum) ? current.counts[0] === 0 : sampleLiesOnEdges(edges, current.counts, current.sum))
  );
}

/** Whether all values of one sample are equal to the lower edge of their bin; `sum` is that of the values. O(bins). */
export function sampleLiesOnEdges(edges: readonly number[], counts: readonly number[], sum: number): boolean {
  // The lowest bin has no lower edge.
  if (counts[0] !== 0) return false;
  let ofEdges = 0;
  let size = 0;
  for (let i = 0; i < edges.length; i += 1) {
    const part = edges[i]! * counts[i + 1]!;
    ofEdges += part;
    size += Math.abs(part);
  }
  return Math.abs(sum - ofEdges) <= ROUNDING_OF_SUMS * size;
}

/** By how much a mean that was made of a sum of many values can be off. */
export function roundingOfMean(mean: number): number {
  return Math.abs(mean) * ROUNDING_OF_SUMS;
}

/** Mean and deviation of the current sample, as far as its sums tell them. */
export function momentsOfSums({ n, sum, sumSquares }: BinnedSample): { n: number; mean: number; std: number } {
  const mean = sum / n;
  const variance = sumSquares / n - mean * mean;
  // Below this share of the square of the mean the difference is made of rounding.
  const known = variance > 1e-10 * mean * mean;
  return { n, mean, std: known || variance === 0 ? Math.sqrt(variance) : NaN };
}
