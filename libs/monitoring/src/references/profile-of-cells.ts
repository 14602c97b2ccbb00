import type { PerformanceSummary, ReferenceProfile, ReferenceSeries } from '@plumbline/contracts';
import { emptySeries, findSeries } from '../detectors/find-series.js';
import type { SeriesData, WindowData } from '../windows/window-data.js';
import { describeReference } from './describe-reference.js';
import { type MovingReference, movingReferenceId } from './moving-reference.js';

/**
 * Returns the profile of a moving reference: the bins of a stored one with the counts of the periods. The deciles stay those of the
 * stored one, so a period that differs from it fills them unevenly, which takes nothing from a comparison over the same bins.
 * @param bins the stored reference; `moving.binsId` is its id
 * @param data what the cells of the periods add up to, counted in these bins
 * @param performance of the periods
 * @param chunks the same data in parts, oldest first; none when nobody asks for them
 */
export function profileOfCells(
  bins: ReferenceProfile,
  moving: MovingReference,
  data: WindowData,
  performance: PerformanceSummary,
  chunks: readonly Pick<WindowData, 'series'>[] = [],
): ReferenceProfile {
  return {
    project: bins.project,
    model: bins.model,
    version: moving.version,
    kind: moving.kind,
    referenceId: movingReferenceId(moving),
    createdAtMs: moving.periods[0]!.endMs,
    createdBy: bins.createdBy,
    source: describeReference(moving),
    n: data.traffic.n,
    labelled: data.performance.labelled,
    series: bins.series.map((series) => {
      const counted = chunks.map(
        (chunk) => findSeries({ ...data, series: chunk.series }, series) ?? emptySeries(series),
      );
      return seriesOfCells(series, findSeries(data, series) ?? emptySeries(series), counted);
    }),
    performance,
  };
}

function seriesOfCells(bins: ReferenceSeries, data: SeriesData, chunks: readonly SeriesData[]): ReferenceSeries {
  const numeric = bins.kind === 'numeric' && data.n > 0;
  const mean = numeric ? data.sum / data.n : 0;
  return {
    series: bins.series,
    kind: bins.kind,
    binSetId: bins.binSetId,
    edges: bins.edges,
    decileEdgeIndexes: bins.decileEdgeIndexes,
    categories: bins.categories,
    otherHashes: bins.otherHashes,
    counts: data.counts,
    n: data.n,
    missing: data.missing,
    invalid: data.invalid,
    mean,
    std: numeric ? standardDeviation(bins, data, mean) : 0,
    min: numeric ? data.min : 0,
    max: numeric ? data.max : 0,
    ...(chunks.length === 0 ? {} : { chunks }),
  };
}

/** What is left of two sums that agree to so many digits is their rounding. */
const ROUNDING = 1e-12;

/** Population standard deviation from sums; from the middles of the bins where the values lie too far from 0 for that. */
function standardDeviation(
  bins: ReferenceSeries,
  { n, sumSquares, min, max, counts }: SeriesData,
  mean: number,
): number {
  const meanSquare = sumSquares / n;
  const variance = meanSquare - mean * mean;
  if (variance > ROUNDING * meanSquare) return Math.sqrt(variance);
  const squares = counts.reduce((sum, count, bin) => {
    if (count === 0) return sum;
    const lower = Math.max(min, bins.edges[bin - 1] ?? -Infinity);
    const upper = Math.min(max, bins.edges[bin] ?? Infinity);
    return sum + count * ((lower + upper) / 2 - mean) ** 2;
  }, 0);
  return Math.sqrt(squares / n);
}
