import { isotonicValue, type IsotonicFit } from './isotonic-regression.js';

/** What a binary classifier is expected to have achieved on rows whose labels nobody knows yet. Each in [0, 1], NaN where it is not defined. */
export interface EstimatedPerformance {
  /** Expected numbers of rows by what was predicted and what is true; fractions of rows. */
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly specificity: number;
  readonly f1: number;
  readonly rocAuc: number;
  readonly averagePrecision: number;
}

/**
 * Returns the performance that scores alone lead one to expect: each row counts as a positive with the probability that
 * `calibration` gives to its score, and as a negative with the rest (CBPE, confidence-based performance estimation).
 *
 * `calibration`: probability of the positive class by score, fitted on a reference with labels (`isotonicRegression`), which must
 * still hold: a change of what the labels mean at the same score is invisible to it. `predictedPositive[i]`: whether row i was
 * answered with the positive class (non-zero) or not. Ties of the score count half in the AUC, as everywhere. Rows whose score is
 * NaN do not count. A ratio of 0 to 0 is NaN. Throws RangeError on unequal lengths. O(n log n).
 */
export function estimatedPerformance(
  calibration: IsotonicFit,
  scores: ArrayLike<number>,
  predictedPositive: ArrayLike<number>,
): EstimatedPerformance {
  if (scores.length !== predictedPositive.length) {
    throw new RangeError(`${scores.length} scores, but ${predictedPositive.length} predictions`);
  }
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).filter((i) => !Number.isNaN(scores[i]));
  order.sort((a, b) => scores[b]! - scores[a]!);

  let truePositives = 0;
  let falsePositives = 0;
  let positives = 0;
  let area = 0;
  let precisionSum = 0;
  for (let start = 0; start < order.length;) {
    const score = scores[order[start]!]!;
    const probability = isotonicValue(calibration, score);
    let end = start;
    for (; end < order.length && scores[order[end]!] === score; end += 1) {
      if (predictedPositive[order[end]!] !== 0) {
        truePositives += probability;
        falsePositives += 1 - probability;
      }
    }
    const gained = (end - start) * probability;
    // Negatives of this score stand below the positives above it, and half below those beside it.
    area += (end - start - gained) * (positives + gained / 2);
    positives += gained;
    precisionSum += gained * (positives / end);
    start = end;
  }
  const rows = order.length;
  const negatives = rows - positives;
  const falseNegatives = positives - truePositives;
  const trueNegatives = negatives - falsePositives;
  return {
    truePositives,
    falsePositives,
    trueNegatives,
    falseNegatives,
    accuracy: (truePositives + trueNegatives) / rows,
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / positives,
    specificity: trueNegatives / negatives,
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
    rocAuc: area / positives / negatives,
    averagePrecision: precisionSum / positives,
  };
}
