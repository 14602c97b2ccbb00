import { setImmediate, setTimeout } from 'node:timers/promises';
import type { TopicName } from '@plumbline/contracts';
import type { KafkaMessage } from 'kafkajs';
import type {
  BatchHandler,
  HandlerErrorListener,
  PartitionHealth,
  StreamBatch,
  StreamRecord,
} from '../event-stream.js';
import type { RecordCodec, StoredMessage } from '../record-codec.js';
import { retryDelayMs } from '../retry-delay.js';
import { failpoint } from './failpoint.js';

/** What a message weighs beside its key and value: objects and headers. */
const MESSAGE_OVERHEAD_BYTES = 200;
/** Decoding stops for a moment after this many bytes: other work shares the thread. */
const DECODE_SLICE_BYTES = 512 * 1024;

const ALIVE_POLL_MS = 100;

/** A message that was put on a partition that its key does not belong to. */
export interface MisroutedMessage {
  readonly key: string;
  readonly message: StoredMessage;
}

export interface KafkaPartitionOptions {
  readonly topic: TopicName;
  readonly partition: number;
  /** Of the membership that the partition was assigned under. */
  readonly ownership: string;
  readonly codec: RecordCodec<unknown>;
  /** The key of a record when it belongs to another partition than this; undefined when it is right here. */
  readonly foreignKeyOf: (value: unknown, partition: number) => string | undefined;
  readonly handler: BatchHandler<unknown>;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** Bytes ahead of the handler from which on fetching pauses; it goes on at half of them. */
  readonly maxAheadBytes: number;
  readonly onHandlerError: HandlerErrorListener;
  /**
   * Publishes the first of these again under their right keys, as many as go at once; resolves with their number when they are durable.
   * @throws RangeError when the first of them can never be published
   */
  readonly reroute: (messages: readonly MisroutedMessage[]) => Promise<number>;
  /** Commits the offset of the next record; false when the group would not take it from us any more. */
  readonly commit: (nextOffset: bigint) => Promise<boolean>;
  readonly heartbeat: () => void;
  /** False when the broker may believe that this process is gone. */
  readonly sessionIsAlive: () => boolean;
  readonly pauseFetching: () => void;
  readonly resumeFetching: () => void;
}

interface HeldMessage {
  readonly message: KafkaMessage;
  readonly sizeBytes: number;
  readonly heldSinceMs: number;
}

/** A partition while it is assigned to this process: what was fetched ahead, and the loop that hands it to the handler. */
export class KafkaPartition {
  private waiting: HeldMessage[] = [];
  private inHand: readonly HeldMessage[] = [];
  private bytes = 0;
  private paused = false;
  private loop: Promise<void> | undefined;
  private lastProgressAtMs = Date.now();
  private isLost = false;
  private readonly closing = new AbortController();
  private committedOffset: bigint | undefined;
  private highWatermark: bigint | undefined;
  /** Where the next fetched batch begins if none is missing. */
  private nextFetchOffset: string | undefined;
  private refusedFetchOffset: string | undefined;

  constructor(private readonly options: KafkaPartitionOptions) {}

  get partition(): number {
    return this.options.partition;
  }

  /** True when no handler runs. */
  get isIdle(): boolean {
    return this.loop === undefined;
  }

  /** Where this one stopped: the first offset that no handler returned from. Undefined when it never held a record. */
  get firstUnhandledOffset(): string | undefined {
    return (this.inHand[0] ?? this.waiting[0])?.message.offset ?? this.nextFetchOffset;
  }

  /** Tells where the one before this, of the same process, has stopped: a batch from elsewhere may be a late one of its own. */
  expectFrom(offset: string | undefined): void {
    this.nextFetchOffset = offset;
  }

  /**
   * Takes a fetched batch; false when it must be fetched again, because it does not follow the one before. After a rebalance a
   * fetch of the time before it may still arrive: taken, it would move the position past what was given up. A late one comes
   * once; what is fetched a second time from the same offset is where the group really stands.
   */
  take(
    fetchedOffset: string,
    nextFetchOffset: string,
    highWatermark: string,
    messages: readonly KafkaMessage[],
  ): boolean {
    const follows = this.nextFetchOffset === undefined || this.nextFetchOffset === fetchedOffset;
    if (!follows && this.refusedFetchOffset !== fetchedOffset) {
      this.refusedFetchOffset = fetchedOffset;
      return false;
    }
    this.refusedFetchOffset = undefined;
    this.nextFetchOffset = nextFetchOffset;
    this.noteEnd(BigInt(highWatermark));
    this.committedOffset ??= BigInt(fetchedOffset);
    const nowMs = Date.now();
    for (const message of messages) {
      const sizeBytes = (message.key?.length ?? 0) + (message.value?.length ?? 0) + MESSAGE_OVERHEAD_BYTES;
      this.waiting.push({ message, sizeBytes, heldSinceMs: nowMs });
      this.bytes += sizeBytes;
    }
    this.pauseOrResume();
    this.startLoop();
    return true;
  }

  /** Notes what the broker says: where the partition ends, and what the group has committed. */
  noteEnd(highWatermark: bigint, committedOffset?: bigint): void {
    if (this.highWatermark === undefined || highWatermark > this.highWatermark) this.highWatermark = highWatermark;
    this.committedOffset ??= committedOffset;
  }

  /** No batch is begun from now on, and what waits is dropped: it was never acknowledged. A running handler goes on. */
  close(): void {
    this.closing.abort();
  }

  /** Another process may own the partition from now on. */
  lose(): void {
    this.isLost = true;
    this.close();
  }

  /** Resolves when no handler runs nor will run. Call it after `close`. */
  async finished(): Promise<void> {
    await this.loop;
  }

  health(nowMs: number): PartitionHealth {
    const held = this.inHand.length + this.waiting.length;
    const { highWatermark, committedOffset } = this;
    const lag =
      highWatermark !== undefined && committedOffset !== undefined ? Number(highWatermark - committedOffset) : held;
    const oldest = this.inHand[0] ?? this.waiting[0];
    return {
      topic: this.options.topic,
      partition: this.partition,
      // What is fetched and not committed counts even while the end of the partition is not known yet.
      queuedRecords: Math.max(0, lag, held),
      queuedBytes: this.bytes,
      oldestAgeMs: oldest ? Math.max(0, nowMs - oldest.heldSinceMs) : 0,
      lastProgressAtMs: this.lastProgressAtMs,
    };
  }

  private startLoop(): void {
    if (this.loop || this.waiting.length === 0 || this.closing.signal.aborted) return;
    // No catch: only a listener that throws gets here, and an unhandled rejection ends the process, as it should.
    this.loop = this.run().finally(() => {
      this.loop = undefined;
      this.startLoop();
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0 && !this.closing.signal.aborted) {
      const held = this.cut();
      this.inHand = held;
      this.lastProgressAtMs = Date.now();
      if (!(await this.deliver(held))) {
        // Given up: what was in hand is where the partition stopped.
        this.close();
        return;
      }
      this.inHand = [];
      for (const { sizeBytes } of held) this.bytes -= sizeBytes;
      this.pauseOrResume();
    }
  }

  private cut(): HeldMessage[] {
    const { maxBatchRecords, maxBatchBytes } = this.options;
    let count = 0;
    for (let bytes = 0; count < this.waiting.length && count < maxBatchRecords; count++) {
      bytes += this.waiting[count]!.sizeBytes;
      if (bytes > maxBatchBytes && count > 0) break;
    }
    return this.waiting.splice(0, count);
  }

  /** Hands a batch over until the handler returns, and commits it; false when that was given up. */
  private async deliver(held: readonly HeldMessage[]): Promise<boolean> {
    const { topic, partition, handler } = this.options;
    const first = held[0]!.message;
    const last = held.at(-1)!.message;
    // The times are there for topics that were deleted and made again: their offsets begin anew, the identity must not.
    const identity = `${topic}:${partition}:${first.offset}-${last.offset}:${first.timestamp}-${last.timestamp}`;
    let batch = this.batchOf(identity, []);
    let misrouted: MisroutedMessage[] | undefined;
    const isHandled = await this.untilDone(
      () => batch,
      async () => {
        if (!misrouted) {
          const decoded = await this.decode(held);
          misrouted = decoded.misrouted;
          batch = this.batchOf(identity, decoded.records);
        }
        if (batch.records.length > 0) await handler(batch);
      },
    );
    if (!isHandled || !(await this.moveAway(misrouted!, identity))) return false;
    this.lastProgressAtMs = Date.now();
    failpoint(`after handle ${topic}`);
    if (!(await this.commitUpTo(BigInt(last.offset) + 1n))) return false;
    failpoint(`after commit ${topic}`);
    this.lastProgressAtMs = Date.now();
    return true;
  }

  /**
   * Publishes messages where they belong, piece by piece, and commits after each what lies before the rest: whoever begins again does
   * not write all of them a second time. False when that was given up.
   */
  private async moveAway(misrouted: readonly MisroutedMessage[], identity: string): Promise<boolean> {
    const { reroute, handler } = this.options;
    for (let at = 0; at < misrouted.length;) {
      const rest = misrouted.slice(at);
      let batch = this.batchOf(identity, []);
      const isMoved = await this.untilDone(
        () => batch,
        async () => {
          try {
            at += await reroute(rest);
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            // Larger than what can be published now, as a message may be that another producer compressed. It is handled here, and
            // the handler is told that another process owns its key.
            const { message } = rest[0]!;
            batch = { ...this.batchOf(`${identity}:${message.offset}`, [this.recordOf(message)]), isStale: () => true };
            await handler(batch);
            at += 1;
          }
        },
      );
      if (!isMoved) return false;
      this.lastProgressAtMs = Date.now();
      const next = misrouted[at];
      if (next === undefined) break;
      if (!(await this.commitUpTo(BigInt(next.message.offset))) || this.closing.signal.aborted) return false;
    }
    return true;
  }

  /** Tries until it succeeds, and tells of each failure; false when the partition was closed first. */
  private async untilDone(batch: () => StreamBatch<unknown>, work: () => Promise<void>): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      if (!(await this.untilAlive())) return false;
      try {
        await work();
        return true;
      } catch (error) {
        this.options.onHandlerError(error, batch(), attempt);
      }
      await this.pause(retryDelayMs(attempt));
      if (this.closing.signal.aborted) return false;
    }
  }

  /**
   * Waits until the broker has heard of this process, which may have been stopped for longer than its session: nothing is begun that
   * another one may be at. False when the partition was closed first.
   */
  private async untilAlive(): Promise<boolean> {
    while (!this.options.sessionIsAlive()) {
      if (this.closing.signal.aborted) return false;
      this.options.heartbeat();
      await this.pause(ALIVE_POLL_MS);
    }
    return true;
  }

  /** Commits that everything before this offset is done; false when this process may not, or could not. */
  private async commitUpTo(nextOffset: bigint): Promise<boolean> {
    if (this.isLost || !(await this.options.commit(nextOffset))) return false;
    this.committedOffset = nextOffset;
    this.inHand = this.inHand.filter(({ message }) => BigInt(message.offset) >= nextOffset);
    return true;
  }

  private async decode(
    held: readonly HeldMessage[],
  ): Promise<{ records: StreamRecord<unknown>[]; misrouted: MisroutedMessage[] }> {
    const { topic, partition, foreignKeyOf } = this.options;
    const records: StreamRecord<unknown>[] = [];
    const misrouted: MisroutedMessage[] = [];
    let sliceBytes = 0;
    for (const { message, sizeBytes } of held) {
      const stored: StoredMessage = {
        topic,
        partition,
        offset: message.offset,
        timestampMs: Number(message.timestamp),
        key: message.key,
        value: message.value,
        headers: message.headers ?? {},
      };
      const record = this.recordOf(stored);
      const foreignKey = foreignKeyOf(record.value, partition);
      if (foreignKey === undefined) records.push(record);
      else misrouted.push({ key: foreignKey, message: stored });
      sliceBytes += sizeBytes;
      if (sliceBytes > DECODE_SLICE_BYTES) {
        sliceBytes = 0;
        await setImmediate();
      }
    }
    return { records, misrouted };
  }

  private recordOf(message: StoredMessage): StreamRecord<unknown> {
    const { offset, key } = message;
    return { offset, key: key?.toString() ?? '', value: this.options.codec.decode(message) };
  }

  private batchOf(identity: string, records: readonly StreamRecord<unknown>[]): StreamBatch<unknown> {
    const { topic, partition, ownership, heartbeat, sessionIsAlive } = this.options;
    return {
      topic,
      partition,
      identity,
      ownership,
      records,
      heartbeat: async () => {
        this.lastProgressAtMs = Date.now();
        heartbeat();
        await setImmediate();
      },
      isStale: () => this.isLost || !sessionIsAlive(),
    };
  }

  private pauseOrResume(): void {
    const { maxAheadBytes, pauseFetching, resumeFetching } = this.options;
    if (!this.paused && this.bytes >= maxAheadBytes) {
      this.paused = true;
      pauseFetching();
    } else if (this.paused && this.bytes < maxAheadBytes / 2) {
      this.paused = false;
      // Not of interest when the partition has been taken away; then it is another's to resume.
      if (!this.closing.signal.aborted) resumeFetching();
    }
  }

  /** Waits, but not longer than until the partition is closed. */
  private async pause(ms: number): Promise<void> {
    const { signal } = this.closing;
    try {
      await setTimeout(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
