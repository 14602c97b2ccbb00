import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PredictionEvent, StoredPrediction } from '@plumbline/contracts';
import { type BinSet, CellAccumulator, storePrediction } from '@plumbline/monitoring';
import {
  type DeadLetter,
  insertCells,
  insertDeadLetters,
  insertPredictions,
  markHoursDirty,
  type HourMark,
  startOfHour,
  StorageError,
  type Store,
} from '@plumbline/storage';
import type { KnownModel, ModelEvents, ModelRegistry } from './model-registry.js';

export interface IngestResult {
  readonly stored: number;
  readonly duplicates: number;
  readonly deadLetters: number;
}

/** The event loop gets a turn after this many events. */
const YIELD_EVENTS = 2_000;

/**
 * Writes predictions: marks their hours dirty, then raw rows, then cells. Returning means all of it is durable.
 *
 * Exactness: an id seen in this batch or lately is skipped. What that misses (a re-sent event after a restart, a crash between
 * raw and cells) leaves an hour whose raw rows and cells disagree; the mark makes the reconcile step find it.
 */
export class PredictionIngest {
  /** Hours marked by this process and not reconciled since, so that each is marked once. */
  private readonly marked = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly registry: ModelRegistry,
  ) {}

  /** @param identity of exactly these events, the same on each delivery of them */
  async ingest(events: readonly PredictionEvent[], identity: string, nowMs: number): Promise<IngestResult> {
    const groups = groupByModel(events);
    const models = await this.registry.get(
      groups.map(([{ project, model }]) => ({ project, model })),
      nowMs,
    );
    const fresh = models.map((known, i): ModelEvents => ({ known, events: dropKnown(groups[i]!, known) }));
    await this.registry.learn(fresh, nowMs);
    await this.markDirty(
      fresh.flatMap((group) => group.events),
      identity,
      nowMs,
    );

    const rows: StoredPrediction[] = [];
    const binSets = new Map<string, ReadonlyMap<string, BinSet> | undefined>();
    for (const { known, events: unique } of fresh) {
      for (const event of unique) {
        rows.push(
          storePrediction(
            event,
            known.schema,
            known.segments,
            known.positiveClass,
            this.registry.overflow(known, event),
          ),
        );
        const key = `${event.project}/${event.model}/${event.version}`;
        if (!binSets.has(key)) binSets.set(key, await this.registry.binSets(known, event.version));
        if (rows.length % YIELD_EVENTS === 0) await nextTurn();
      }
    }
    // The engine stores the rows in threads of its own while this one counts them into cells. Rows that it refuses are counted
    // all the same: then raw rows and cells of their hour disagree, and the mark makes reconcile rebuild it.
    const [refused] = await Promise.all([this.storeRows(rows, identity), this.storeCells(rows, binSets, identity)]);
    if (refused.size > 0) await insertDeadLetters(this.store, [...refused.values()], nowMs);
    // Only now: a batch that failed half-way must not find its own ids on the next delivery.
    for (const { known, events: unique } of fresh) for (const event of unique) known.recentIds.add(event.predictionId);
    return { stored: rows.length - refused.size, duplicates: events.length - rows.length, deadLetters: refused.size };
  }

  /** Forgets that hours of the model are marked: they were reconciled, and the next event must mark them again. */
  forgetMarks(project: string, model: string): void {
    const prefix = `${project}/${model}/`;
    for (const key of this.marked) if (key.startsWith(prefix)) this.marked.delete(key);
  }

  private async markDirty(events: readonly PredictionEvent[], identity: string, nowMs: number): Promise<void> {
    const marks = new Map<string, HourMark>();
    for (const { project, model, timestampMs } of events) {
      const hourMs = startOfHour(timestampMs);
      const key = `${project}/${model}/${hourMs}`;
      if (!this.marked.has(key)) marks.set(key, { project, model, aspect: 'prediction', hourMs, touchedAtMs: nowMs });
    }
    if (marks.size === 0) return;
    await markHoursDirty(this.store, [...marks.values()], `${identity}:${nowMs}`);
    for (const key of marks.keys()) this.marked.add(key);
  }

  /** @param binSets by `project/model/version` */
  private async storeCells(
    rows: readonly StoredPrediction[],
    binSets: ReadonlyMap<string, ReadonlyMap<string, BinSet> | undefined>,
    identity: string,
  ): Promise<void> {
    const accumulator = new CellAccumulator((project, model, version) => binSets.get(`${project}/${model}/${version}`));
    for (let i = 0; i < rows.length; i++) {
      accumulator.add(rows[i]!);
      if (i % YIELD_EVENTS === YIELD_EVENTS - 1) await nextTurn();
    }
    await insertCells(this.store, accumulator.featureCells(), accumulator.trafficCells(), identity);
  }

  /** Inserts the rows, halving a refused batch down to the rows at fault, which it returns as dead letters. */
  private async storeRows(
    rows: readonly StoredPrediction[],
    identity: string,
  ): Promise<Map<StoredPrediction, DeadLetter>> {
    try {
      await insertPredictions(this.store, rows, identity);
      return new Map();
    } catch (error) {
      if (!(error instanceof StorageError) || error.reason !== 'rejected') throw error;
      if (rows.length > 1) {
        const half = rows.length >> 1;
        const left = await this.storeRows(rows.slice(0, half), `${identity}:l`);
        const right = await this.storeRows(rows.slice(half), `${identity}:r`);
        return new Map([...left, ...right]);
      }
      const row = rows[0]!;
      const letter: DeadLetter = {
        project: row.project,
        source: 'plumbline.predictions',
        position: `${identity}:${row.predictionId}`,
        stage: 'store',
        reason: 'rejected_by_engine',
        detail: error.message,
        payload: JSON.stringify({ ...row, schema: row.schema.schemaId }),
      };
      return new Map([[row, letter]]);
    }
  }
}

type NonEmpty<T> = [T, ...T[]];

function groupByModel(events: readonly PredictionEvent[]): NonEmpty<PredictionEvent>[] {
  const groups = new Map<string, NonEmpty<PredictionEvent>>();
  for (const event of events) {
    const key = `${event.project}/${event.model}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return [...groups.values()];
}

function dropKnown(events: readonly PredictionEvent[], known: KnownModel): PredictionEvent[] {
  const inBatch = new Set<string>();
  return events.filter(({ predictionId }) => {
    if (inBatch.has(predictionId) || known.recentIds.has(predictionId)) return false;
    inBatch.add(predictionId);
    return true;
  });
}
