import { writeSync, closeSync, openSync } from 'node:fs';
import { open, readFile, unlink, type FileHandle } from 'node:fs/promises';

/** Events hold what people are. */
const OWNER_ONLY = 0o600;

/**
 * A file that holds the events of one batch, a line each. Writes are gathered and done in the background, in order; `finishSync`
 * does at once what has not been confirmed, for the end of the process: a line that is written twice is harmless.
 */
export class SpoolFile {
  private waiting: string[] = [];
  private writing = '';
  private work: Promise<void> | undefined;
  private failed = false;
  private removed = false;

  constructor(
    readonly path: string,
    private readonly onFailure: (error: unknown) => void,
    /** UTF-8 of what it holds. */
    public sizeBytes = 0,
  ) {}

  /** Whether all that was appended is with the operating system, so that memory may forget it. */
  get isWritten(): boolean {
    return this.work === undefined && !this.failed;
  }

  append(line: string, sizeBytes: number): void {
    this.sizeBytes += sizeBytes;
    this.waiting.push(line);
    this.work ??= this.write();
  }

  /** Resolves when all that was appended so far is with the operating system. */
  async written(): Promise<void> {
    await this.work;
  }

  /** The lines. One that a crash cut off is left out. @throws Error when the file cannot be read */
  async read(): Promise<string[]> {
    await this.written();
    const lines = (await readFile(this.path, 'utf8')).split('\n');
    // After the last line end there is nothing, or a line without its end.
    lines.pop();
    return lines.filter((line) => line !== '');
  }

  /** Removes the file, since its events have arrived. Never rejects. */
  async remove(): Promise<void> {
    this.removed = true;
    await this.work;
    try {
      await unlink(this.path);
    } catch (error) {
      // Gone already is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onFailure(error);
    }
  }

  finishSync(): void {
    const text = this.writing + this.waiting.map((line) => `${line}\n`).join('');
    this.waiting = [];
    if (text === '' || this.removed) return;
    try {
      const file = openSync(this.path, 'a', OWNER_ONLY);
      writeSync(file, text);
      closeSync(file);
    } catch (error) {
      this.onFailure(error);
    }
  }

  private async write(): Promise<void> {
    // All that is logged in this turn of the event loop goes into one write.
    await new Promise((turn) => setImmediate(turn));
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.path, 'a', OWNER_ONLY);
      while (this.waiting.length > 0 && !this.removed) {
        this.writing = this.waiting.map((line) => `${line}\n`).join('');
        this.waiting = [];
        await handle.appendFile(this.writing);
        this.writing = '';
      }
    } catch (error) {
      this.failed = true;
      this.onFailure(error);
    } finally {
      this.waiting = [];
      this.writing = '';
      this.work = undefined;
      await handle?.close().catch(() => undefined);
    }
  }
}
