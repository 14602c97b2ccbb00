import { pairedCounts } from './paired-counts.js';

/**
 * Returns the area under the ROC curve from counts of negatives and positives per score bin, bins ascending by score: the
 * probability that a positive scores above a negative, ties and rows of one bin counting half.
 *
 * Exact when every bin is one score; with bins of several scores it is off by at most ½Σ p·q over the bins' shares. A score
 * that ranks backwards gives less than ½; it is not turned round. NaN when a class is empty; throws RangeError on unaligned
 * counts. O(bins). Same as `sklearn.metrics.roc_auc_score`. Source: Mann & Whitney (1947).
 */
export function rocAucFromBins(negatives: readonly number[], positives: readonly number[]): number {
  const { nReference: nNegative, nCurrent: nPositive } = pairedCounts(negatives, positives);
  if (nNegative === 0 || nPositive === 0) return NaN;
  let area = 0;
  let negativesBelow = 0;
  for (let i = 0; i < negatives.length; i += 1) {
    area += positives[i]! * (negativesBelow + negatives[i]! / 2);
    negativesBelow += negatives[i]!;
  }
  return area / nNegative / nPositive;
}
