import type { ReferenceProfile } from '@plumbline/contracts';
import type { SeriesData, WindowData } from '@plumbline/monitoring';
import {
  type MergedSeries,
  mergeFeatureCells,
  mergePerformanceCells,
  mergeTrafficCells,
  type Store,
  type WindowScope,
} from '@plumbline/storage';

/** Returns what the cells of a window add up to, with counts as long as those of the reference they are compared with. */
export async function loadWindowData(
  store: Store,
  scope: WindowScope,
  profile: ReferenceProfile | undefined,
): Promise<WindowData> {
  const series = await mergeFeatureCells(store, scope);
  const traffic = await mergeTrafficCells(store, scope);
  const performance = await mergePerformanceCells(store, scope);
  const binCounts = new Map(profile?.series.map(({ binSetId, counts }) => [binSetId, counts.length]));
  return {
    series: series.map((merged) => densify(merged, binCounts.get(merged.binSetId) ?? 0)),
    traffic: {
      n: traffic.n,
      errors: traffic.errors,
      latencyCount: traffic.latencyN,
      latencyBins: traffic.latencyBins,
    },
    // A call that failed made no prediction, so nobody owes it a label.
    performance: { ...performance, predicted: traffic.n - traffic.errors },
  };
}

function densify({ binIndexes, binCounts, ...series }: MergedSeries, bins: number): SeriesData {
  const counts = new Array<number>(bins).fill(0);
  binIndexes.forEach((index, i) => (counts[index] = binCounts[i]!));
  return { ...series, counts };
}
