import kafkajs from 'kafkajs';
import { until } from '../support/until.js';

/** Generous: the backlog of an outage may be large and the machine busy. */
const LAG_MS = 10 * 60_000;

/** Resolves when a consumer group has committed all that lies in its topic. */
export async function consumed(brokers: readonly string[], groupId: string, topic: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await until(
      `${groupId} to have no lag`,
      async () => {
        const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
        const offsets = new Map(committed!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
        const ends = await admin.fetchTopicOffsets(topic);
        // A partition that nothing was ever written to has no offset.
        return ends.every(({ partition, high }) => Math.max(offsets.get(partition) ?? 0, 0) >= Number(high))
          ? true
          : undefined;
      },
      LAG_MS,
    );
  } finally {
    await admin.disconnect();
  }
}
