import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { TopicName, TopicRecords } from '@plumbline/contracts';
import type {
  BatchHandler,
  HandlerErrorListener,
  OutgoingRecord,
  StreamHealth,
  SubscribeOptions,
} from './event-stream.js';
import { EventStream } from './event-stream.js';
import { InProcessPartition } from './in-process-partition.js';
import { partitionOfKey } from './partition-of-key.js';
import { Publication } from './publication.js';
import { StreamOverloadedError, StreamStoppedError } from './stream-error.js';

/** A second: the queue drains in batches, and a batch seldom takes longer. */
const OVERLOAD_RETRY_AFTER_MS = 1_000;

export interface InProcessEventStreamOptions {
  /** Per topic; fixes which keys are handled side by side. */
  readonly partitions: number;
  /** Bound of all records that are not handled yet, over all topics: of the memory that the stream may take. */
  readonly maxQueueBytes: number;
  readonly maxBatchRecords: number;
  readonly onHandlerError: HandlerErrorListener;
}

/**
 * The stream of a single process, with the semantics of Kafka except that nothing outlives the process: therefore publish
 * resolves only when the handler has returned, and whoever was not told so sends again.
 */
export class InProcessEventStream extends EventStream {
  override readonly publishMeans = 'handled';
  private readonly epoch = randomBytes(8).toString('hex');
  private readonly topics = new Map<TopicName, readonly InProcessPartition[]>();
  private readonly subscribed = new Set<TopicName>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: InProcessEventStreamOptions) {
    super();
    // Every partition whose handler fails waits on the signal; more than ten of them are no leak.
    setMaxListeners(0, this.stopping.signal);
  }

  override async publish<K extends TopicName>(
    topic: K,
    records: readonly OutgoingRecord<TopicRecords[K]>[],
  ): Promise<void> {
    if (this.stopping.signal.aborted) throw new StreamStoppedError();
    if (records.length === 0) return;
    this.assertRoomFor(records);
    const partitions = this.partitionsOf(topic);
    const publication = new Publication(records.length, Date.now());
    let key: string | undefined;
    let partition = 0;
    for (const record of records) {
      // Records of one request mostly share their model, so the hash of the one before usually holds.
      if (record.key !== key) {
        key = record.key;
        partition = partitionOfKey(key, partitions.length);
      }
      partitions[partition]!.enqueue(record.key, record.value, record.sizeBytes, publication);
    }
    await publication.settled;
  }

  override async subscribe<K extends TopicName>(
    topic: K,
    handler: BatchHandler<TopicRecords[K]>,
    options: SubscribeOptions,
  ): Promise<void> {
    if (this.stopping.signal.aborted) throw new StreamStoppedError();
    if (this.subscribed.has(topic)) throw new Error(`topic ${topic} already has a subscription in this stream`);
    this.subscribed.add(topic);
    const consumer = {
      // The queue of a topic holds what publish put there, and publish takes only records of the topic's type.
      handler: handler as BatchHandler<unknown>,
      maxRecords: options.maxRecords ?? this.options.maxBatchRecords,
    };
    for (const partition of this.partitionsOf(topic)) partition.consume(consumer);
  }

  override owns(topic: TopicName, _key: string): boolean {
    return this.subscribed.has(topic) && !this.stopping.signal.aborted;
  }

  override health(): StreamHealth {
    const nowMs = Date.now();
    return { partitions: this.allPartitions().map((partition) => partition.health(nowMs)), faults: [] };
  }

  override async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.allPartitions().map((partition) => partition.drain()));
  }

  private assertRoomFor(records: readonly OutgoingRecord<unknown>[]): void {
    const { maxQueueBytes } = this.options;
    const publishedBytes = records.reduce((sum, record) => sum + record.sizeBytes, 0);
    if (publishedBytes > maxQueueBytes) {
      throw new RangeError(
        `records of ${publishedBytes} bytes can never fit the stream's queue of ${maxQueueBytes}: publish fewer at once, or raise maxQueueBytes`,
      );
    }
    const queuedBytes = this.allPartitions().reduce((sum, partition) => sum + partition.queuedBytes, 0);
    if (queuedBytes + publishedBytes > maxQueueBytes) {
      throw new StreamOverloadedError(
        `${queuedBytes} bytes wait in the stream's queue of ${maxQueueBytes}: no room for ${publishedBytes} more`,
        OVERLOAD_RETRY_AFTER_MS,
      );
    }
  }

  private allPartitions(): InProcessPartition[] {
    return [...this.topics.values()].flat();
  }

  private partitionsOf(topic: TopicName): readonly InProcessPartition[] {
    let partitions = this.topics.get(topic);
    if (!partitions) {
      partitions = Array.from(
        { length: this.options.partitions },
        (_, partition) =>
          new InProcessPartition({
            topic,
            partition,
            epoch: this.epoch,
            stopping: this.stopping.signal,
            onHandlerError: this.options.onHandlerError,
          }),
      );
      this.topics.set(topic, partitions);
    }
    return partitions;
  }
}
