import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * Returns the first 12 hex digits of the SHA-256 of a file: the prefix of ids for rows without one. The same file gives the
 * same ids, so importing it again changes nothing and its labels find its predictions.
 */
export async function contentPrefix(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex').slice(0, 12);
}
