import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FeatureCell, ReferenceSeries } from '@plumbline/contracts';
import { cellsInParts, compileBinSet, emptySeries, type SeriesData } from '@plumbline/monitoring';
import { readPredictionHours, type Store, type WindowScope } from '@plumbline/storage';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Cells held in memory at a time, about. */
const MAX_CELLS = 100_000;

/**
 * Counts raw rows of a window in the bins of some reference series, by the function that makes cells. Returns what it found by name of
 * the series.
 * @throws StorageError
 */
export async function countRawSeries(
  store: Store,
  scope: WindowScope,
  references: readonly ReferenceSeries[],
): Promise<Map<string, SeriesData>> {
  const binSets = new Map(references.map((reference) => [reference.series, compileBinSet(reference)]));
  const sums = new Map(references.map((reference) => [reference.series, openSeries(reference)]));
  const { project, model, version, segment } = scope;
  for await (const page of readPredictionHours(store, project, model, hoursOf(scope))) {
    for (const columns of page) {
      if (columns.version !== version) continue;
      for (const { features } of cellsInParts(columns, binSets, MAX_CELLS)) {
        for (const cell of features) {
          const sum = sums.get(cell.series);
          if (sum !== undefined && cell.segment === segment && isWithin(scope, cell.minuteMs)) add(sum, cell);
        }
        await nextTurn();
      }
    }
  }
  return sums;
}

function isWithin({ fromMs, toMs, season }: WindowScope, minuteMs: number): boolean {
  if (minuteMs < fromMs || minuteMs >= toMs) return false;
  return season === undefined || (minuteMs - fromMs) % season.stepMs < season.lengthMs;
}

/** The hours that hold a minute of the window. */
function hoursOf(scope: WindowScope): number[] {
  const { fromMs, toMs, season } = scope;
  const stepMs = season?.stepMs ?? toMs - fromMs;
  const lengthMs = season?.lengthMs ?? stepMs;
  const hours = new Set<number>();
  for (let startMs = fromMs; startMs < toMs; startMs += stepMs) {
    const endMs = Math.min(toMs, startMs + lengthMs);
    for (let hourMs = Math.floor(startMs / HOUR_MS) * HOUR_MS; hourMs < endMs; hourMs += HOUR_MS) hours.add(hourMs);
  }
  return [...hours];
}

interface OpenSeries extends SeriesData {
  n: number;
  missing: number;
  invalid: number;
  sum: number;
  sumSquares: number;
  min: number;
  max: number;
  readonly counts: number[];
}

function openSeries(reference: ReferenceSeries): OpenSeries {
  const empty = emptySeries(reference);
  return { ...empty, counts: [...empty.counts] };
}

function add(sum: OpenSeries, cell: FeatureCell): void {
  sum.n += cell.n;
  sum.missing += cell.missing;
  sum.invalid += cell.invalid;
  sum.sum += cell.sum;
  sum.sumSquares += cell.sumSquares;
  sum.min = Math.min(sum.min, cell.min);
  sum.max = Math.max(sum.max, cell.max);
  cell.binIndexes.forEach((bin, i) => (sum.counts[bin]! += cell.binCounts[i]!));
}
