/** Rows of the reference and of the current sample in one category. */
export type CategoryRows = readonly [reference: number, current: number];

/**
 * Returns the categories that hold rows, those whose expected count is below `minimumExpected` pooled into one, which stands last. A pool
 * that is still below takes in the smallest remaining category, of equals the one with fewer reference rows, then fewer current rows, until it is not: so the order of
 * the categories does not matter.
 *
 * `expected` gives the smallest expected count of a category from its rows, and must be additive in them. O(K log K).
 * Source of the rule of five: Cochran (1954).
 */
export function poolSmallCategories(
  reference: readonly number[],
  current: readonly number[],
  expected: (reference: number, current: number) => number,
  minimumExpected: number,
): CategoryRows[] {
  const kept: CategoryRows[] = [];
  let pooledReference = 0;
  let pooledCurrent = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const r = reference[i]!;
    const c = current[i]!;
    if (r === 0 && c === 0) continue;
    if (expected(r, c) >= minimumExpected) kept.push([r, c]);
    else {
      pooledReference += r;
      pooledCurrent += c;
    }
  }
  if (pooledReference === 0 && pooledCurrent === 0) return kept;
  if (expected(pooledReference, pooledCurrent) < minimumExpected) {
    const size = ([r, c]: CategoryRows) => expected(r, c);
    kept.sort((a, b) => size(b) - size(a) || b[0] - a[0] || b[1] - a[1]);
    while (expected(pooledReference, pooledCurrent) < minimumExpected && kept.length > 0) {
      const [r, c] = kept.pop()!;
      pooledReference += r;
      pooledCurrent += c;
    }
  }
  kept.push([pooledReference, pooledCurrent]);
  return kept;
}
