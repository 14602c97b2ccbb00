import { randomUUID } from 'node:crypto';
import type { TopicName, TopicRecords } from '@plumbline/contracts';
import {
  KafkaEventStream,
  type EncodedRecord,
  type KafkaEventStreamOptions,
  type RecordCodec,
  type StoredMessage,
} from '@plumbline/stream';

/** JSON as it is; what cannot be read becomes undefined. For tests that bring records of their own. */
export function jsonCodec<T>(unreadable?: (message: StoredMessage) => T): RecordCodec<T> {
  return {
    encode: (value): EncodedRecord => ({ value: Buffer.from(JSON.stringify(value)) }),
    decode: (message) => {
      try {
        return JSON.parse(message.value!.toString()) as T;
      } catch (error) {
        if (!unreadable) throw error;
        return unreadable(message);
      }
    },
  };
}

const TOPICS: readonly TopicName[] = [
  'plumbline.predictions',
  'plumbline.labels',
  'plumbline.ticks',
  'plumbline.transitions',
  'plumbline.dead-letters',
];

/** Names of topics that no other test uses. */
export function uniqueTopicNames(): Record<TopicName, string> {
  const run = randomUUID().slice(0, 8);
  return Object.fromEntries(TOPICS.map((topic) => [topic, `${run}.${topic}`])) as Record<TopicName, string>;
}

/** A KafkaEventStream with JSON codecs, topics of its own and short time-outs. */
export function openKafkaStream(
  brokers: readonly string[],
  options: Partial<KafkaEventStreamOptions> = {},
): Promise<KafkaEventStream> {
  const codec = jsonCodec<never>();
  return KafkaEventStream.open({
    connection: { brokers, clientId: 'plumbline-test' },
    codecs: Object.fromEntries(TOPICS.map((topic) => [topic, codec])) as unknown as {
      readonly [K in TopicName]: RecordCodec<TopicRecords[K]>;
    },
    keyOf: () => undefined,
    topicNames: uniqueTopicNames(),
    groupPrefix: 'test.',
    createTopics: true,
    partitions: 4,
    maxQueueBytes: 16 * 1024 * 1024,
    acknowledgeTimeoutMs: 30_000,
    maxFetchedBytes: 16 * 1024 * 1024,
    maxBatchRecords: 5_000,
    sessionTimeoutMs: 6_000,
    startTimeoutMs: 30_000,
    onHandlerError: () => undefined,
    onDead: (error) => {
      throw error;
    },
    ...options,
  });
}
