import type { ReferenceSeries } from '@plumbline/contracts';
import type { SeriesData } from '../windows/window-data.js';

/**
 * Returns how many values of a numeric series lie below the least or above the greatest value of the reference: the rows of the
 * outer bins where these hold nothing of the reference. Where an outer bin is mixed, the window's own extremes tell that at
 * least one value is outside, and that one is counted.
 */
export function outOfRange(
  reference: ReferenceSeries,
  current: Pick<SeriesData, 'n' | 'counts' | 'min' | 'max'>,
): number {
  if (current.n === 0) return 0;
  const last = reference.counts.length - 1;
  const below = last > 0 && reference.counts[0] === 0 ? current.counts[0]! : current.min < reference.min ? 1 : 0;
  const above = last > 0 && reference.counts[last] === 0 ? current.counts[last]! : current.max > reference.max ? 1 : 0;
  return below + above;
}
