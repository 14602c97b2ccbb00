import type { ReferenceProfile } from '@plumbline/contracts';
import { noPerformance, parseMovingReferenceId, type SeriesData, type WindowData } from '@plumbline/monitoring';
import { mergePerformanceCells, mergeTrafficCells, type Store, type WindowScope } from '@plumbline/storage';
import { loadWindowSeries } from './load-window-data.js';

/** What of a window a detector looks at; its traffic is always read. */
export interface WindowParts {
  readonly series: boolean;
  readonly performance: boolean;
}

/**
 * Reads what the cells of windows add up to, each table once for all detectors that look at it and not at all where none does: late
 * labels open windows for performance alone, and those of a model with many features would cost most by features nobody asks for.
 */
export class WindowDataReader {
  private readonly series = new Map<string, Promise<SeriesData[]>>();
  private readonly traffic = new Map<string, ReturnType<typeof mergeTrafficCells>>();
  private readonly performance = new Map<string, ReturnType<typeof mergePerformanceCells>>();

  constructor(private readonly store: Store) {}

  /** Forgets what was read: cells may have changed. */
  forget(): void {
    this.series.clear();
    this.traffic.clear();
    this.performance.clear();
  }

  /**
   * Returns what the cells of a window add up to; parts that are not wanted are empty.
   * @param bins the reference whose bins series are counted in; undefined when there is none: then series have no bins
   * @throws StorageError
   */
  async read(scope: WindowScope, bins: ReferenceProfile | undefined, parts: WindowParts): Promise<WindowData> {
    const key = JSON.stringify([scope.version, scope.segment, scope.fromMs, scope.toMs, scope.season]);
    const traffic = await once(this.traffic, key, () => mergeTrafficCells(this.store, scope));
    const performance = parts.performance
      ? await once(this.performance, key, () => mergePerformanceCells(this.store, scope))
      : noPerformance;
    const binsId = bins && (parseMovingReferenceId(bins.referenceId)?.binsId ?? bins.referenceId);
    const series = parts.series
      ? await once(this.series, `${key}${binsId}`, () => loadWindowSeries(this.store, scope, bins))
      : [];
    return {
      series,
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
}

function once<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? read();
  known.set(key, value);
  return value;
}
