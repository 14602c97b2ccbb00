import type { ReportedPair } from './report-input.js';

/**
 * Returns the q-quantile of binned values, with the values of a bin spread evenly over it; NaN without values.
 * @param edges inner edges, ascending
 * @param counts one more than there are edges
 * @param min where the first bin begins
 * @param max where the last bin ends
 */
export function binQuantile(
  edges: readonly number[],
  counts: readonly number[],
  { min, max }: Pick<ReportedPair['current'], 'min' | 'max'>,
  q: number,
): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return NaN;
  let before = 0;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && before + count >= q * total) {
      const from = Math.max(min, edges[index - 1] ?? min);
      const to = Math.min(max, edges[index] ?? max);
      return from + Math.max(0, to - from) * ((q * total - before) / count);
    }
    before += count;
  }
  return max;
}
