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
    if (reference.otherHashes.length > 0) returnToMean(weights, reference);
  }
  return weights;
}

/**
 * Moves weights of listed categories towards the mean of all. Where only the most frequent ones are listed, they are those that chance
 * favoured, too: of 500 categories that are all alike, the listed ones had more rows in the reference than they will have again.
 * Source: empirical Bayes for Poisson counts with a gamma prior, by moments (Robbins 1956).
 */
function returnToMean(weights: number[], { categories, counts, otherHashes, n }: ReferenceSeries): void {
  const listed = counts.slice(0, categories.length);
  const rowsOfOthers = counts[categories.length]! / otherHashes.length;
  const all = listed.length + otherHashes.length;
  const mean = n / all;
  const squares =
    listed.reduce((sum, count) => sum + count ** 2, 0) + otherHashes.length * (rowsOfOthers ** 2 + rowsOfOthers);
  const spread = Math.max(0, squares / all - mean ** 2 - mean);
  const kept = spread / (spread + mean);
  listed.forEach((count, i) => (weights[i] = kept * count + (1 - kept) * mean));
  weights[categories.length] = n - weights.slice(0, categories.length).reduce((sum, weight) => sum + weight, 0);
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
