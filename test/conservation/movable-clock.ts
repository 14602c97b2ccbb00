import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';

/** The wall clock of a process that is started with `env`, moved by libfaketime. Its monotonic clock runs on as ever. */
export class MovableClock {
  private constructor(
    private readonly file: string,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** undefined where libfaketime is not installed. */
  static create(folder: string): MovableClock | undefined {
    const library = (existsSync(LIBRARIES) ? readdirSync(LIBRARIES) : [])
      .map((architecture) => join(LIBRARIES, architecture, 'faketime/libfaketimeMT.so.1'))
      .find((path) => existsSync(path));
    if (library === undefined) return undefined;
    const file = join(folder, 'clock');
    const clock = new MovableClock(file, {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      // In seconds: without it every look at the clock reads the file, and the engine looks all the time.
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    clock.set(0);
    return clock;
  }

  /** Sets the clock to the true time plus so many seconds. */
  set(offsetSeconds: number): void {
    writeFileSync(this.file, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
  }
}
