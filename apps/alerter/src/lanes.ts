/** Work of a lane. Returns when there will be more to do, in milliseconds since 1970; undefined when nothing is foreseen. */
export type LaneWork = (nowMs: number) => Promise<number | undefined>;

interface Lane {
  work: LaneWork;
  running: boolean;
  /** Woken while running: what was read may be older than the reason to wake. */
  again: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Longest time-out of a Node timer; a lane that wakes early just looks again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs work by key: never twice at the same time for one key, side by side for different keys, and once more when a key is
 * woken during its run. What work throws goes to `onError`, which says when to try again.
 */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly runs = new Set<Promise<void>>();
  private stopped = false;

  constructor(private readonly onError: (error: unknown, key: string) => number) {}

  /** Runs the work now, or after the run that is under way. Does nothing after `stop`. */
  wake(key: string, work: LaneWork): void {
    if (this.stopped) return;
    const lane = this.lanes.get(key) ?? { work, running: false, again: false, timer: undefined };
    this.lanes.set(key, lane);
    lane.work = work;
    lane.again = true;
    if (lane.running) return;
    const run = this.run(key, lane).finally(() => this.runs.delete(run));
    this.runs.add(run);
  }

  /** No work begins from now on. */
  stop(): void {
    this.stopped = true;
    for (const lane of this.lanes.values()) clearTimeout(lane.timer);
  }

  /** Resolves when no work runs. */
  async idle(): Promise<void> {
    while (this.runs.size > 0) await Promise.all(this.runs);
  }

  private async run(key: string, lane: Lane): Promise<void> {
    lane.running = true;
    clearTimeout(lane.timer);
    let nextAtMs: number | undefined;
    while (lane.again && !this.stopped) {
      lane.again = false;
      try {
        nextAtMs = await lane.work(Date.now());
      } catch (error) {
        nextAtMs = this.onError(error, key);
      }
    }
    lane.running = false;
    if (nextAtMs === undefined || this.stopped) this.lanes.delete(key);
    else {
      const delayMs = Math.min(Math.max(nextAtMs - Date.now(), 0), MAX_TIMER_MS);
      lane.timer = setTimeout(() => this.wake(key, lane.work), delayMs);
    }
  }
}
