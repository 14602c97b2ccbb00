import type { KafkaMessage } from 'kafkajs';
import type { StreamBatch } from '../event-stream.js';
import { KafkaPartition, type KafkaPartitionOptions } from './kafka-partition.js';

const message = (offset: number): KafkaMessage => ({
  ...{ key: null, value: Buffer.from(String(offset)), timestamp: '1', attributes: 0 },
  offset: String(offset),
  headers: {},
});

describe('KafkaPartition', () => {
  const partitionWith = (options: Partial<KafkaPartitionOptions>) =>
    new KafkaPartition({
      ...{ topic: 'plumbline.ticks', partition: 0, ownership: 'mine' },
      ...{ maxBatchRecords: 10, maxBatchBytes: 1_000, maxAheadBytes: 1_000 },
      codec: { encode: () => ({ value: Buffer.alloc(0) }), decode: ({ value }) => Number(value) },
      foreignKeyOf: () => undefined,
      handler: async () => undefined,
      onHandlerError: (error) => {
        throw error;
      },
      reroute: async ({ length }) => length,
      commit: async () => true,
      heartbeat: () => undefined,
      sessionIsAlive: () => true,
      pauseFetching: () => undefined,
      resumeFetching: () => undefined,
      ...options,
    });

  it('begins nothing while its session may be over, and asks for a heartbeat', async () => {
    const handled: unknown[] = [];
    let isAlive = false;
    let heartbeats = 0;
    const { promise: committed, resolve: commit } = deferred<bigint>();
    const partition = partitionWith({
      sessionIsAlive: () => isAlive,
      heartbeat: () => {
        heartbeats += 1;
        expect(handled).toEqual([]);
        // The third one reaches the broker.
        isAlive = heartbeats === 3;
      },
      handler: async ({ records }: StreamBatch<unknown>) => void handled.push(...records.map(({ value }) => value)),
      commit: async (offset) => {
        commit(offset);
        return true;
      },
    });
    partition.take('0', '2', '2', [message(0), message(1)]);
    expect(await committed).toBe(2n);
    expect([handled, heartbeats]).toEqual([[0, 1], 3]);
  });

  it('gives up what it has not begun when it is taken away while its session is over', async () => {
    const { promise: asked, resolve: ask } = deferred<undefined>();
    const handled: unknown[] = [];
    const partition = partitionWith({
      sessionIsAlive: () => false,
      heartbeat: () => ask(undefined),
      handler: async ({ records }) => void handled.push(...records),
    });
    partition.take('5', '6', '6', [message(5)]);
    await asked;
    partition.lose();
    await partition.finished();
    expect([handled, partition.firstUnhandledOffset]).toEqual([[], '5']);
  });
});

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
