import type { ReferenceSeries } from '@plumbline/contracts';
import type { SeriesData, WindowData } from '../windows/window-data.js';

/** Returns the series counted in the bins of the reference; undefined when no cell of it was. Other bins cannot be compared. */
export function findSeries(data: WindowData, reference: ReferenceSeries): SeriesData | undefined {
  return data.series.find(({ series, binSetId }) => series === reference.series && binSetId === reference.binSetId);
}

/** Returns what the cells add up to when there are none. */
export function emptySeries({ series, binSetId, counts }: ReferenceSeries): SeriesData {
  return {
    series,
    binSetId,
    n: 0,
    missing: 0,
    invalid: 0,
    sum: 0,
    sumSquares: 0,
    min: Infinity,
    max: -Infinity,
    counts: counts.map(() => 0),
  };
}
