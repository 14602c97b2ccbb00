import type { Model, ReferenceProfile } from '@plumbline/contracts';
import { type MovingReference, positiveClassOf, profileOfCells, type WindowData } from '@plumbline/monitoring';
import { PREDICTION_SERIES } from '@plumbline/contracts';
import { mergePerformanceCells, mergeTrafficCells, type Store, type WindowScope } from '@plumbline/storage';
import { loadWindowData, loadWindowSeries } from './load-window-data.js';
import { referencePerformance } from './reference-performance.js';

/** What of a reference is wanted: the rest is not read. */
export interface MovingReferenceParts {
  /** Counts of the series in their bins. */
  readonly series: boolean;
  /** The same in parts, oldest first. */
  readonly chunks: boolean;
}

/** Parts of a period, as many as an uploaded reference is kept in. */
const CHUNKS = 10;
const MINUTE_MS = 60_000;

/**
 * Reads a moving reference from the cells of its periods, with the performance on those of its rows that have a label by now.
 * @param bins the stored reference whose bins are counted in
 * @throws StorageError
 */
export async function loadMovingReference(
  store: Store,
  { project, model, declaration }: Model,
  moving: MovingReference,
  bins: ReferenceProfile,
  parts: MovingReferenceParts,
): Promise<ReferenceProfile> {
  const scope = { project, model, ...scopeOf(moving) };
  const data = parts.series ? await loadWindowData(store, scope, bins) : await withoutSeries(store, scope);
  const positiveClass = positiveClassOf(declaration, classesIn(bins, data));
  const performance = Object.entries(referencePerformance(data.performance, declaration.task, positiveClass ?? ''));
  const finite = Object.fromEntries(performance.filter(([, value]) => Number.isFinite(value)));
  const chunks: Pick<WindowData, 'series'>[] = [];
  if (parts.series && parts.chunks) {
    for (const period of cut(moving)) {
      const { startMs: fromMs, endMs: toMs } = period;
      const chunkScope = { project, model, version: moving.version, segment: moving.segment, fromMs, toMs };
      chunks.push({ series: await loadWindowSeries(store, chunkScope, bins) });
    }
  }
  return profileOfCells(bins, moving, data, finite, chunks);
}

/** Several periods are one range of which only the same time of each season counts. */
function scopeOf({ version, segment, periods }: MovingReference): Omit<WindowScope, 'project' | 'model'> {
  const newest = periods[0]!;
  const oldest = periods.at(-1)!;
  const lengthMs = newest.endMs - newest.startMs;
  const stepMs = periods.length === 1 ? lengthMs : newest.startMs - periods[1]!.startMs;
  const season = periods.length === 1 ? undefined : { stepMs, lengthMs };
  return { version, segment, fromMs: oldest.startMs, toMs: newest.endMs, season };
}

/** Equal parts of whole minutes, oldest first; the periods themselves where there are several. */
function cut({ periods }: MovingReference): { startMs: number; endMs: number }[] {
  if (periods.length > 1) return [...periods].reverse();
  const { startMs, endMs } = periods[0]!;
  const edge = (k: number): number => startMs + Math.round(((endMs - startMs) * k) / CHUNKS / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: CHUNKS }, (_, k) => ({ startMs: edge(k), endMs: edge(k + 1) })).filter(
    (part) => part.endMs > part.startMs,
  );
}

async function withoutSeries(store: Store, scope: WindowScope): Promise<WindowData> {
  const traffic = await mergeTrafficCells(store, scope);
  const performance = await mergePerformanceCells(store, scope);
  return {
    series: [],
    traffic: { ...traffic, latencyCount: 0, latencyBins: [] },
    performance: { ...performance, predicted: traffic.n - traffic.errors },
  };
}

function classesIn(bins: ReferenceProfile, { performance }: WindowData): string[] {
  const answers = bins.series.find(({ series }) => series === PREDICTION_SERIES);
  return [
    ...(answers === undefined || answers.kind === 'numeric' ? [] : answers.categories),
    ...performance.confusion.flatMap(({ predicted, label }) => [predicted, label]),
  ];
}
