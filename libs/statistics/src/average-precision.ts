import { normalQuantile } from './normal.js';
import { pairedCounts } from './paired-counts.js';

/**
 * Returns the average precision, the area under the precision-recall curve as steps, from counts of negatives and positives per
 * score bin, bins ascending by score; and how far the value may be from that of the scores themselves.
 *
 * When every bin is one score (`isTied`) it is exact, as `sklearn.metrics.average_precision_score`. Else the rows of a bin are taken
 * to be mixed evenly, for taking them as ties would be too low in every bin; the bound is what the best and the worst order within
 * the bins would give. NaN without positives, where scikit-learn warns and says 0. Throws RangeError on unaligned counts. O(bins),
 * with bins of several scores O(positives).
 */
export function averagePrecision(
  negatives: readonly number[],
  positives: readonly number[],
  isTied = true,
): { value: number; errorBound: number } {
  const { nCurrent: nPositive } = pairedCounts(negatives, positives);
  if (nPositive === 0) return { value: NaN, errorBound: NaN };
  let hits = 0;
  let rows = 0;
  let tied = 0;
  let mixed = 0;
  let best = 0;
  let worst = 0;
  for (let bin = negatives.length - 1; bin >= 0; bin -= 1) {
    const found = positives[bin]!;
    const size = found + negatives[bin]!;
    for (let i = 1; i <= found && !isTied; i += 1) {
      best += (hits + i) / (rows + i);
      worst += (hits + i) / (rows + size - found + i);
      mixed += (hits + i) / (rows + (i * (size + 1)) / (found + 1));
    }
    hits += found;
    rows += size;
    if (found > 0) tied += (found * hits) / rows;
  }
  if (isTied) return { value: tied / nPositive, errorBound: 0 };
  return { value: mixed / nPositive, errorBound: Math.max(best - mixed, mixed - worst) / nPositive };
}

/**
 * Returns a confidence interval of an average precision from the value and the number of positives: symmetric on the logit scale.
 *
 * Within (0, 1); of the value 0 or 1 itself the logit is taken half a positive away. `confidence` in (0, 1). O(1).
 * Source: Boyd, Eng & Page, "Area under the precision-recall curve: point estimates and confidence intervals" (2013).
 */
export function averagePrecisionInterval(
  value: number,
  nPositive: number,
  confidence: number,
): { lower: number; upper: number } {
  if (!(nPositive > 0) || Number.isNaN(value)) return { lower: 0, upper: 1 };
  const z = -normalQuantile((1 - confidence) / 2);
  const inner = Math.min(1 - 0.5 / (nPositive + 1), Math.max(0.5 / (nPositive + 1), value));
  const logit = Math.log(inner / (1 - inner));
  const halfWidth = z / Math.sqrt(nPositive * inner * (1 - inner));
  const at = (x: number): number => 1 / (1 + Math.exp(-x));
  return { lower: Math.min(value, at(logit - halfWidth)), upper: Math.max(value, at(logit + halfWidth)) };
}
