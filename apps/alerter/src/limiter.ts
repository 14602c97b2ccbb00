import { setTimeout as pause } from 'node:timers/promises';

const MINUTE_MS = 60_000;

export interface LimiterOptions {
  /** Tasks that may run at a time. */
  readonly concurrent: number;
  /** Tasks that may begin in a minute, evenly spread; undefined for no bound. */
  readonly perMinute?: number | undefined;
}

/** Lets at most so many tasks run at a time and begin in a minute; the others wait in the order in which they came. */
export class Limiter {
  private running = 0;
  private notBeforeMs = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: LimiterOptions) {}

  /**
   * Runs the task when there is room and returns what it returns.
   * @throws the signal's reason when it aborts while the task waits
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.running >= this.options.concurrent) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      await this.turn(signal);
      return await task();
    } finally {
      // The place goes to the next in line, so `running` counts it on.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }

  /** No task begins for so long: the other side asked for it. */
  holdBack(forMs: number): void {
    this.notBeforeMs = Math.max(this.notBeforeMs, performance.now() + forMs);
  }

  private async turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { perMinute } = this.options;
    const startMs = Math.max(this.notBeforeMs, performance.now());
    if (perMinute !== undefined) this.notBeforeMs = startMs + MINUTE_MS / perMinute;
    const waitMs = startMs - performance.now();
    if (waitMs <= 0) return;
    try {
      await pause(waitMs, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }
}
