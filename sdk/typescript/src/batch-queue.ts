import type { Batch } from './batch.js';
import type { EventKind } from './plumbline-error.js';
import type { LeftFile, Spool } from './spool.js';

export interface QueueLimits {
  readonly maxBatchEvents: number;
  readonly maxBatchBytes: number;
  readonly maxQueueEvents: number;
  readonly maxQueueBytes: number;
  readonly maxSpoolBytes: number;
}

/**
 * Events that wait, gathered into batches: an open one for each kind, and sealed ones in the order in which they go out. Bounded in events and
 * bytes. When memory is full and there is a spool, the newest sealed batches are left to their files; when that does not help, an
 * event has no room: what waits longest is kept, so that a range of time without gaps arrives.
 */
export class BatchQueue {
  private readonly open = new Map<EventKind, Batch>();
  private readonly sealed: Batch[] = [];
  /** Of the batch that was sealed last: when `head` is beyond it, all that was sealed by then has been settled. */
  lastNumber = 0;
  private isDue = false;
  private memoryEvents = 0;
  private memoryBytes = 0;
  private spoolBytes = 0;
  /** Batches whose events are in their files only. */
  private evictedEvents = 0;

  constructor(
    private readonly limits: QueueLimits,
    private readonly spool: Spool | undefined,
  ) {}

  /** Events that wait, in memory and in files. */
  get events(): number {
    return this.memoryEvents + this.evictedEvents;
  }

  /** Bytes of JSON in memory. */
  get bytes(): number {
    return this.memoryBytes;
  }

  get isEmpty(): boolean {
    return this.open.size === 0 && this.sealed.length === 0;
  }

  /** The batch that goes out next. */
  get head(): Batch | undefined {
    return this.sealed[0];
  }

  /** Takes an event. False when there is no room for it. */
  push(kind: EventKind, line: string, sizeBytes: number): boolean {
    if (!this.makeRoom(sizeBytes)) return false;
    let batch = this.open.get(kind);
    if (batch !== undefined && batch.sizeBytes + sizeBytes > this.limits.maxBatchBytes) {
      this.seal(batch);
      batch = undefined;
    }
    batch ??= this.begin(kind);
    // An open batch is never evicted.
    batch.lines!.push(line);
    batch.count += 1;
    batch.sizeBytes += sizeBytes;
    this.memoryEvents += 1;
    this.memoryBytes += sizeBytes;
    if (batch.file !== undefined) {
      batch.file.append(line, sizeBytes);
      this.spoolBytes += sizeBytes;
    }
    if (batch.count >= this.limits.maxBatchEvents || batch.sizeBytes >= this.limits.maxBatchBytes) this.seal(batch);
    return true;
  }

  /** Makes everything ready to go out, once what is ready already has gone: during an outage batches fill up, instead of becoming many small ones. */
  sealWhenIdle(): void {
    if (this.sealed.length === 0) this.sealAll();
    else this.isDue = true;
  }

  /** Makes everything ready to go out. */
  sealAll(): void {
    this.isDue = false;
    for (const batch of [...this.open.values()]) this.seal(batch);
  }

  /** Queues what an earlier process left behind. */
  addLeft(files: readonly LeftFile[]): void {
    for (const { kind, file } of files) {
      this.seal({ kind, number: 0, lines: undefined, count: 0, sizeBytes: file.sizeBytes, file });
      this.spoolBytes += file.sizeBytes;
    }
  }

  /** Gives the head its events back after they were read from the file. */
  restore(batch: Batch, lines: string[]): void {
    this.evictedEvents -= batch.count;
    batch.lines = lines;
    batch.count = lines.length;
    this.memoryEvents += lines.length;
    this.memoryBytes += batch.sizeBytes;
  }

  /** Puts two batches in the place of the head, whose events they share. */
  splitHead(): void {
    const { lines = [], number, kind, file } = this.sealed[0]!;
    const middle = Math.ceil(lines.length / 2);
    const half = (part: string[], owned: Batch['file']): Batch => {
      const sizeBytes = part.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      return { kind, number, lines: part, count: part.length, sizeBytes, file: owned };
    };
    // The file goes when the last part has gone; until then a crash sends all of it again, which is harmless.
    this.sealed.splice(0, 1, half(lines.slice(0, middle), undefined), half(lines.slice(middle), file));
  }

  /** Takes the head away: its events are stored, or given up. */
  removeHead(): void {
    const batch = this.sealed.shift()!;
    if (batch.lines === undefined) {
      this.evictedEvents -= batch.count;
    } else {
      this.memoryEvents -= batch.count;
      this.memoryBytes -= batch.sizeBytes;
    }
    if (batch.file !== undefined) {
      this.spoolBytes -= batch.file.sizeBytes;
      void batch.file.remove();
    }
    if (this.isDue && this.sealed.length === 0) this.sealAll();
  }

  /** Forgets whatever waits. Returns how many events of which kind, and whether a file keeps them for the next process. */
  abandon(): { readonly kind: EventKind; readonly count: number; readonly kept: boolean }[] {
    this.sealAll();
    for (const { file } of this.sealed) file?.finishSync();
    const kept = this.spool?.works === true;
    const given = this.sealed.map(({ kind, count, file }) => ({ kind, count, kept: kept && file !== undefined }));
    this.sealed.length = 0;
    this.memoryEvents = 0;
    this.memoryBytes = 0;
    this.evictedEvents = 0;
    return given;
  }

  /** Resolves when all that waits is in its file, where there are files. */
  async filesWritten(): Promise<void> {
    await Promise.all([...this.sealed, ...this.open.values()].map(async ({ file }) => file?.written()));
  }

  /** Writes at once what the spool has not written yet. */
  finishFilesSync(): void {
    for (const { file } of [...this.sealed, ...this.open.values()]) file?.finishSync();
  }

  private makeRoom(sizeBytes: number): boolean {
    if (this.fits(sizeBytes)) return true;
    if (this.spool?.works !== true || this.spoolBytes + sizeBytes > this.limits.maxSpoolBytes) return false;
    // Not the head, which may be on its way.
    for (let i = this.sealed.length - 1; i > 0 && !this.fits(sizeBytes); i--) {
      const batch = this.sealed[i]!;
      // The file of a half holds the whole.
      if (batch.number === this.head?.number) continue;
      if (batch.lines === undefined || batch.file?.isWritten !== true) continue;
      batch.lines = undefined;
      this.memoryEvents -= batch.count;
      this.memoryBytes -= batch.sizeBytes;
      this.evictedEvents += batch.count;
    }
    return this.fits(sizeBytes);
  }

  private fits(sizeBytes: number): boolean {
    return this.memoryEvents < this.limits.maxQueueEvents && this.memoryBytes + sizeBytes <= this.limits.maxQueueBytes;
  }

  private begin(kind: EventKind): Batch {
    const file = this.spoolBytes < this.limits.maxSpoolBytes ? this.spool?.create(kind) : undefined;
    const batch: Batch = { kind, number: 0, lines: [], count: 0, sizeBytes: 0, file };
    this.open.set(kind, batch);
    return batch;
  }

  private seal(batch: Batch): void {
    if (this.open.get(batch.kind) === batch) this.open.delete(batch.kind);
    batch.number = ++this.lastNumber;
    this.sealed.push(batch);
  }
}
