import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  cutRows,
  eventOfRow,
  type PredictionColumns,
  type PredictionEvent,
  recordKey,
  selectRows,
  type StoredColumns,
} from '@plumbline/contracts';
import { sliceColumns, storeColumns } from '@plumbline/monitoring';
import { insertPredictions, markHoursDirty, StorageError, type Store } from '@plumbline/storage';
import { marksOf } from './mark-hours.js';
import type { ModelColumns, ModelRegistry } from './model-registry.js';
import { noProgress, type Progress } from './progress.js';
import { writeCells } from './write-cells.js';

export interface IngestResult {
  readonly stored: number;
  readonly duplicates: number;
  readonly deadLetters: number;
}

/** A prediction that the engine does not take, with what it says. */
export interface RefusedPrediction {
  readonly event: PredictionEvent;
  readonly detail: string;
}

/** Keeps predictions that cannot be stored; resolves when they are durable. */
export type SetAside = (refused: readonly RefusedPrediction[]) => Promise<void>;

/** Columns on their way into the store, as they came and as they are stored; row i of both is one prediction. */
interface Part extends ModelColumns {
  readonly columns: PredictionColumns;
  readonly stored: StoredColumns;
}

/** Rows of a part. */
interface Range extends Part {
  readonly from: number;
  readonly to: number;
}

/** Values of a chunk: of 8 bytes and more each in memory, and in the engine's block, which stays below 256 MB. */
const MAX_CHUNK_ENTRIES = 4_000_000;
/** Columns that every row has beside its features. */
const FIXED_COLUMNS = 20;

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

  /**
   * @param identity of exactly these columns, the same on each delivery of them
   * @param setAside is told of predictions that the engine refuses
   * @param progress is called between steps of what takes long
   * @param check is called right before cells are written; what it throws is thrown
   */
  async ingest(
    batch: readonly PredictionColumns[],
    identity: string,
    nowMs: number,
    setAside: SetAside,
    progress: Progress = noProgress,
    check: () => void = () => undefined,
  ): Promise<IngestResult> {
    const models = await this.registry.get(
      batch.map(({ project, model }) => ({ project, model })),
      nowMs,
    );
    const seen = new Map<string, Set<string>>();
    const fresh: ModelColumns[] = [];
    batch.forEach((columns, i) => {
      const known = models[i]!;
      const key = recordKey(columns.project, columns.model);
      let inBatch = seen.get(key);
      if (inBatch === undefined) seen.set(key, (inBatch = new Set()));
      const unknown = rowsOfUnknownIds(columns, inBatch, known.recentIds);
      if (unknown.length === columns.rows) fresh.push({ known, columns });
      else if (unknown.length > 0) fresh.push({ known, columns: selectRows(columns, unknown) });
    });
    await this.registry.learn(fresh, nowMs);
    await this.markDirty(fresh, identity, nowMs);

    const refused: RefusedPrediction[] = [];
    for (const [index, chunk] of chunksOf(fresh).entries()) {
      if (index > 0) await progress();
      for (const one of await this.storeChunk(chunk, identity, progress, check)) refused.push(one);
    }
    if (refused.length > 0) await setAside(refused);
    // Only now: a batch that failed half-way must not find its own ids on the next delivery. What was refused is not stored: when it
    // is replayed, it must not be taken for a double.
    const refusedEvents = new Set(
      refused.map(({ event }) => `${recordKey(event.project, event.model)}/${event.predictionId}`),
    );
    for (const { known, columns } of fresh) {
      const key = recordKey(known.project, known.model);
      for (const id of columns.predictionIds) if (!refusedEvents.has(`${key}/${id}`)) known.recentIds.add(id);
    }
    const [received, written] = [countRows(batch), countRows(fresh.map(({ columns }) => columns))];
    return { stored: written - refused.length, duplicates: received - written, deadLetters: refused.length };
  }

  /** Forgets that hours of the model are marked: they were reconciled, and the next event must mark them again. */
  forgetMarks(project: string, model: string): void {
    const prefix = `${project}/${model}/`;
    for (const key of this.marked) if (key.startsWith(prefix)) this.marked.delete(key);
  }

  private async markDirty(fresh: readonly ModelColumns[], identity: string, nowMs: number): Promise<void> {
    const columns = fresh.map((each) => each.columns);
    const marks = [...marksOf(columns, nowMs)].filter(([key]) => !this.marked.has(key));
    if (marks.length === 0) return;
    await markHoursDirty(
      this.store,
      marks.map(([, mark]) => mark),
      `${identity}:${nowMs}`,
    );
    for (const [key] of marks) this.marked.add(key);
  }

  /** Writes raw rows and cells of these predictions; returns those that the engine refuses. */
  private async storeChunk(
    chunk: readonly ModelColumns[],
    identity: string,
    progress: Progress,
    check: () => void,
  ): Promise<RefusedPrediction[]> {
    const parts: Part[] = [];
    for (const { known, columns } of chunk) {
      const stored = storeColumns(columns, known.schema, known.segments, known.positiveClass, known.segmentValues);
      parts.push({ known, columns, stored });
      await nextTurn();
    }
    // Which events are new may differ when the batch is delivered again after a restart, and the engine drops an insert under a used
    // token, whatever it holds.
    const identityOfRows = `${identity}:${hashOfRows(parts)}`;
    const ranges = parts.map((part) => ({ ...part, from: 0, to: part.stored.rows }));
    const counted = parts.map(({ known, stored }) => ({ known, columns: stored }));
    // The engine stores the rows in threads of its own while this one counts them into cells. Rows that it refuses are counted
    // all the same: then raw rows and cells of their hour disagree, and the mark makes reconcile rebuild it.
    const [refused] = await allDone([
      this.storeRows(ranges, identityOfRows, progress),
      writeCells(this.store, this.registry, counted, identityOfRows, check),
    ]);
    return refused;
  }

  /** Inserts the rows, halving a refused batch down to the rows at fault, which it returns. */
  private async storeRows(
    ranges: readonly Range[],
    identity: string,
    progress: Progress,
  ): Promise<RefusedPrediction[]> {
    const rows = ranges.map(({ stored, from, to }) =>
      from === 0 && to === stored.rows ? stored : sliceColumns(stored, from, to),
    );
    try {
      await insertPredictions(this.store, rows, identity);
      return [];
    } catch (error) {
      if (!(error instanceof StorageError) || error.reason !== 'rejected') throw error;
      const [left, right] = halves(ranges);
      if (right.length > 0) {
        await progress();
        return [
          ...(await this.storeRows(left, `${identity}:l`, progress)),
          ...(await this.storeRows(right, `${identity}:r`, progress)),
        ];
      }
      const { columns, from } = ranges[0]!;
      return [{ event: eventOfRow(columns, from), detail: error.message }];
    }
  }
}

/** As Promise.all, but never leaves work behind that still runs: a batch that failed is delivered again, and must find an end of it. */
async function allDone<A, B>(work: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** Both halves of what is left to store; the second is empty when the first is a single row. */
function halves(ranges: readonly Range[]): readonly [readonly Range[], readonly Range[]] {
  if (ranges.length > 1) return [ranges.slice(0, ranges.length >> 1), ranges.slice(ranges.length >> 1)];
  const range = ranges[0]!;
  const middle = (range.from + range.to + 1) >> 1;
  return middle === range.to ? [ranges, []] : [[{ ...range, to: middle }], [{ ...range, from: middle }]];
}

/** Cuts predictions into chunks whose rows, as wide as the schemas of their models, fit into memory and into one block of the engine. */
function chunksOf(fresh: readonly ModelColumns[]): ModelColumns[][] {
  const chunks: ModelColumns[][] = [];
  let entries = Infinity;
  for (const { known, columns } of fresh) {
    const { numberNames, textNames, booleanNames } = known.schema;
    const width = FIXED_COLUMNS + numberNames.length + textNames.length + booleanNames.length;
    for (const piece of cutRows(columns, Math.max(1, Math.floor(MAX_CHUNK_ENTRIES / width)))) {
      const pieceEntries = piece.rows * width;
      if (entries + pieceEntries > MAX_CHUNK_ENTRIES) {
        chunks.push([]);
        entries = 0;
      }
      chunks.at(-1)!.push({ known, columns: piece });
      entries += pieceEntries;
    }
  }
  return chunks;
}

/** Stands for exactly these rows of a batch. */
function hashOfRows(parts: readonly Part[]): string {
  const hash = createHash('sha256');
  for (const { stored } of parts) {
    hash.update(`${stored.project}/${stored.model}/${stored.version}:${stored.rows}:`);
    hash.update(Uint32Array.from(stored.idHashes));
  }
  return hash.digest('hex').slice(0, 16);
}

function rowsOfUnknownIds(
  { predictionIds }: PredictionColumns,
  inBatch: Set<string>,
  recent: { has(id: string): boolean },
): number[] {
  const rows: number[] = [];
  predictionIds.forEach((id, row) => {
    if (inBatch.has(id) || recent.has(id)) return;
    inBatch.add(id);
    rows.push(row);
  });
  return rows;
}

function countRows(batch: readonly PredictionColumns[]): number {
  return batch.reduce((sum, { rows }) => sum + rows, 0);
}
