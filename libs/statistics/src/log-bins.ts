/** Edges of logarithmic bins grow by this factor, so the geometric middle of a bin is within 1 % of everything in it. */
export const LOG_BIN_RATIO = 1.02;
/** Index of the bin of 0 and of what is below. */
export const ZERO_BIN = -2_000_000_000;

/** Rows whose value lies in [ratio^index, ratio^(index + 1)), or is 0 or less. */
export interface LogBin {
  readonly index: number;
  readonly count: number;
}

/**
 * Returns the quantile of values in logarithmic bins: the geometric middle of the bin that holds the ⌈q·n⌉th of them, so within
 * 1 % of that value. NaN without any; 0 in the bin of 0. `q` in [0, 1]. O(bins · log bins).
 */
export function logBinQuantile(bins: readonly LogBin[], q: number): number {
  const ascending = [...bins].sort((left, right) => left.index - right.index);
  const total = ascending.reduce((sum, { count }) => sum + count, 0);
  const rank = Math.min(total, Math.max(1, Math.ceil(q * total)));
  let seen = 0;
  for (const { index, count } of ascending) {
    seen += count;
    if (seen >= rank && count > 0) return index === ZERO_BIN ? 0 : LOG_BIN_RATIO ** (index + 0.5);
  }
  return NaN;
}
