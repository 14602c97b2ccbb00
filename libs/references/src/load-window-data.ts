import type { ReferenceProfile } from '@plumbline/contracts';
import { emptySeries, type SeriesData, type WindowData } from '@plumbline/monitoring';
import {
  type MergedSeries,
  mergeFeatureCells,
  mergePerformanceCells,
  mergeTrafficCells,
  type Store,
  type WindowScope,
} from '@plumbline/storage';
import { countRawSeries } from './count-raw-series.js';

/**
 * Returns what the cells of a window add up to, counted in the bins of the reference they are compared with. Series whose cells were
 * counted in other bins, because a newer reference took these away or because the version has bins of its own, are counted from raw
 * rows instead: as right, and as slow as a rebuild of the window's hours.
 * @param profile undefined when there is no reference: then series have no bins
 * @throws StorageError
 */
export async function loadWindowData(
  store: Store,
  scope: WindowScope,
  profile: ReferenceProfile | undefined,
): Promise<WindowData> {
  const traffic = await mergeTrafficCells(store, scope);
  const performance = await mergePerformanceCells(store, scope);
  return {
    series: await loadWindowSeries(store, scope, profile),
    traffic: {
      n: traffic.n,
      errors: traffic.errors,
      latencyCount: traffic.latencyN,
      latencyBins: traffic.latencyBins,
      weight: traffic.weight,
      weightSquares: traffic.weightSquares,
    },
    // A call that failed made no prediction, so nobody owes it a label.
    performance: { ...performance, predicted: traffic.n - traffic.errors },
  };
}

/** The series of `loadWindowData` alone. @throws StorageError */
export async function loadWindowSeries(
  store: Store,
  scope: WindowScope,
  profile: ReferenceProfile | undefined,
): Promise<SeriesData[]> {
  const merged = await mergeFeatureCells(store, scope);
  const binCounts = new Map(profile?.series.map(({ binSetId, counts }) => [binSetId, counts.length]));
  const series = merged.map((each) => densify(each, binCounts.get(each.binSetId) ?? 0));
  const others = new Set(merged.filter(hasRows).map((each) => `${each.binSetId}/${each.series}`));
  for (const { series: name, binSetId } of profile?.series ?? []) others.delete(`${binSetId}/${name}`);
  const inOtherBins = new Set([...others].map((key) => key.slice(key.indexOf('/') + 1)));
  const foreign = profile?.series.filter(({ series: name }) => inOtherBins.has(name)) ?? [];
  if (foreign.length === 0) return series;
  const counted = await countRawSeries(store, scope, foreign);
  const names = new Set(foreign.map(({ series: name }) => name));
  return [
    ...series.filter(({ series: name }) => !names.has(name)),
    ...foreign.map((reference) => counted.get(reference.series) ?? emptySeries(reference)),
  ];
}

function hasRows({ n, missing, invalid }: MergedSeries): boolean {
  return n + missing + invalid > 0;
}

function densify({ binIndexes, binCounts, ...series }: MergedSeries, bins: number): SeriesData {
  const counts = new Array<number>(bins).fill(0);
  binIndexes.forEach((index, i) => (counts[index] = binCounts[i]!));
  return { ...series, counts };
}
