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
export const BATCH_LIMITS: BatchLimits = { maxEvents: 5_000, maxBytes: 4 * 1024 * 1024 };

const NEWLINE = 10;

/** Collects lines into batches. */
export class BatchBuilder {
  private lines: string[] = [];
  private rows: number[] = [];
  private characters = 0;

  constructor(private readonly limits: BatchLimits) {}

  /** Adds a line, and returns the batch that it completed. */
  add(row: number, line: string): Batch | undefined {
    this.lines.push(line);
    this.rows.push(row);
    this.characters += line.length + 1;
    // Characters stand for bytes: text beyond ASCII makes a batch at most three times as large, still far below what is refused.
    return this.lines.length >= this.limits.maxEvents || this.characters >= this.limits.maxBytes
      ? this.take()
      : undefined;
  }

  /** Returns what is left. */
  take(): Batch | undefined {
    if (this.lines.length === 0) return undefined;
    const batch = { content: Buffer.from(`${this.lines.join('\n')}\n`), rows: this.rows };
    this.lines = [];
    this.rows = [];
    this.characters = 0;
    return batch;
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
