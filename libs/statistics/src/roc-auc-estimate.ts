import type { Estimate } from './estimate.js';
import { normalQuantile } from './normal.js';
import { pairedCounts } from './paired-counts.js';
import { rocAucDeviation } from './roc-auc-deviation.js';
import { rocAucFromBins } from './roc-auc-from-bins.js';
import { rocAucInterval } from './roc-auc-interval.js';

/**
 * Returns the area under the ROC curve with a confidence interval from counts of negatives and positives per score bin, bins
 * ascending by score.
 *
 * DeLong's standard error, symmetric on the logit scale, with the quantile of Student's t for the smaller class (expanded to
 * 1/ν: Fisher & Cornish 1960). Where the classes are apart, or one has a single row, there is no such error: then
 * `rocAucInterval`. NaN when a class is empty; throws RangeError on unaligned counts. `confidence` in (0, 1). O(bins).
 */
export function rocAucEstimate(
  negatives: readonly number[],
  positives: readonly number[],
  confidence: number,
): Estimate {
  const { nReference: nNegative, nCurrent: nPositive } = pairedCounts(negatives, positives);
  const value = rocAucFromBins(negatives, positives);
  const deviation = rocAucDeviation(negatives, positives);
  if (!(deviation > 0) || value <= 0 || value >= 1) {
    return { value, ...rocAucInterval(value, nNegative, nPositive, confidence) };
  }
  const z = -normalQuantile((1 - confidence) / 2);
  const freedom = Math.min(nNegative, nPositive) - 1;
  const t = z + (z ** 3 + z) / (4 * freedom);
  const logit = Math.log(value / (1 - value));
  const halfWidth = (t * deviation) / (value * (1 - value));
  const at = (x: number): number => 1 / (1 + Math.exp(-x));
  return { value, lower: at(logit - halfWidth), upper: at(logit + halfWidth) };
}
