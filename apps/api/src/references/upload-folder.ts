import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join, resolve } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileFormat } from '@plumbline/contracts';
import { Problem } from '../http/problem.js';

/** No upload takes so long. */
const ABANDONED_MS = 24 * 3_600_000;

/** Keeps uploaded files in a folder of their own while they are read. */
export class UploadFolder {
  private readonly folder: string;

  constructor(
    dataDir: string,
    private readonly maxFileBytes: number,
  ) {
    this.folder = join(resolve(dataDir), 'uploads');
  }

  /**
   * Makes the folder, and removes what a killed process left there: it belongs to requests that were never answered. Younger
   * files stay, for another API on this machine may be reading them.
   */
  async clear(nowMs: number): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && found.mtimeMs < nowMs - ABANDONED_MS) await rm(path, { recursive: true, force: true });
    }
  }

  /**
   * Writes a body to a file, has it used, and removes it in any case. Returns what `use` returns.
   * @throws Problem 413 as soon as the file exceeds the limit
   */
  async with<T>(body: IncomingMessage, format: FileFormat, use: (path: string) => Promise<T>): Promise<T> {
    const path = join(this.folder, `${randomUUID()}.${format}`);
    try {
      await pipeline(body.pipe(limited(this.maxFileBytes)), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      return await use(path);
    } finally {
      body.unpipe();
      body.resume();
      await rm(path, { force: true });
    }
  }
}

/** Passes bytes on until there are too many. */
function limited(maxBytes: number): Transform {
  let sizeBytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      sizeBytes += chunk.length;
      if (sizeBytes <= maxBytes) done(null, chunk);
      else done(new Problem(413, `the file has more than ${maxBytes} bytes: a sample of some 100 000 rows will do`));
    },
  });
}
