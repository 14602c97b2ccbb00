import type { ReferenceSeries } from '@plumbline/contracts';

/**
 * Returns what the reference says of the population it was drawn from: a weight per bin, in rows. Bins hold their rows; what the
 * reference does not hold gets the weight that chance gives it.
 *
 * A new number lies below all n seen ones, or above, with a probability of 1/(n + 1) each. A new category is one that was never
 * seen about as often as a category was seen just once (Good & Turing).
 */
export function populationWeights(reference: ReferenceSeries): number[] {
  const weights = [...reference.counts];
  const last = weights.length - 1;
  if (reference.kind === 'numeric') {
    if (weights[0] === 0) weights[0] = 1;
    if (weights[last] === 0) weights[last] = 1;
  } else {
    weights[last] = Math.max(0.5, singletons(reference));
  }
  return weights;
}

/** Categories of the reference that were seen once; estimated for those that are not listed where the reference does not say. */
export function singletons(reference: ReferenceSeries): number {
  if (reference.singletons !== undefined) return reference.singletons;
  const { categories, counts, otherHashes } = reference;
  const listed = categories.filter((_, i) => counts[i] === 1).length;
  if (otherHashes.length === 0) return listed;
  const rowsEach = counts[categories.length]! / otherHashes.length;
  return listed + otherHashes.length * shareSeenOnce(Math.max(1, rowsEach));
}

/** Share of the categories seen once when categories that were seen have `rowsEach` rows on average, if all are as frequent. */
function shareSeenOnce(rowsEach: number): number {
  // λ/(1 − exp(−λ)) = rowsEach, by fixed point: it is a contraction for rowsEach > 1.
  let rate = rowsEach;
  for (let step = 0; step < 60; step++) rate = rowsEach * -Math.expm1(-rate);
  return rate > 0 ? (rate * Math.exp(-rate)) / -Math.expm1(-rate) : 1;
}
