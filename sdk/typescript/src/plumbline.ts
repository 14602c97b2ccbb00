import { setTimeout as delay } from 'node:timers/promises';
import { atExit } from './at-exit.js';
import { BatchQueue } from './batch-queue.js';
import { Counters, type Statistics } from './counters.js';
import { ErrorReporter } from './error-reporter.js';
import { EventText } from './event-text.js';
import { HttpTransport } from './http-transport.js';
import { type BeforeSend, type PlumblineOptions, resolveOptions, type Settings } from './options.js';
import type { EventKind, PlumblineErrorReason } from './plumbline-error.js';
import { type LabelInput, type PredictionInput, wireLabel, wirePrediction } from './prediction-input.js';
import { redactionOf } from './redaction.js';
import { isSampled } from './sampling.js';
import { Sender } from './sender.js';
import { Spool } from './spool.js';
import { uuidV7 } from './uuid-v7.js';
import type { WireEvent, WirePrediction } from './wire-event.js';

const DEFAULT_FLUSH_TIMEOUT_MS = 10_000;
const DEFAULT_BATCH_TIMEOUT_MS = 60_000;
/** How often a waiting `logBatch` looks whether there is room. */
const ROOM_POLL_MS = 20;
/** That a close without a server waits for writes to the spool that have begun. */
const FILES_WRITTEN_MS = 1_000;

/**
 * Logs predictions and labels. No method throws, whatever it is given, and none waits for the network: events go into a bounded queue and
 * from there in batches to the server. What is lost is counted (`statistics`) and told (`onError`).
 *
 * @example
 * const plumbline = new Plumbline({ url: 'http://127.0.0.1:8080', model: 'loans' });
 * const id = plumbline.logPrediction({ features: { age: 41 }, prediction: { label: 1, score: 0.71 } });
 * plumbline.logLabel({ predictionId: id, label: 0 });
 * await plumbline.close();
 */
export class Plumbline {
  private readonly settings: Settings;
  private readonly beforeSend: BeforeSend | undefined;
  private readonly errors: ErrorReporter;
  private readonly counters = new Counters();
  private readonly text: EventText;
  private readonly queue: BatchQueue;
  private readonly spool: Spool | undefined;
  private readonly sender: Sender;
  private timer: NodeJS.Timeout | undefined;
  private takingOver: Promise<void> | undefined;
  private closing: Promise<boolean> | undefined;
  private forgetExit: (() => void) | undefined;
  /** Events for which there was no room since that was last told. */
  private unroomed: { kind: EventKind; count: number } | undefined;

  constructor(options: PlumblineOptions = {}) {
    const { settings, faults } = resolveOptions(options, process.env);
    this.settings = settings;
    this.beforeSend = options.beforeSend;
    this.errors = new ErrorReporter(options.onError);
    for (const fault of faults) this.errors.tell(fault);
    this.text = new EventText(settings.redact.length === 0 ? undefined : redactionOf(settings.redact));
    if (settings.enabled && settings.spoolDir) {
      this.spool = new Spool(settings.spoolDir, (error) => this.errors.tell(error));
    }
    this.queue = new BatchQueue(settings, this.spool);
    const transport = options.transport ?? new HttpTransport(settings.url);
    this.sender = new Sender(this.queue, transport, settings, this.counters, this.errors);
    if (!settings.enabled) return;
    this.forgetExit = atExit({ beforeExit: () => this.beforeExit(), exit: () => this.exit() });
    this.takingOver = this.takeOver();
  }

  /** Whether anything is sent. */
  get enabled(): boolean {
    return this.settings.enabled;
  }

  /** Queues a prediction. Returns its id, for the label that comes later; also when it is not sent. */
  logPrediction(input: PredictionInput): string {
    const nowMs = Date.now();
    const predictionId = idOf(input) ?? uuidV7(nowMs);
    if (this.settings.enabled) {
      this.log('prediction', predictionId, () => {
        const event = wirePrediction(input, predictionId, nowMs, this.settings);
        const { sampleRate } = this.settings;
        if (sampleRate < 1) event.sample_rate = sampleRate;
        return event;
      });
    }
    return predictionId;
  }

  /** Queues the truth about a prediction. It may come before the prediction, again, or corrected: the latest holds. */
  logLabel(input: LabelInput): void {
    if (!this.settings.enabled) return;
    this.log('label', idOf(input), () => wireLabel(input, Date.now(), this.settings));
  }

  /**
   * Queues many predictions, as a batch job has them. Where the queue is full it waits for room, so that nothing is lost while the server keeps up.
   * Resolves with the ids once all are queued. After `timeoutMs` without room the rest is dropped, counted and told.
   */
  async logBatch(inputs: Iterable<PredictionInput>, { timeoutMs = DEFAULT_BATCH_TIMEOUT_MS } = {}): Promise<string[]> {
    const ids: string[] = [];
    let patient = true;
    for (const input of inputs) {
      if (patient && this.settings.enabled && !this.hasRoom()) patient = await this.room(timeoutMs);
      ids.push(this.logPrediction(input));
    }
    return ids;
  }

  /** Sends what is queued. Resolves true when the server has judged all of it, false when that took longer than `timeoutMs`. */
  async flush(timeoutMs = DEFAULT_FLUSH_TIMEOUT_MS): Promise<boolean> {
    if (!this.settings.enabled) return true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<false>((resolve) => {
      // It keeps the process alive, or a program that waits for it would end instead.
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const all = (async () => {
      await this.takingOver;
      this.seal();
      await this.sender.settled();
      return true as const;
    })();
    const inTime = await Promise.race([all, timeout]);
    clearTimeout(timer);
    return inTime;
  }

  /**
   * Sends what is queued, for at most `timeoutMs`, and stops. What could not be sent stays in the spool folder, if there is one; otherwise it is dropped, counted
   * and told. Resolves true when nothing was left. Logging afterwards drops.
   */
  close(timeoutMs = this.settings.exitTimeoutMs): Promise<boolean> {
    this.closing ??= this.end(timeoutMs);
    return this.closing;
  }

  /** For middleware: tells of something that could not be logged. */
  reportInvalidCall(message: string, cause: unknown): void {
    this.counters.logged += 1;
    this.drop('invalid_call', message, { kind: 'prediction', cause });
  }

  /** What became of the events so far. */
  statistics(): Statistics {
    return this.counters.read(this.queue.events, this.queue.bytes);
  }

  private log(kind: EventKind, predictionId: string | undefined, make: () => WireEvent): void {
    this.counters.logged += 1;
    if (this.closing) return this.drop('closed', 'the client was closed', { kind });
    let reason: PlumblineErrorReason = 'invalid_call';
    try {
      if (predictionId !== undefined && !isSampled(predictionId, this.settings.sampleRate)) {
        this.counters.sampledOut += 1;
        return;
      }
      let event: WireEvent | null | undefined = make();
      if (this.beforeSend) {
        reason = 'before_send_failed';
        // It may change what it gets, which must not be the caller's.
        if ('features' in event) event.features = { ...event.features };
        event = this.beforeSend(event, kind);
        if (event === null || event === undefined) {
          this.counters.filtered += 1;
          return;
        }
      }
      reason = 'not_serializable';
      // The kind says which of the two it is.
      const line = kind === 'label' ? this.text.label(event) : this.text.prediction(event as WirePrediction);
      this.enqueue(kind, predictionId, line);
    } catch (error) {
      this.drop(reason, error instanceof Error ? error.message : String(error), { kind, predictionId, cause: error });
    }
  }

  private enqueue(kind: EventKind, predictionId: string | undefined, line: string): void {
    const sizeBytes = Buffer.byteLength(line) + 1;
    const { maxEventBytes } = this.settings;
    if (sizeBytes > maxEventBytes) {
      const message = `the event has ${sizeBytes} bytes, more than ${maxEventBytes} (maxEventBytes)`;
      return this.drop('event_too_large', message, { kind, predictionId });
    }
    if (!this.queue.push(kind, line, sizeBytes)) return this.noRoom(kind);
    if (this.queue.head) this.sender.wake();
    this.timer ??= setTimeout(() => this.tick(), this.settings.flushIntervalMs).unref();
  }

  /** A flood that finds no room is told once for each turn of the timer, not event by event. */
  private noRoom(kind: EventKind): void {
    this.counters.drop('queue_full', 1);
    if (this.unroomed) this.unroomed.count += 1;
    else this.unroomed = { kind, count: 1 };
    this.timer ??= setTimeout(() => this.tick(), this.settings.flushIntervalMs).unref();
  }

  private tellNoRoom(): void {
    if (!this.unroomed) return;
    const { kind, count } = this.unroomed;
    this.unroomed = undefined;
    const { maxQueueEvents, maxQueueBytes } = this.settings;
    const message = `the queue is full (maxQueueEvents ${maxQueueEvents}, maxQueueBytes ${maxQueueBytes}): new events are dropped`;
    this.errors.report('queue_full', message, { count, kind });
  }

  private tick(): void {
    this.timer = undefined;
    this.tellNoRoom();
    this.queue.sealWhenIdle();
    if (!this.queue.isEmpty) this.sender.wake();
  }

  private seal(): void {
    this.tellNoRoom();
    this.queue.sealAll();
  }

  private hasRoom(): boolean {
    const { maxQueueEvents, maxQueueBytes, maxBatchBytes } = this.settings;
    return (
      this.queue.events < maxQueueEvents &&
      this.queue.bytes + Math.min(maxBatchBytes, maxQueueBytes / 2) < maxQueueBytes
    );
  }

  private async room(timeoutMs: number): Promise<boolean> {
    this.queue.sealAll();
    this.sender.wake();
    const deadlineMs = Date.now() + timeoutMs;
    while (Date.now() < deadlineMs && !this.closing) {
      await new Promise((resolve) => setTimeout(resolve, ROOM_POLL_MS));
      if (this.hasRoom()) return true;
    }
    return false;
  }

  private async takeOver(): Promise<void> {
    this.queue.addLeft((await this.spool?.takeOver(Date.now())) ?? []);
    this.takingOver = undefined;
    if (this.queue.head) this.sender.wake();
  }

  private async end(timeoutMs: number): Promise<boolean> {
    if (!this.settings.enabled) return true;
    const all = await this.flush(timeoutMs);
    // What is being written would be written twice otherwise, perhaps while the next client reads it.
    if (!all) await Promise.race([this.queue.filesWritten(), delay(FILES_WRITTEN_MS, undefined, { ref: false })]);
    this.finish();
    return all;
  }

  private finish(): void {
    this.forgetExit?.();
    clearTimeout(this.timer);
    this.tellNoRoom();
    this.sender.stop();
    for (const { kind, count, kept } of this.queue.abandon()) {
      if (kept) this.counters.spooled += count;
      else if (count > 0) this.drop('not_sent_in_time', 'there was no time to send what was queued', { kind }, count);
    }
    this.spool?.close();
  }

  private beforeExit(): void {
    if (this.queue.isEmpty || this.closing) return;
    // Nothing else is left to do, so its timer alone holds the process, for no longer than the time-out.
    void this.close();
  }

  /** After `process.exit()` nothing asynchronous runs any more. */
  private exit(): void {
    this.closing ??= Promise.resolve(false);
    this.finish();
  }

  private drop(
    reason: PlumblineErrorReason,
    message: string,
    details: { readonly kind: EventKind; readonly predictionId?: string | undefined; readonly cause?: unknown },
    count = 1,
  ): void {
    this.counters.drop(reason, count);
    this.errors.report(reason, message, { ...details, count });
  }
}

/** The id of what a caller passed, who may have no types. */
function idOf(input: { readonly predictionId?: string | undefined } | undefined): string | undefined {
  return input?.predictionId;
}
