import { randomBytes } from 'node:crypto';
import { mkdirSync, rmdirSync } from 'node:fs';
import { readdir, rename, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PlumblineError, type EventKind } from './plumbline-error.js';
import { SpoolFile } from './spool-file.js';

/** What an earlier process left behind. */
export interface LeftFile {
  readonly kind: EventKind;
  readonly file: SpoolFile;
}

/** A folder of another host, on a shared disk, is taken over after this time without a change. */
const FOREIGN_IDLE_MS = 3_600_000;
const FOLDER = /^(.+)-(\d+)-([0-9a-f]{12})$/;
const FILE = /^\d+\.(prediction|label)\.ndjson$/;

/** Clients of this process: their folders have the same process id, and none of them was left behind. */
const ownFolders = new Set<string>();

/**
 * Keeps batches in files until the server has them: one folder for each client, one file for each batch. Taking over what a process left
 * behind is a rename, so that of several processes one does it; should two send the same, ids make that harmless.
 */
export class Spool {
  private readonly name = `${hostname()}-${process.pid}-${randomBytes(6).toString('hex')}`;
  private readonly folder: string;
  private next = 0;
  private broken = false;

  constructor(
    private readonly root: string,
    private readonly onError: (error: PlumblineError) => void,
  ) {
    this.folder = join(root, this.name);
    ownFolders.add(this.name);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      this.fail(error);
    }
  }

  /** False once the folder has failed: from then on events are in memory only. */
  get works(): boolean {
    return !this.broken;
  }

  create(kind: EventKind): SpoolFile | undefined {
    return this.broken ? undefined : this.file(this.nextPath(kind));
  }

  /** Moves the files of processes that have ended here, the oldest first. Never rejects. */
  async takeOver(nowMs: number): Promise<LeftFile[]> {
    const taken: LeftFile[] = [];
    try {
      for (const entry of (await readdir(this.root)).sort()) {
        if (await this.isLeft(entry, nowMs)) await this.takeFolder(join(this.root, entry), taken);
      }
    } catch (error) {
      this.fail(error);
    }
    return taken;
  }

  /** Removes the folder of this client when nothing is left in it. */
  close(): void {
    ownFolders.delete(this.name);
    try {
      rmdirSync(this.folder);
    } catch {
      // Not empty: the next process takes it over.
    }
  }

  private async takeFolder(folder: string, taken: LeftFile[]): Promise<void> {
    for (const name of (await readdir(folder)).sort()) {
      const kind = FILE.exec(name)?.[1] as EventKind | undefined;
      if (kind === undefined) continue;
      const path = this.nextPath(kind);
      try {
        await rename(join(folder, name), path);
        const { size } = await stat(path);
        taken.push({ kind, file: this.file(path, size) });
      } catch (error) {
        // Another process was quicker.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    await rmdir(folder).catch(() => undefined);
  }

  private async isLeft(entry: string, nowMs: number): Promise<boolean> {
    const [, host, pid] = FOLDER.exec(entry) ?? [];
    if (host === undefined || ownFolders.has(entry)) return false;
    if (host === hostname()) return Number(pid) === process.pid || !isAlive(Number(pid));
    const { mtimeMs } = await stat(join(this.root, entry));
    return nowMs - mtimeMs > FOREIGN_IDLE_MS;
  }

  private nextPath(kind: EventKind): string {
    return join(this.folder, `${String(this.next++).padStart(10, '0')}.${kind}.ndjson`);
  }

  private file(path: string, sizeBytes = 0): SpoolFile {
    return new SpoolFile(path, (error) => this.fail(error), sizeBytes);
  }

  private fail(error: unknown): void {
    if (this.broken) return;
    this.broken = true;
    const message = `the spool folder ${this.root} cannot be used, so events are kept in memory only: ${String(error)}`;
    this.onError(new PlumblineError('spool_failed', message, { cause: error }));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
