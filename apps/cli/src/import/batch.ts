/** Events of one request: NDJSON, and the row of the file each line came from. */
export interface Batch {
  readonly content: Uint8Array;
  readonly rows: readonly number[];
}

export interface BatchLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Small enough to be checked and written at once, large enough that the request itself costs nothing. */
export const BATCH_LIMITS: BatchLimits = { maxEvents: 10_000, maxBytes: 8 * 1024 * 1024 };

const NEWLINE = 10;

/** UTF-8 takes at most this many bytes for a unit of a JavaScript string. */
const MAX_BYTES_PER_UNIT = 3;
const FIRST_CAPACITY_BYTES = 1 << 20;

/**
 * Collects lines into batches. Each line is written into the batch's bytes at once: kept as strings until the batch is full, the
 * lines and all their parts outlive the young generation, and a third of an import goes to garbage collection.
 */
export class BatchBuilder {
  private bytes = Buffer.allocUnsafe(FIRST_CAPACITY_BYTES);
  private sizeBytes = 0;
  private rows: number[] = [];

  constructor(private readonly limits: BatchLimits) {}

  /** Adds a line, and returns the batch that it completed. */
  add(row: number, line: string): Batch | undefined {
    this.reserve(line.length * MAX_BYTES_PER_UNIT + 1);
    this.sizeBytes += this.bytes.write(line, this.sizeBytes);
    this.bytes[this.sizeBytes] = NEWLINE;
    this.sizeBytes += 1;
    this.rows.push(row);
    return this.rows.length >= this.limits.maxEvents || this.sizeBytes >= this.limits.maxBytes
      ? this.take()
      : undefined;
  }

  /** Returns what is left. */
  take(): Batch | undefined {
    if (this.rows.length === 0) return undefined;
    const batch = { content: this.bytes.subarray(0, this.sizeBytes), rows: this.rows };
    this.bytes = Buffer.allocUnsafe(Math.max(this.sizeBytes, FIRST_CAPACITY_BYTES));
    this.sizeBytes = 0;
    this.rows = [];
    return batch;
  }

  private reserve(moreBytes: number): void {
    const neededBytes = this.sizeBytes + moreBytes;
    if (neededBytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(neededBytes, this.bytes.length * 1.5));
    this.bytes.copy(larger, 0, 0, this.sizeBytes);
    this.bytes = larger;
  }
}

/** Returns the two halves of a batch of at least two events. */
export function splitBatch(batch: Batch): readonly [Batch, Batch] {
  const half = batch.rows.length >> 1;
  let end = -1;
  for (let lines = 0; lines < half; lines += 1) end = batch.content.indexOf(NEWLINE, end + 1);
  return [
    { content: batch.content.subarray(0, end + 1), rows: batch.rows.slice(0, half) },
    { content: batch.content.subarray(end + 1), rows: batch.rows.slice(half) },
  ];
}
