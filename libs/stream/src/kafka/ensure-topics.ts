import { setTimeout } from 'node:timers/promises';
import type { Admin, ITopicMetadata } from 'kafkajs';
import { StreamSetupError } from '../stream-error.js';

const CREATE_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

export interface EnsureTopicsOptions {
  readonly names: readonly string[];
  readonly create: boolean;
  readonly partitions: number;
  /** The brokers' default when absent. */
  readonly replicationFactor?: number;
}

/**
 * Makes the topics that are missing, and returns how many partitions each has.
 * @throws StreamSetupError that names those that are missing and may not or cannot be made
 */
export async function ensureTopics(admin: Admin, options: EnsureTopicsOptions): Promise<Map<string, number>> {
  const { names, create, partitions, replicationFactor = -1 } = options;
  const present = new Set(await admin.listTopics());
  const missing = names.filter((name) => !present.has(name));
  if (missing.length > 0) {
    if (!create) {
      throw new StreamSetupError(
        `these topics are missing in Kafka: ${missing.join(', ')}. Create them, or set kafka.createTopics to true`,
      );
    }
    try {
      await admin.createTopics({
        topics: missing.map((topic) => ({ topic, numPartitions: partitions, replicationFactor })),
        // kafkajs gives up waiting at the first broker that has not heard of the topics yet.
        waitForLeaders: false,
        timeout: CREATE_TIMEOUT_MS,
      });
    } catch (cause) {
      throw new StreamSetupError(
        `these topics are missing in Kafka and cannot be created: ${missing.join(', ')} (${reasonsOf(cause)}). Allow this user to create topics or create them yourself; kafka.replicationFactor must not exceed the number of brokers`,
        { cause },
      );
    }
  }
  return countPartitionsOnceLed(admin, names);
}

/** Topics are made known to all brokers, and get leaders, a while after they have been created. */
async function countPartitionsOnceLed(admin: Admin, names: readonly string[]): Promise<Map<string, number>> {
  const giveUpAtMs = Date.now() + CREATE_TIMEOUT_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
      const withoutLeader = topics.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0));
      if (withoutLeader.length === 0) return countsOf(topics);
      if (Date.now() > giveUpAtMs) {
        const names = withoutLeader.map(({ name }) => name).join(', ');
        throw new StreamSetupError(
          `these topics have partitions without a leader: ${names}. Start the brokers that hold them`,
        );
      }
    } catch (error) {
      if (error instanceof StreamSetupError || Date.now() > giveUpAtMs) throw error;
    }
    await setTimeout(POLL_MS);
  }
}

/** How many partitions each topic has. */
export async function countPartitions(admin: Admin, names: readonly string[]): Promise<Map<string, number>> {
  return countsOf((await admin.fetchTopicMetadata({ topics: [...names] })).topics);
}

function countsOf(topics: readonly ITopicMetadata[]): Map<string, number> {
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}

function reasonsOf(error: unknown): string {
  const { errors, message } = error as { errors?: { topic?: string; message: string }[]; message?: string };
  if (!errors) return message ?? String(error);
  return [...new Set(errors.map((each) => each.message))].join('; ');
}
