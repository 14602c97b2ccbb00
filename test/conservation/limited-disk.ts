import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEBIBYTE = 1024 * 1024;
/** More than a run needs; memory is taken only for what is written. */
const SIZE_BYTES = 4096 * MEBIBYTE;

/** A folder for the data of a run; where the system allows it a file system of its own in memory, which can be made full. */
export class LimitedDisk {
  private constructor(
    readonly path: string,
    /** Why it cannot be made full; undefined when it can. */
    readonly unlimited: string | undefined,
  ) {}

  static create(): LimitedDisk {
    const path = mkdtempSync(join(tmpdir(), 'plumbline-conservation-'));
    let unlimited: string | undefined;
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_BYTES}`, 'plumbline', path], { stdio: 'pipe' });
    } catch {
      unlimited = 'disk full: mounting a file system in memory needs Linux and root';
    }
    const disk = new LimitedDisk(path, unlimited);
    process.on('exit', () => disk.remove());
    return disk;
  }

  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Leaves no room but some blocks: from now on what is written does not fit. */
  fill(): void {
    for (let attempt = 0; attempt < 10; attempt++) {
      const { blocks, bfree, bsize } = statfsSync(this.path);
      try {
        // Refused when the service wrote more in between.
        this.resize((blocks - bfree) * bsize + 16 * bsize);
        return;
      } catch {
        continue;
      }
    }
  }

  free(): void {
    this.resize(SIZE_BYTES);
  }

  /** Copies everything to a folder that stays when the disk goes, and returns where that is. */
  keep(): string {
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-conservation-kept-'));
    cpSync(this.path, folder, { recursive: true });
    return folder;
  }

  remove(): void {
    try {
      if (this.unlimited === undefined) execFileSync('umount', [this.path], { stdio: 'pipe' });
    } catch {
      // Unmounted before, or a process still runs in it; then the folder below stays as well.
    }
    try {
      rmSync(this.path, { recursive: true, force: true });
    } catch {
      // Left for the system to clean up: a run is over and its verdict does not depend on it.
    }
  }

  private resize(sizeBytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${sizeBytes}`, this.path], { stdio: 'pipe' });
  }
}
