import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { answerOutcome, type Outcome } from './answer-outcome.js';
import { backoffMs } from './backoff.js';
import type { Batch } from './batch.js';
import type { BatchQueue } from './batch-queue.js';
import type { Counters } from './counters.js';
import type { ErrorReporter } from './error-reporter.js';
import type { Settings } from './options.js';
import type { PlumblineErrorReason } from './plumbline-error.js';
import type { Transport } from './transport.js';
import { VERSION } from './version.js';

const compress = promisify(gzip);

/** Below this compressing costs more than it saves. */
const MIN_GZIP_BYTES = 1024;
const PATHS = { prediction: '/v1/predictions', label: '/v1/labels' } as const;
/** A connection that idled may break on its next use; only an outage fails twice. */
const FAILURES_OF_AN_OUTAGE = 2;

interface Waiter {
  readonly lastNumber: number;
  readonly done: () => void;
}

/** Takes sealed batches out of the queue one by one, in order, until there are none. None of its timers keeps the process alive. */
export class Sender {
  private running = false;
  private stopped = false;
  private failures = 0;
  private readonly waiters: Waiter[] = [];
  private endPause: (() => void) | undefined;

  constructor(
    private readonly queue: BatchQueue,
    private readonly transport: Transport,
    private readonly settings: Settings,
    private readonly counters: Counters,
    private readonly errors: ErrorReporter,
  ) {}

  /** Starts sending unless that is under way. */
  wake(): void {
    if (this.running || this.stopped) return;
    this.running = true;
    void this.run();
  }

  /** Resolves when everything that is sealed by now has been settled. Tries at once, even while it waits after a failure. */
  settled(): Promise<void> {
    const { lastNumber } = this.queue;
    if (this.isSettled(lastNumber)) return Promise.resolve();
    const settled = new Promise<void>((done) => this.waiters.push({ lastNumber, done }));
    this.endPause?.();
    this.wake();
    return settled;
  }

  /** Sends nothing any more. What is under way stays in the queue. */
  stop(): void {
    this.stopped = true;
    this.endPause?.();
    this.transport.close?.();
  }

  private async run(): Promise<void> {
    for (;;) {
      const { head } = this.queue;
      if (head === undefined || this.stopped) break;
      if (head.lines === undefined && !(await this.restore(head))) continue;
      const outcome = await this.attempt(head);
      // What happened after the end is counted by whoever ended it.
      if (this.isStopped()) break;
      if (outcome.kind === 'retry') await this.pause(outcome.message, outcome.retryAfterMs, head);
      else this.settle(head, outcome);
    }
    this.running = false;
  }

  /** Reads the events of a batch from its file. False when they are lost. */
  private async restore(head: Batch): Promise<boolean> {
    try {
      const lines = (await head.file?.read()) ?? [];
      // A batch of an earlier process has not been counted yet.
      if (head.count === 0) this.counters.logged += lines.length;
      else if (lines.length < head.count) this.lose(head, head.count - lines.length, 'a file was cut short');
      this.queue.restore(head, lines);
      if (lines.length > 0) return true;
    } catch (error) {
      this.lose(head, head.count, String(error));
    }
    this.next();
    return false;
  }

  private async attempt(head: Batch): Promise<Outcome> {
    this.counters.requests += 1;
    const lines = head.lines ?? [];
    try {
      const { body, headers } = await this.encode(lines);
      const path = PATHS[head.kind];
      const response = await this.transport.send({ path, headers, body }, this.settings.requestTimeoutMs);
      return answerOutcome(response, lines.length, Date.now());
    } catch (error) {
      const message = `the server at ${this.settings.url.origin} does not answer: ${messageOf(error)}`;
      return { kind: 'retry', message, retryAfterMs: undefined };
    }
  }

  private async encode(lines: readonly string[]): Promise<{ body: Uint8Array; headers: Record<string, string> }> {
    const plain = Buffer.from(`${lines.join('\n')}\n`);
    const compressed = this.settings.gzip && plain.length >= MIN_GZIP_BYTES;
    const headers = {
      'content-type': 'application/x-ndjson',
      ...(compressed ? { 'content-encoding': 'gzip' } : {}),
      ...(this.settings.apiKey ? { authorization: `Bearer ${this.settings.apiKey}` } : {}),
      'user-agent': `plumbline-typescript/${VERSION}`,
    };
    return { body: compressed ? await compress(plain, { level: 1 }) : plain, headers };
  }

  private settle(head: Batch, outcome: Exclude<Outcome, { kind: 'retry' }>): void {
    this.failures = 0;
    switch (outcome.kind) {
      case 'split':
        this.queue.splitHead();
        return;
      case 'refused':
        this.drop('refused', outcome.message, head);
        break;
      case 'taken':
        this.counters.accepted += head.count - outcome.rejectedCount;
        this.counters.rejected += outcome.rejectedCount;
        this.tellRejections(head, outcome);
        break;
    }
    this.next();
  }

  private next(): void {
    this.queue.removeHead();
    for (let i = this.waiters.length - 1; i >= 0; i--) {
      if (this.isSettled(this.waiters[i]!.lastNumber)) this.waiters.splice(i, 1)[0]!.done();
    }
  }

  private isSettled(lastNumber: number): boolean {
    return (this.queue.head?.number ?? Infinity) > lastNumber;
  }

  private isStopped(): boolean {
    return this.stopped;
  }

  private async pause(message: string, retryAfterMs: number | undefined, head: Batch): Promise<void> {
    this.failures += 1;
    this.counters.retries += 1;
    if (this.failures === FAILURES_OF_AN_OUTAGE) {
      this.errors.report('retrying', `${message}; nothing is lost yet`, { kind: head.kind });
    }
    const delayMs = backoffMs(this.failures - 1, Math.random(), retryAfterMs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs).unref();
      // A flush does not wait, unless the server asked to.
      if (retryAfterMs === undefined || this.isStopped()) {
        this.endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      }
    });
    this.endPause = undefined;
  }

  private tellRejections({ kind, lines = [] }: Batch, { rejected, rejectedCount }: Outcome & { kind: 'taken' }): void {
    for (const { index, field, reason, message } of rejected) {
      const predictionId = idOf(lines[index]);
      const text = field === '' ? message : `${field} ${message}`;
      this.errors.report('rejected', text, { count: 1, kind, field, code: reason, predictionId });
    }
    const others = rejectedCount - rejected.length;
    if (others > 0) this.errors.report('rejected', `and ${others} more`, { count: others, kind });
  }

  private lose(batch: Batch, count: number, why: string): void {
    this.counters.drop('spool_failed', count);
    this.errors.report('spool_failed', `events in the spool cannot be read: ${why}`, { count, kind: batch.kind });
  }

  private drop(reason: PlumblineErrorReason, message: string, { kind, count }: Batch): void {
    this.counters.drop(reason, count);
    this.errors.report(reason, message, { count, kind });
  }
}

function idOf(line: string | undefined): string | undefined {
  if (line === undefined) return undefined;
  const event = JSON.parse(line) as { readonly prediction_id?: unknown };
  return typeof event.prediction_id === 'string' ? event.prediction_id : undefined;
}

function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}
