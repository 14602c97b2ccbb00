/**
 * Returns the smallest number m of current rows for which `surplus`·(1/n + 1/m) ≤ `budget`; Infinity when the reference of n rows alone is
 * too small. At least 1.
 *
 * The noise of every two-sample distance shrinks with 1/n + 1/m: `surplus` is how many units of it the critical value exceeds the
 * expectation by, `budget` the (square of the) effect that must stand out. O(1).
 */
export function rowsForScale(surplus: number, budget: number, nReference: number): number {
  if (surplus <= 0) return 1;
  const share = budget / surplus - 1 / nReference;
  if (!(share > 0)) return Infinity;
  const rows = Math.max(1, Math.ceil(1 / share));
  // The division can land one row above the exact answer.
  return rows > 1 && surplus * (1 / nReference + 1 / (rows - 1)) <= budget ? rows - 1 : rows;
}
