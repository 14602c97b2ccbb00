import { normalQuantile } from './normal.js';

/**
 * Returns a confidence interval of an area under the ROC curve from the area and the class sizes alone.
 *
 * All areas A for which the estimate lies within z standard errors of A, the error being Hanley & McNeil's for A with
 * exponential scores. Inverting it (instead of estimate ± z·error) keeps the interval inside [0, 1] and of positive width
 * when the estimate is 0 or 1. Approximate: a few per cent off nominal coverage below 20 rows per class. [0, 1] when a
 * class is empty or the area is NaN. `confidence` in (0, 1). O(1). Source: Hanley & McNeil (1982); Newcombe (2006).
 */
export function rocAucInterval(
  auc: number,
  nNegative: number,
  nPositive: number,
  confidence: number,
): { lower: number; upper: number } {
  if (!(nNegative > 0 && nPositive > 0) || Number.isNaN(auc)) return { lower: 0, upper: 1 };
  const z = -normalQuantile((1 - confidence) / 2);
  const compatible = (area: number) => Math.abs(auc - area) <= z * standardError(area, nNegative, nPositive);
  return { lower: boundary(auc, 0, compatible), upper: boundary(auc, 1, compatible) };
}

function standardError(area: number, nNegative: number, nPositive: number): number {
  const twoPositives = area / (2 - area);
  const twoNegatives = (2 * area * area) / (1 + area);
  const variance =
    area * (1 - area) + (nPositive - 1) * (twoPositives - area * area) + (nNegative - 1) * (twoNegatives - area * area);
  return Math.sqrt(Math.max(0, variance) / nNegative / nPositive);
}

/** Bisects from a compatible area towards a limit for the last compatible one. */
function boundary(from: number, limit: number, compatible: (area: number) => boolean): number {
  let inside = from;
  let outside = limit;
  if (inside === outside) return limit;
  for (let step = 0; step < 60; step += 1) {
    const middle = (inside + outside) / 2;
    if (compatible(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
