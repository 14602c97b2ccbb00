import { setTimeout } from 'node:timers/promises';
import type { TopicName } from '@plumbline/contracts';
import type kafkajs from 'kafkajs';
import type { Kafka, Message, Producer, RecordMetadata } from 'kafkajs';
import { StreamOverloadedError, StreamStoppedError, StreamUnavailableError } from '../stream-error.js';
import { failpoint } from './failpoint.js';
import type { Lifeline } from './lifeline.js';
import { TimedPublication } from './timed-publication.js';
import { SendLane, type OutgoingMessage } from './send-lane.js';

/** A second: what waits is acknowledged in batches, and the next one seldom takes longer. */
const OVERLOAD_RETRY_AFTER_MS = 1_000;
/** Below the brokers' default limit of a record batch (1 048 588 bytes), with room for what frames the records. */
const MAX_PARTITION_BYTES = 900 * 1024;
const MAX_REQUEST_MESSAGES = 20_000;
/** What a record weighs in a batch beside key, value and headers. */
const RECORD_OVERHEAD_BYTES = 32;
/** Of a request: brokers that hang for longer are asked again. */
const REQUEST_TIMEOUT_MS = 30_000;
/** After these the broker knows another sequence of messages than the producer: only a new producer can go on. */
const LOST_SEQUENCE = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'DUPLICATE_SEQUENCE_NUMBER',
]);
const NEW_PRODUCERS_PER_REQUEST = 3;

export interface KafkaProducerOptions {
  readonly kafka: Kafka;
  readonly lifeline: Lifeline;
  readonly partitioners: typeof kafkajs.Partitioners;
  readonly compression: number;
  /** The name in Kafka. */
  readonly topicNameOf: (topic: TopicName) => string;
  readonly maxQueueBytes: number;
  readonly acknowledgeTimeoutMs: number;
}

/** A message with its partition decided. */
export interface KeyedMessage {
  readonly partition: number;
  readonly message: Message & { readonly value: Buffer | null };
}

/** The way to the brokers: a queue bounded in bytes, a lane per topic, and one idempotent producer behind them. */
export class KafkaProducer {
  private readonly lanes = new Map<TopicName, SendLane>();
  private producer: Producer | undefined;
  private renewal: Promise<void> | undefined;
  private bytes = 0;
  private isStopping = false;

  constructor(private readonly options: KafkaProducerOptions) {}

  async connect(): Promise<void> {
    this.producer = this.newProducer();
    await this.producer.connect();
  }

  /**
   * Resolves when all replicas that are in sync have the messages.
   * @throws RangeError, StreamOverloadedError, StreamUnavailableError, StreamStoppedError as `EventStream.publish`
   */
  async publish(topic: TopicName, messages: readonly KeyedMessage[]): Promise<void> {
    if (this.isStopping) throw new StreamStoppedError();
    const { maxQueueBytes, acknowledgeTimeoutMs } = this.options;
    const lane = this.laneOf(topic);
    const sizes = messages.map(({ message }) => sizeOf(message));
    const publishedBytes = sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    if (publishedBytes > maxQueueBytes) {
      throw new RangeError(
        `records of ${publishedBytes} bytes can never fit the stream's queue of ${maxQueueBytes}: publish fewer at once, or raise kafka.maxQueueBytes`,
      );
    }
    const silentMs = this.silentMs(lane);
    if (silentMs > acknowledgeTimeoutMs) {
      // What is under way is still tried, and the first that succeeds opens the way again: nobody needs to wait for it here.
      throw new StreamUnavailableError(`the Kafka brokers have acknowledged nothing for ${silentMs} ms`);
    }
    if (this.bytes + publishedBytes > maxQueueBytes) {
      throw new StreamOverloadedError(
        `${this.bytes} bytes wait in the stream's queue of ${maxQueueBytes}: no room for ${publishedBytes} more`,
        OVERLOAD_RETRY_AFTER_MS,
      );
    }
    this.bytes += publishedBytes;
    const publication = new TimedPublication(messages.length, acknowledgeTimeoutMs, () => lane.dropSettled());
    lane.enqueue(
      messages.map(({ partition, message }, index): OutgoingMessage => ({
        partition,
        message: { ...message, partition },
        sizeBytes: sizes[index]!,
        publication,
      })),
    );
    await publication.settled;
  }

  /** What is wrong, in sentences. */
  faults(): string[] {
    return [...this.lanes].flatMap(([topic, lane]) => {
      const silentMs = this.silentMs(lane);
      if (silentMs <= this.options.acknowledgeTimeoutMs) return [];
      return [`the Kafka brokers have acknowledged nothing to ${topic} for ${Math.round(silentMs / 1_000)} s`];
    });
  }

  /** Takes nothing more; what waits is still sent. */
  close(): void {
    this.isStopping = true;
  }

  /** Sends what waits for at most `graceMs`, tells publishers of the rest, and disconnects. */
  async stop(graceMs: number): Promise<void> {
    this.close();
    const lanes = [...this.lanes.values()];
    const timer = new AbortController();
    await Promise.race([
      Promise.all(lanes.map((lane) => lane.emptied())),
      setTimeout(graceMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    for (const lane of lanes) lane.rejectAll(new StreamStoppedError());
    await this.producer?.disconnect();
  }

  /** How long the oldest message of a lane has been under way. */
  private silentMs(lane: SendLane): number {
    const sinceMs = lane.inFlightSinceMs;
    return sinceMs === undefined ? 0 : Date.now() - sinceMs;
  }

  private newProducer(): Producer {
    const { kafka, lifeline, partitioners } = this.options;
    return kafka.producer({
      idempotent: true,
      retry: lifeline.retry,
      // Partitions are given with each message; this only keeps kafkajs from warning of its default.
      createPartitioner: partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
  }

  private laneOf(topic: TopicName): SendLane {
    let lane = this.lanes.get(topic);
    if (!lane) {
      const name = this.options.topicNameOf(topic);
      lane = new SendLane({
        maxPartitionBytes: MAX_PARTITION_BYTES,
        maxRequestMessages: MAX_REQUEST_MESSAGES,
        send: async (messages) => {
          const answers = await this.send(name, messages);
          failpoint(`after send ${topic}`);
          return answers;
        },
        failure: (error) => (this.isStopping ? new StreamStoppedError() : unavailable(error)),
        released: (sizeBytes) => {
          this.bytes -= sizeBytes;
        },
      });
      this.lanes.set(topic, lane);
    }
    return lane;
  }

  private async send(topic: string, messages: readonly Message[]): Promise<RecordMetadata[]> {
    for (let attempt = 1; ; attempt++) {
      const producer = this.producer!;
      try {
        return await producer.send({
          topic,
          messages: [...messages],
          acks: -1,
          timeout: REQUEST_TIMEOUT_MS,
          compression: this.options.compression,
        });
      } catch (error) {
        if (attempt > NEW_PRODUCERS_PER_REQUEST || this.isStopping || !hasLostSequence(error)) throw error;
        // Messages that were taken all the same are doubles now; their ids tell.
        await this.renew(producer);
      }
    }
  }

  /** Puts a new producer in the place of one whose sequence is lost; once for all lanes that notice. */
  private async renew(lost: Producer): Promise<void> {
    if (this.producer !== lost) return;
    this.renewal ??= (async () => {
      const producer = this.newProducer();
      await producer.connect();
      this.producer = producer;
      await lost.disconnect();
    })().finally(() => {
      this.renewal = undefined;
    });
    await this.renewal;
  }
}

function unavailable(error: unknown): StreamUnavailableError {
  return new StreamUnavailableError(
    `the Kafka broker did not take the records: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}

function hasLostSequence(error: unknown): boolean {
  for (let current = error as { type?: unknown; cause?: unknown } | undefined; current;) {
    if (typeof current.type === 'string' && LOST_SEQUENCE.has(current.type)) return true;
    current = current.cause as typeof current | undefined;
  }
  return false;
}

/** What a message weighs in the queue, in bytes. */
export function sizeOf({ key, value, headers }: KeyedMessage['message']): number {
  let sizeBytes = RECORD_OVERHEAD_BYTES + (value?.length ?? 0) + (key ? Buffer.byteLength(key) : 0);
  for (const [name, content] of Object.entries(headers ?? {})) {
    for (const part of Array.isArray(content) ? content : [content]) {
      sizeBytes += name.length + (part ? Buffer.byteLength(part) : 0) + 2;
    }
  }
  return sizeBytes;
}
