import type { TopicName, TopicRecords } from '@plumbline/contracts';

export interface OutgoingRecord<T> {
  /** Decides the partition: records of one key are handled in the order in which they were published. */
  readonly key: string;
  readonly value: T;
  /** What the record weighs in the queue. An estimate will do: the bound it serves is one of memory, not of the format. */
  readonly sizeBytes: number;
}

export interface StreamRecord<T> {
  readonly offset: string;
  readonly key: string;
  readonly value: T;
}

/** Records of one partition, in order. */
export interface StreamBatch<T> {
  readonly topic: TopicName;
  readonly partition: number;
  /**
   * Stands for exactly these records, and for no others ever: the base of insert tokens. The same on each redelivery of the
   * batch by the process that took it; another process may cut the same records into other batches.
   */
  readonly identity: string;
  /**
   * Changes whenever another process may have owned the partition in between. What a handler remembers about the keys of the
   * partition holds only as long as this is the same.
   */
  readonly ownership: string;
  readonly records: readonly StreamRecord<T>[];
  /** Says that work goes on. Call it from progress, between steps of a long handler, never from a timer. */
  heartbeat(): Promise<void>;
  /** True once another process may own the partition: a handler that sees it stops working, and throws or returns. */
  isStale(): boolean;
}

/**
 * Returning means that the records are durable: the stream moves on. Throwing means that the stream delivers the same batch
 * again, after a pause that grows. A handler never awaits a publish to the topic it handles, nor `stop`: both may wait for it.
 */
export type BatchHandler<T> = (batch: StreamBatch<T>) => Promise<void>;

/** Told of every failure of a handler; `attempt` counts from 1. What it throws is not caught, so it ends the process. */
export type HandlerErrorListener = (error: unknown, batch: StreamBatch<unknown>, attempt: number) => void;

export interface SubscribeOptions {
  /** Processes of one group share the partitions of a topic. */
  readonly group: string;
  /** Largest batch that the handler wants; the adapter's own bound when absent. */
  readonly maxRecords?: number;
}

export interface PartitionHealth {
  readonly topic: TopicName;
  readonly partition: number;
  /** Records that no handler has returned from: waiting, and in the hands of a handler. With Kafka, the consumer's lag. */
  readonly queuedRecords: number;
  /** Bytes of them that this process holds. */
  readonly queuedBytes: number;
  /** How long the oldest of them has been there; 0 when there is none. */
  readonly oldestAgeMs: number;
  /** When a batch was last begun for the first time, carried on (heartbeat) or finished, in milliseconds since 1970. */
  readonly lastProgressAtMs: number;
}

export interface StreamHealth {
  readonly partitions: readonly PartitionHealth[];
  /** What is wrong with the stream itself, in sentences; empty when nothing is. */
  readonly faults: readonly string[];
}

/**
 * The port between the stages of the flow. An abstract class and not an interface, so that it is its own injection token.
 *
 * One handler runs at a time for a partition; partitions run side by side. A stream takes one subscription per topic.
 */
export abstract class EventStream {
  /**
   * What a resolved `publish` stands for: the records were handled, or they wait, durable, for whoever handles them. Who needs
   * their effect has to ask for it with `queued`.
   */
  abstract readonly publishMeans: 'handled' | 'queued';

  /**
   * Resolves when the records are durable as far as the stream is concerned: acknowledged by all replicas (Kafka), or handled
   * (in process, where the queue itself is memory).
   * @throws RangeError when these records alone exceed the bound of the queue: they would never fit, however long one waits
   * @throws StreamOverloadedError at once when the queue has no room; then none of the records was accepted
   * @throws StreamUnavailableError when nobody acknowledged them in time: they may have been accepted, so send the same again
   * @throws StreamStoppedError when the stream stops first; the records may or may not have been handled
   */
  abstract publish<K extends TopicName>(topic: K, records: readonly OutgoingRecord<TopicRecords[K]>[]): Promise<void>;

  /**
   * Resolves when the handler receives what is published from now on, and what waited before.
   * @throws StreamStoppedError after `stop`
   */
  abstract subscribe<K extends TopicName>(
    topic: K,
    handler: BatchHandler<TopicRecords[K]>,
    options: SubscribeOptions,
  ): Promise<void>;

  /**
   * Whether this process takes the records of the key at this moment: it has subscribed, and the key's partition is its own.
   * Work that no record asks for (a schedule) belongs to the process for which this is true. Two may believe it for a short
   * time while a partition changes hands, so what they do must be harmless when it is done twice.
   */
  abstract owns(topic: TopicName, key: string): boolean;

  abstract health(): StreamHealth;

  /**
   * Stops pulling, lets running handlers finish and resolves when no handler runs nor will run. Publishing afterwards rejects.
   * A batch whose handler fails meanwhile is not tried again: it was never acknowledged. Calling it twice is harmless.
   */
  abstract stop(): Promise<void>;
}
