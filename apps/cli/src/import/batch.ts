import { COLUMNS_CONTENT_TYPE } from '@plumbline/contracts';

export const NDJSON_CONTENT_TYPE = 'application/x-ndjson';

/** Events of one request, NDJSON or columns, and the row of the file each came from. */
export interface Batch {
  readonly contentType: typeof NDJSON_CONTENT_TYPE | typeof COLUMNS_CONTENT_TYPE;
  readonly content: Uint8Array<ArrayBuffer>;
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
    const content = this.bytes.subarray(0, this.sizeBytes);
    const batch: Batch = { contentType: NDJSON_CONTENT_TYPE, content, rows: this.rows };
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
  const { contentType, content, rows } = batch;
  const half = rows.length >> 1;
  const [first, second] =
    contentType === COLUMNS_CONTENT_TYPE ? splitColumns(content, half) : splitLines(content, half);
  return [
    { contentType, content: first, rows: rows.slice(0, half) },
    { contentType, content: second, rows: rows.slice(half) },
  ];
}

function splitLines(
  content: Uint8Array<ArrayBuffer>,
  half: number,
): readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] {
  let end = -1;
  for (let lines = 0; lines < half; lines += 1) end = content.indexOf(NEWLINE, end + 1);
  return [content.subarray(0, end + 1), content.subarray(end + 1)];
}

/** Cuts every list. Happens once in a blue moon, so what was written is read again instead of being kept. */
function splitColumns(
  content: Uint8Array<ArrayBuffer>,
  half: number,
): readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] {
  const cut = (from: number, to?: number): Uint8Array<ArrayBuffer> =>
    Buffer.from(
      JSON.stringify(
        JSON.parse(Buffer.from(content).toString(), (_key, value: unknown) =>
          Array.isArray(value) ? (value as unknown[]).slice(from, to) : value,
        ),
      ),
    );
  return [cut(0, half), cut(half)];
}
