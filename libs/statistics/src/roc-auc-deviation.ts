import { pairedCounts } from './paired-counts.js';
import { rocAucFromBins } from './roc-auc-from-bins.js';

/**
 * Returns the standard error of the area under the ROC curve from counts of negatives and positives per score bin, bins ascending
 * by score: how much the share of negatives below a positive varies among the positives, and the other way round.
 *
 * 0 when the classes are apart; NaN with fewer than two rows of a class. Throws RangeError on unaligned counts. O(bins).
 * Source: DeLong, DeLong & Clarke-Pearson (1988).
 */
export function rocAucDeviation(negatives: readonly number[], positives: readonly number[]): number {
  const { nReference: nNegative, nCurrent: nPositive } = pairedCounts(negatives, positives);
  if (nNegative < 2 || nPositive < 2) return NaN;
  const area = rocAucFromBins(negatives, positives);
  let below = 0;
  let above = nPositive;
  let ofPositives = 0;
  let ofNegatives = 0;
  for (let bin = 0; bin < negatives.length; bin += 1) {
    above -= positives[bin]!;
    ofPositives += positives[bin]! * ((below + negatives[bin]! / 2) / nNegative - area) ** 2;
    ofNegatives += negatives[bin]! * ((above + positives[bin]! / 2) / nPositive - area) ** 2;
    below += negatives[bin]!;
  }
  return Math.sqrt(ofPositives / (nPositive - 1) / nPositive + ofNegatives / (nNegative - 1) / nNegative);
}
