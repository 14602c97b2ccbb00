import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { TopicName, TopicRecords } from '@plumbline/contracts';
import type kafkajs from 'kafkajs';
import type { Admin, Kafka, KafkaConfig, LogEntry } from 'kafkajs';
import type {
  BatchHandler,
  HandlerErrorListener,
  OutgoingRecord,
  StreamHealth,
  SubscribeOptions,
} from '../event-stream.js';
import { EventStream } from '../event-stream.js';
import { partitionOfKey } from '../partition-of-key.js';
import type { RecordCodec } from '../record-codec.js';
import { StreamSetupError, StreamStoppedError } from '../stream-error.js';
import { chooseCompression, registerCodecs, type CompressionName } from './compression/register-codecs.js';
import { countPartitions, ensureTopics } from './ensure-topics.js';
import { explainConnectionError } from './explain-connection-error.js';
import type { KafkaConnection } from './kafka-connection.js';
import type { MisroutedMessage } from './kafka-partition.js';
import { KafkaProducer, type KeyedMessage, sizeOf } from './kafka-producer.js';
import { KafkaSubscription } from './kafka-subscription.js';
import { Lifeline } from './lifeline.js';

const CONNECT_TIMEOUT_MS = 10_000;
const WATCH_INTERVAL_MS = 10_000;
/** Longer than any rebalance, during which nothing is fetched either. */
const HUNG_AFTER_MS = 300_000;
const FLUSH_GRACE_MS = 3_000;
const REROUTED_BYTES_AT_ONCE = 512 * 1024;
const REROUTED_AT_ONCE = 1_000;
const START_RETRY_MS = 500;

export type KafkaLogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface KafkaEventStreamOptions {
  readonly connection: KafkaConnection;
  /** Of all topics that this process may publish to or subscribe; also tells which topics there must be. */
  readonly codecs: { readonly [K in TopicName]: RecordCodec<TopicRecords[K]> };
  /**
   * The key of a record; undefined for one that may lie anywhere. A record that lies on another partition than that of its key
   * is published again under its key, so that one process owns a key whatever producers do.
   */
  readonly keyOf: <K extends TopicName>(topic: K, value: TopicRecords[K]) => string | undefined;
  /** The names in Kafka of topics that have another name there. */
  readonly topicNames?: Partial<Record<TopicName, string>>;
  /** Of the names of consumer groups. */
  readonly groupPrefix: string;
  readonly createTopics: boolean;
  /** Of topics that are created. */
  readonly partitions: number;
  /** Of topics that are created; the brokers' default when absent. */
  readonly replicationFactor?: number;
  /** Of what is written; when absent zstd if it is installed, else none. */
  readonly compression?: CompressionName;
  /** Bound of what waits for the acknowledgement of the brokers. */
  readonly maxQueueBytes: number;
  readonly acknowledgeTimeoutMs: number;
  /** Bound of what is fetched ahead of the handlers, per topic. */
  readonly maxFetchedBytes: number;
  readonly maxBatchRecords: number;
  readonly sessionTimeoutMs: number;
  /** How long to wait for brokers that cannot be reached when the stream is opened. */
  readonly startTimeoutMs: number;
  /** How often the brokers are asked where partitions end; 10 s when absent. */
  readonly watchIntervalMs?: number;
  /** A consumer that fetches nothing for so long, although the brokers answer, is dead; 5 min when absent. */
  readonly hungAfterMs?: number;
  readonly onHandlerError: HandlerErrorListener;
  /** Told of a consumer that will not come back: the process must end. */
  readonly onDead: (error: Error) => void;
  /** Told what kafkajs logs, one level below what it thinks: outages that it survives need nobody. */
  readonly log?: (level: KafkaLogLevel, message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** The stream of many processes, over Apache Kafka. See docs/adr/0010. */
export class KafkaEventStream extends EventStream {
  override readonly publishMeans = 'queued';
  private readonly processId = randomUUID();
  private readonly subscriptions = new Map<TopicName, KafkaSubscription>();
  private readonly watching = new AbortController();
  private watch: Promise<void> = Promise.resolve();
  private stopped: Promise<void> | undefined;
  private watchFault: string | undefined;

  private constructor(
    private readonly options: KafkaEventStreamOptions,
    private readonly library: typeof kafkajs,
    private readonly kafka: Kafka,
    private readonly lifeline: Lifeline,
    private readonly admin: Admin,
    private readonly producer: KafkaProducer,
    private partitionCounts: ReadonlyMap<string, number>,
  ) {
    super();
  }

  /**
   * Connects, and makes topics that are missing.
   * @throws StreamSetupError that says what to change
   */
  static async open(options: KafkaEventStreamOptions): Promise<KafkaEventStream> {
    const { default: library } = await import('kafkajs');
    registerCodecs(library);
    const compression = await chooseCompression(options.compression);
    const lifeline = new Lifeline();
    await reach(library, options, lifeline);
    const kafka = new library.Kafka({ ...clientConfig(library, options, lifeline), retry: lifeline.retry });
    const admin = kafka.admin();
    const topicNameOf = (topic: TopicName) => options.topicNames?.[topic] ?? topic;
    const producer = new KafkaProducer({
      kafka,
      lifeline,
      partitioners: library.Partitioners,
      compression: compressionType(library, compression),
      topicNameOf,
      maxQueueBytes: options.maxQueueBytes,
      acknowledgeTimeoutMs: options.acknowledgeTimeoutMs,
    });
    try {
      await admin.connect();
      const topics = Object.keys(options.codecs) as TopicName[];
      const partitionCounts = await ensureTopics(admin, {
        names: topics.map(topicNameOf),
        create: options.createTopics,
        partitions: options.partitions,
        ...(options.replicationFactor === undefined ? {} : { replicationFactor: options.replicationFactor }),
      });
      await producer.connect();
      const stream = new KafkaEventStream(options, library, kafka, lifeline, admin, producer, partitionCounts);
      stream.watch = stream.watchOffsets();
      return stream;
    } catch (error) {
      lifeline.cut();
      await admin.disconnect().catch(() => undefined);
      if (error instanceof StreamSetupError) throw error;
      throw new StreamSetupError(explainConnectionError(error, options.connection).sentence, { cause: error });
    }
  }

  override async publish<K extends TopicName>(
    topic: K,
    records: readonly OutgoingRecord<TopicRecords[K]>[],
  ): Promise<void> {
    if (this.stopped) throw new StreamStoppedError();
    if (records.length === 0) return;
    const codec: RecordCodec<TopicRecords[K]> = this.options.codecs[topic];
    let key: string | undefined;
    let partition = 0;
    const messages = records.map((record): KeyedMessage => {
      // Records of one request mostly share their model, so the hash of the one before usually holds.
      if (record.key !== key) {
        key = record.key;
        partition = this.partitionOf(topic, key);
      }
      return { partition, message: { key, ...codec.encode(record.value) } };
    });
    await this.producer.publish(topic, messages);
  }

  override async subscribe<K extends TopicName>(
    topic: K,
    handler: BatchHandler<TopicRecords[K]>,
    options: SubscribeOptions,
  ): Promise<void> {
    if (this.stopped) throw new StreamStoppedError();
    if (this.subscriptions.has(topic)) throw new Error(`topic ${topic} already has a subscription in this stream`);
    const topicName = this.nameOf(topic);
    const subscription = new KafkaSubscription({
      kafka: this.kafka,
      lifeline: this.lifeline,
      protocol: this.library.AssignerProtocol,
      processId: this.processId,
      topic,
      topicName,
      // A group for each topic: kafkajs gives partitions to members of a group whatever topics they have asked for.
      groupId: `${this.options.groupPrefix}${options.group}.${topicName}`,
      partitionCount: this.partitionCounts.get(topicName)!,
      // The codec of a topic gives records of the topic's type, which is what its handler takes.
      codec: this.options.codecs[topic],
      handler: handler as BatchHandler<unknown>,
      foreignKeyOf: (value, partition) => {
        const key = this.options.keyOf(topic, value as TopicRecords[K]);
        return key === undefined || this.partitionOf(topic, key) === partition ? undefined : key;
      },
      reroute: (messages) => this.reroute(topic, messages),
      maxBatchRecords: options.maxRecords ?? this.options.maxBatchRecords,
      maxBatchBytes: this.options.maxFetchedBytes,
      maxFetchedBytes: this.options.maxFetchedBytes,
      sessionTimeoutMs: this.options.sessionTimeoutMs,
      onHandlerError: this.options.onHandlerError,
      onDead: this.options.onDead,
    });
    this.subscriptions.set(topic, subscription);
    await subscription.start();
  }

  override owns(topic: TopicName, key: string): boolean {
    return this.subscriptions.get(topic)?.owns(this.partitionOf(topic, key)) ?? false;
  }

  override health(): StreamHealth {
    const nowMs = Date.now();
    const subscriptions = [...this.subscriptions.values()];
    const faults = this.producer.faults();
    if (this.watchFault) faults.push(this.watchFault);
    for (const { faultText } of subscriptions) if (faultText) faults.push(faultText);
    return { partitions: subscriptions.flatMap((subscription) => subscription.health(nowMs)), faults };
  }

  override async stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    await this.stopped;
  }

  private async stopAll(): Promise<void> {
    this.watching.abort();
    this.producer.close();
    const stopped = await Promise.allSettled([...this.subscriptions.values()].map((each) => each.stop()));
    await this.producer.stop(FLUSH_GRACE_MS);
    // Whatever still waits for brokers that do not answer ends here.
    this.lifeline.cut();
    await this.watch;
    await this.admin.disconnect();
    for (const each of stopped) if (each.status === 'rejected') throw each.reason;
  }

  private nameOf(topic: TopicName): string {
    return this.options.topicNames?.[topic] ?? topic;
  }

  private partitionOf(topic: TopicName, key: string): number {
    return partitionOfKey(key, this.partitionCounts.get(this.nameOf(topic)) ?? 1);
  }

  /** Puts messages where their keys belong, bytes and headers as they are: the first of them, as many as the queue takes beside others. */
  private async reroute(topic: TopicName, misrouted: readonly MisroutedMessage[]): Promise<number> {
    const pieceBytes = Math.min(REROUTED_BYTES_AT_ONCE, this.options.maxQueueBytes / 4);
    const piece: KeyedMessage[] = [];
    let bytes = 0;
    for (const { key, message } of misrouted) {
      const { value, headers, timestampMs } = message;
      const moved: KeyedMessage = {
        partition: this.partitionOf(topic, key),
        message: { key, value, headers: { ...headers }, timestamp: String(timestampMs) },
      };
      bytes += sizeOf(moved.message);
      if (piece.length > 0 && (bytes > pieceBytes || piece.length === REROUTED_AT_ONCE)) break;
      piece.push(moved);
    }
    try {
      await this.producer.publish(topic, piece);
      return piece.length;
    } catch (error) {
      if (!(error instanceof RangeError) || piece.length === 1) throw error;
    }
    // One of them is too large, and it does not say which.
    await this.producer.publish(topic, piece.slice(0, 1));
    return 1;
  }

  /** Asks the brokers now and then where partitions end: what health tells as lag, and the proof that they answer. */
  private async watchOffsets(): Promise<void> {
    const { signal } = this.watching;
    const { watchIntervalMs = WATCH_INTERVAL_MS } = this.options;
    while (!signal.aborted) {
      try {
        await setTimeout(watchIntervalMs, undefined, { signal });
        const askedAtMs = Date.now();
        this.partitionCounts = await countPartitions(this.admin, [...this.partitionCounts.keys()]);
        for (const subscription of this.subscriptions.values()) {
          const { topicName, groupId } = subscription;
          const ends = await this.admin.fetchTopicOffsets(topicName);
          const [committed] = await this.admin.fetchOffsets({ groupId, topics: [topicName] });
          subscription.noteOffsets(
            ends.map(({ partition, high, low }) => {
              const offset = BigInt(committed?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
              return { partition, end: BigInt(high), committed: offset < 0n ? BigInt(low) : offset };
            }),
          );
        }
        this.watchFault = undefined;
        this.endHungConsumers(askedAtMs);
      } catch (error) {
        if (signal.aborted) return;
        this.watchFault = explainConnectionError(error, this.options.connection).sentence;
      }
    }
  }

  /** The brokers have answered everything: whoever has fetched nothing for so long will not do so any more. */
  private endHungConsumers(nowMs: number): void {
    const { hungAfterMs = HUNG_AFTER_MS, onDead } = this.options;
    for (const { fetchedAtMs, topicName } of this.subscriptions.values()) {
      const silentMs = nowMs - fetchedAtMs;
      if (silentMs < hungAfterMs) continue;
      onDead(
        new StreamSetupError(
          `the consumer of ${topicName} has fetched nothing for ${Math.round(silentMs / 1_000)} s although the brokers answer`,
        ),
      );
    }
  }
}

/** Resolves when a broker answers. @throws StreamSetupError when none does in time, or at once when waiting would not help */
async function reach(library: typeof kafkajs, options: KafkaEventStreamOptions, lifeline: Lifeline): Promise<void> {
  const giveUpAtMs = Date.now() + options.startTimeoutMs;
  for (;;) {
    const kafka = new library.Kafka({ ...clientConfig(library, options, lifeline), retry: { retries: 0 } });
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.describeCluster();
      return;
    } catch (error) {
      const { sentence, mayPass } = explainConnectionError(error, options.connection);
      if (!mayPass || Date.now() > giveUpAtMs) throw new StreamSetupError(sentence, { cause: error });
    } finally {
      await admin.disconnect();
    }
    await setTimeout(START_RETRY_MS);
  }
}

function clientConfig(library: typeof kafkajs, options: KafkaEventStreamOptions, lifeline: Lifeline): KafkaConfig {
  const { connection, log } = options;
  const { brokers, clientId, tls, sasl } = connection;
  const { ERROR, WARN, INFO } = library.logLevel;
  const levels: Partial<Record<number, KafkaLogLevel>> = { [ERROR]: 'warn', [WARN]: 'info', [INFO]: 'debug' };
  return {
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    socketFactory: lifeline.socketFactory,
    logLevel: log ? INFO : library.logLevel.NOTHING,
    logCreator:
      () =>
      ({ level, log: { message, timestamp: _, logger: __, ...detail } }: LogEntry) =>
        log?.(levels[level] ?? 'debug', message, detail),
    ...(tls && {
      ssl: {
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
        ...(tls.key === undefined ? {} : { key: tls.key }),
      },
    }),
    ...(sasl && { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
  };
}

function compressionType({ CompressionTypes }: typeof kafkajs, name: CompressionName): number {
  return {
    none: CompressionTypes.None,
    gzip: CompressionTypes.GZIP,
    snappy: CompressionTypes.Snappy,
    lz4: CompressionTypes.LZ4,
    zstd: CompressionTypes.ZSTD,
  }[name];
}
