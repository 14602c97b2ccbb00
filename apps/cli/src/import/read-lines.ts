import { createReadStream } from 'node:fs';

/**
 * Yields the lines of a file in groups, as bytes and without copies where a line lies in one chunk: `end` of a line is the
 * index of its newline in `bytes`. Lines are of any length; memory is that of a chunk and of the longest line.
 */
export async function* readLines(
  path: string,
  chunkBytes = 1 << 20,
): AsyncGenerator<{ readonly bytes: Buffer; readonly ends: readonly number[]; readonly bytesRead: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let bytesRead = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
    bytesRead += chunk.length;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const ends: number[] = [];
    let from = rest.length;
    for (let end = bytes.indexOf(10, from); end !== -1; end = bytes.indexOf(10, from)) {
      ends.push(end);
      from = end + 1;
    }
    if (ends.length > 0) yield { bytes, ends, bytesRead };
    rest = bytes.subarray(ends.length > 0 ? ends.at(-1)! + 1 : 0);
  }
  if (rest.length > 0) yield { bytes: rest, ends: [rest.length], bytesRead };
}
