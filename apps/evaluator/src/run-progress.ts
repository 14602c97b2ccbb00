import type { EvaluationTick, TickRecord, Transition } from '@plumbline/contracts';
import { type EvaluationRun, newEvaluationRun, saveEvaluationRuns, type Store } from '@plumbline/storage';
import type { StreamBatch } from '@plumbline/stream';
import type { RangeListener } from './evaluation.service.js';

/** Often enough for people to watch, and for nobody to think that it was abandoned; seldom enough for the table. */
const SAVE_MS = 1_000;

/** Writes how far an evaluation on request is, says that work goes on, and notices when the model is another's. */
export class RunProgress implements RangeListener {
  private readonly abort = new AbortController();
  private run: EvaluationRun;
  private savedAtMs = 0;
  private saving: Promise<void> = Promise.resolve();
  private saveError: unknown;

  /**
   * @param before the row that is there already: attempts are added to its own
   * @param behind rows of requests that wait for this one, kept fresh meanwhile
   */
  constructor(
    private readonly store: Store,
    tick: EvaluationTick,
    before: EvaluationRun | undefined,
    private readonly behind: readonly EvaluationTick[],
    private readonly batch: StreamBatch<TickRecord>,
    stopping: AbortSignal,
  ) {
    this.run = { ...newEvaluationRun(tick), attempts: before?.attempts ?? 0, decidedAtMs: before?.decidedAtMs ?? [] };
    if (stopping.aborted) this.abort.abort();
    else stopping.addEventListener('abort', () => this.abort.abort(), { once: true, signal: this.abort.signal });
  }

  /** Aborted when the process stops, the model is another's, or progress cannot be written. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Why progress could not be written: then the attempt is given up. */
  get failure(): unknown {
    return this.saveError;
  }

  /** Begins an attempt. Returns its instant, by which its transitions are found again. */
  begin(nowMs: number): number {
    this.run = { ...this.run, attempts: this.run.attempts + 1 };
    this.addDecidedAt(nowMs);
    return nowMs;
  }

  async waiting(): Promise<void> {
    await this.goOn();
  }

  async planned(windows: number): Promise<void> {
    this.run = { ...this.run, windowsTotal: windows };
    // Before the first transition: one that no attempt stands for would be missing from the answer.
    await this.save();
  }

  windowDone(): void {
    this.run = { ...this.run, windowsDone: this.run.windowsDone + 1 };
    this.saving = this.saving
      .then(() => this.goOn())
      .catch((error: unknown) => {
        this.saveError ??= error;
        this.abort.abort();
      });
  }

  /** An instant of their own have those that replace what a clock ahead of ours has written. */
  decided(transitions: readonly Transition[]): void {
    for (const { decidedAtMs } of transitions) this.addDecidedAt(decidedAtMs);
  }

  async end(status: 'done' | 'failed', error: string): Promise<void> {
    await this.saving;
    this.run = { ...this.run, status, error };
    await this.save();
  }

  private addDecidedAt(instantMs: number): void {
    if (this.run.decidedAtMs.includes(instantMs)) return;
    this.run = { ...this.run, decidedAtMs: [...this.run.decidedAtMs, instantMs] };
  }

  private async goOn(): Promise<void> {
    if (Date.now() - this.savedAtMs < SAVE_MS) return;
    await this.save();
    if (this.batch.isStale()) this.abort.abort();
    // A heartbeat that fails says that the partition is lost.
    await this.batch.heartbeat().catch(() => this.abort.abort());
  }

  private async save(): Promise<void> {
    const nowMs = Date.now();
    const behind = this.behind.map((tick) => ({ ...newEvaluationRun(tick), updatedAtMs: nowMs }));
    await saveEvaluationRuns(this.store, [{ ...this.run, updatedAtMs: nowMs }, ...behind]);
    this.savedAtMs = nowMs;
  }
}
