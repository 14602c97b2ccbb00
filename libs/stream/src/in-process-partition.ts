import { setImmediate, setTimeout } from 'node:timers/promises';
import type { TopicName } from '@plumbline/contracts';
import type { BatchHandler, HandlerErrorListener, PartitionHealth, StreamBatch, StreamRecord } from './event-stream.js';
import type { Publication } from './publication.js';
import { retryDelayMs } from './retry-delay.js';
import { StreamStoppedError } from './stream-error.js';

/** One object per record from publish to acknowledgement: it is what the handler sees, plus what the queue must know. */
interface QueuedRecord extends StreamRecord<unknown> {
  readonly sizeBytes: number;
  readonly queuedAtMs: number;
  readonly publication: Publication;
}

export interface PartitionConsumer {
  readonly handler: BatchHandler<unknown>;
  readonly maxRecords: number;
}

export interface InProcessPartitionOptions {
  readonly topic: TopicName;
  readonly partition: number;
  /** Distinguishes this process from the one before it, whose offsets began at 0 as well. */
  readonly epoch: string;
  readonly stopping: AbortSignal;
  readonly onHandlerError: HandlerErrorListener;
}

/**
 * The queue of one partition and the loop that hands it to the consumer, one batch at a time. What is queued while a handler
 * runs becomes the next batch: group commit without a timer.
 */
export class InProcessPartition {
  private waiting: QueuedRecord[] = [];
  private inHand: readonly QueuedRecord[] = [];
  private bytes = 0;
  private nextOffset = 0;
  private lastProgressAtMs = Date.now();
  private consumer: PartitionConsumer | undefined;
  private loop: Promise<void> | undefined;

  constructor(private readonly options: InProcessPartitionOptions) {}

  get queuedBytes(): number {
    return this.bytes;
  }

  enqueue(key: string, value: unknown, sizeBytes: number, publication: Publication): void {
    this.waiting.push({
      offset: String(this.nextOffset++),
      key,
      value,
      sizeBytes,
      queuedAtMs: publication.publishedAtMs,
      publication,
    });
    this.bytes += sizeBytes;
    this.startLoop();
  }

  consume(consumer: PartitionConsumer): void {
    this.consumer = consumer;
    this.startLoop();
  }

  health(nowMs: number): PartitionHealth {
    const oldest = this.inHand[0] ?? this.waiting[0];
    return {
      topic: this.options.topic,
      partition: this.options.partition,
      queuedRecords: this.inHand.length + this.waiting.length,
      queuedBytes: this.bytes,
      oldestAgeMs: oldest ? Math.max(0, nowMs - oldest.queuedAtMs) : 0,
      lastProgressAtMs: this.lastProgressAtMs,
    };
  }

  /** Resolves when the running handler has finished. Call it after `stopping` has been aborted. */
  async drain(): Promise<void> {
    await this.loop;
    // Never acknowledged, so nothing is lost: whoever published these learns that they must be sent again.
    const stopped = new StreamStoppedError();
    for (const record of this.waiting) record.publication.reject(stopped);
    this.waiting = [];
    this.bytes = 0;
  }

  private startLoop(): void {
    if (this.loop || !this.consumer || this.waiting.length === 0 || this.options.stopping.aborted) return;
    // No catch: only a listener that throws gets here, and an unhandled rejection ends the process, as it should.
    this.loop = this.run(this.consumer).finally(() => {
      this.loop = undefined;
      this.startLoop();
    });
  }

  private async run({ handler, maxRecords }: PartitionConsumer): Promise<void> {
    // A turn later, so that what is published in this one makes one batch and no handler runs inside a call of publish.
    await Promise.resolve();
    while (this.waiting.length > 0 && !this.options.stopping.aborted) {
      const records = this.waiting.splice(0, maxRecords);
      this.inHand = records;
      this.lastProgressAtMs = Date.now();
      const stopped = await this.deliver(this.batchOf(records), handler);
      this.inHand = [];
      for (const record of records) {
        this.bytes -= record.sizeBytes;
        if (stopped) record.publication.reject(stopped);
        else record.publication.handled();
      }
    }
  }

  /** Runs the handler until it returns; what to tell the publishers when the stream was stopped before it did. */
  private async deliver(
    batch: StreamBatch<unknown>,
    handler: BatchHandler<unknown>,
  ): Promise<StreamStoppedError | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        await handler(batch);
        this.lastProgressAtMs = Date.now();
        return undefined;
      } catch (error) {
        this.options.onHandlerError(error, batch, attempt);
      }
      await pause(retryDelayMs(attempt), this.options.stopping);
      if (this.options.stopping.aborted) return new StreamStoppedError();
    }
  }

  private batchOf(records: readonly QueuedRecord[]): StreamBatch<unknown> {
    const { topic, partition, epoch } = this.options;
    return {
      topic,
      partition,
      identity: `${topic}:${partition}:${epoch}:${records[0]!.offset}-${records.at(-1)!.offset}`,
      ownership: epoch,
      records,
      heartbeat: async () => {
        this.lastProgressAtMs = Date.now();
        // The handler shares its thread with intake: a long one lets requests in here.
        await setImmediate();
      },
      // This process is the only one there is, so it cannot lose a partition.
      isStale: () => false,
    };
  }
}

/** Waits, but not longer than until the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
