import { stat } from 'node:fs/promises';
import { type Batch, type BatchLimits, NDJSON_CONTENT_TYPE } from './batch.js';
import type { BatchStep } from './mapped-batches.js';
import { readLines } from './read-lines.js';

const SPACE = 32;

/** Yields the batches of an NDJSON file that is in wire form already: its lines as they are, blank ones left out. */
export async function* wireBatches(path: string, limits: BatchLimits): AsyncGenerator<BatchStep> {
  const { size: sizeBytes } = await stat(path);
  let pieces: Uint8Array[] = [];
  let rows: number[] = [];
  let bytesHeld = 0;
  let line = 0;
  const take = (progress: number): BatchStep => {
    const batch: Batch = { contentType: NDJSON_CONTENT_TYPE, content: Buffer.concat(pieces), rows };
    const step = { batch, progress };
    pieces = [];
    rows = [];
    bytesHeld = 0;
    return step;
  };
  for await (const { bytes, ends, bytesRead } of readLines(path)) {
    let start = 0;
    for (const end of ends) {
      line += 1;
      const text = bytes.subarray(start, end);
      start = end + 1;
      if (text.every((byte) => byte <= SPACE)) continue;
      pieces.push(text, NEWLINE);
      rows.push(line);
      bytesHeld += text.length + 1;
      if (rows.length >= limits.maxEvents || bytesHeld >= limits.maxBytes) yield take(bytesRead / sizeBytes);
    }
  }
  if (rows.length > 0) yield take(1);
}

const NEWLINE = Buffer.from('\n');
