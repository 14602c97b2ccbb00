import { randomUUID } from 'node:crypto';
import type { TransitionRecord } from '@plumbline/contracts';
import {
  type KafkaEventStream,
  type KafkaEventStreamOptions,
  partitionOfKey,
  type StreamBatch,
} from '@plumbline/stream';
import kafkajs from 'kafkajs';
import { describeWithKafka, startKafkaBroker, type KafkaBroker } from '../support/kafka-broker.js';
import { openKafkaStream, uniqueTopicNames } from '../support/kafka-stream.js';
import { until } from '../support/until.js';

const TOPIC = 'plumbline.transitions';
const WAIT_MS = 60_000;

interface Handled {
  readonly process: string;
  readonly partition: number;
  readonly model: string;
  readonly ownership: string;
}

// What several processes of one group do. Each stream here stands for a process: they share nothing but the broker.
describeWithKafka()('KafkaEventStreams of one group', () => {
  let broker: KafkaBroker;
  let streams: KafkaEventStream[];
  let topicNames: ReturnType<typeof uniqueTopicNames>;
  let handled: Handled[];

  beforeAll(async () => {
    broker = await startKafkaBroker();
  }, 300_000);

  afterAll(async () => {
    await broker.stop();
  });

  beforeEach(() => {
    streams = [];
    handled = [];
    topicNames = uniqueTopicNames();
  });

  afterEach(async () => {
    await Promise.all(streams.map((stream) => stream.stop()));
  });

  const open = async (options: Partial<KafkaEventStreamOptions> = {}) => {
    const stream = await openKafkaStream(broker.brokers, { topicNames, ...options });
    streams.push(stream);
    return stream;
  };

  /** Subscribes; every record that a handler returned from is noted under the name of the process. */
  const subscribe = (
    stream: KafkaEventStream,
    process: string,
    before: (batch: StreamBatch<TransitionRecord>) => Promise<void> | void = () => undefined,
    maxRecords?: number,
  ) =>
    stream.subscribe(
      TOPIC,
      async (batch) => {
        await before(batch);
        const { partition, ownership } = batch;
        for (const { value } of batch.records) handled.push({ process, partition, model: value.model, ownership });
      },
      { group: 'workers', ...(maxRecords === undefined ? {} : { maxRecords }) },
    );

  const records = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const model = String(first + index);
      return { key: `p/${model}`, value: { project: 'p', model }, sizeBytes: 100 };
    });
  const publish = (stream: KafkaEventStream, first: number, count: number) =>
    stream.publish(TOPIC, records(first, count));
  const handledModels = () => new Set(handled.map(({ model }) => Number(model)));
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  const sorted = (numbers: Iterable<number>) => [...numbers].sort((left, right) => left - right);
  const ownedBy = (stream: KafkaEventStream, count: number) =>
    range(count).filter((model) => stream.owns(TOPIC, `p/${model}`));

  it('share the partitions, each key with one owner, and take over what one leaves by stopping', async () => {
    const [left, right] = [await open(), await open()];
    await subscribe(left, 'left');
    await until('left owns everything', () => ownedBy(left, 50).length === 50 || undefined, WAIT_MS);
    await subscribe(right, 'right');
    await until(
      'both own a part',
      () => (ownedBy(left, 50).length > 0 && ownedBy(right, 50).length > 0) || undefined,
      WAIT_MS,
    );
    await until('nothing is left out', () => ownedBy(left, 50).length + ownedBy(right, 50).length === 50 || undefined);
    await publish(left, 0, 50);
    await until('all are handled', () => handledModels().size === 50 || undefined, WAIT_MS);
    for (const [process, stream] of [
      ['left', left],
      ['right', right],
    ] as const) {
      const models = handled.filter((each) => each.process === process).map(({ model }) => Number(model));
      expect(sorted(models)).toEqual(ownedBy(stream, 50));
    }
    expect(handled).toHaveLength(50);
    const before = new Set(handled.map(({ ownership }) => ownership));
    await left.stop();
    await until('right owns everything', () => ownedBy(right, 50).length === 50 || undefined, WAIT_MS);
    expect(ownedBy(left, 50)).toEqual([]);
    await publish(right, 50, 50);
    await until('all are handled', () => handledModels().size === 100 || undefined, WAIT_MS);
    expect(handled).toHaveLength(100);
    const after = handled.slice(50).map(({ ownership }) => ownership);
    expect(after.filter((ownership) => before.has(ownership))).toEqual([]);
  });

  it('take over from one that dies without a word; it knows by then that it may not own anything', async () => {
    const dying = await open();
    const heir = await open();
    await subscribe(dying, 'dying');
    await publish(heir, 0, 20);
    await until('all are handled', () => handledModels().size === 20 || undefined, WAIT_MS);
    const subscribing = subscribe(heir, 'heir');
    await subscribing;
    await until('both own a part', () => (ownedBy(dying, 50).length > 0 && ownedBy(heir, 50).length > 0) || undefined);
    cutOff(dying);
    await publish(heir, 20, 40);
    await until('the heir owns everything', () => ownedBy(heir, 50).length === 50 || undefined, WAIT_MS);
    await until('all are handled', () => handledModels().size === 60 || undefined, WAIT_MS);
    await until('the dead one knows', () => ownedBy(dying, 50).length === 0 || undefined, WAIT_MS);
    // Nothing was in the hands of the dead one, so nothing came twice.
    expect(sorted(handled.map(({ model }) => Number(model)))).toEqual(range(60));
  });

  it('wait in a rebalance until a running handler has finished and its batch is committed', async () => {
    const [busy, joining] = [await open({ partitions: 1 }), await open({ partitions: 1 })];
    const gate = deferred();
    const stale: boolean[] = [];
    let begun = 0;
    await subscribe(
      busy,
      'busy',
      async (batch) => {
        begun += 1;
        if (begun === 1) await gate.promise;
        await batch.heartbeat();
        stale.push(batch.isStale());
      },
      5,
    );
    await publish(joining, 0, 30);
    await until('the handler is at work', () => begun === 1 || undefined, WAIT_MS);
    let hasJoined = false;
    const subscribing = subscribe(joining, 'joining').then(() => (hasJoined = true));
    // The rebalance has begun when the busy one gives up what it owns; then its handler still runs.
    await until('the busy one gives up', () => ownedBy(busy, 1).length === 0 || undefined, WAIT_MS);
    expect([hasJoined, handled.length]).toEqual([false, 0]);
    gate.resolve();
    await subscribing;
    await until('all are handled', () => handledModels().size === 30 || undefined, WAIT_MS);
    expect(handled.slice(0, 5).map(({ process }) => process)).toEqual(Array(5).fill('busy'));
    expect(stale[0]).toBe(false);
    // What the running handler finished is not delivered again, and what waited behind it is delivered once.
    expect(handled.map(({ model }) => Number(model))).toEqual(range(30));
  });

  it('deliver again what a handler has failed at, when the process that held it leaves', async () => {
    const failing = await open({ partitions: 1 });
    const heir = await open({ partitions: 1 });
    let attempts = 0;
    await subscribe(failing, 'failing', () => {
      attempts += 1;
      throw new Error('failure on purpose');
    });
    await publish(heir, 0, 10);
    await until('it is tried again', () => attempts >= 3 || undefined, WAIT_MS);
    await failing.stop();
    expect(handled).toEqual([]);
    await subscribe(heir, 'heir');
    await until('all are handled', () => handledModels().size === 10 || undefined, WAIT_MS);
    expect(handled.map(({ process, model }) => [process, Number(model)])).toEqual(
      range(10).map((model) => ['heir', model]),
    );
  });

  it('give the partitions of one number to one process, over topics', async () => {
    const pair = [await open(), await open(), await open()];
    for (const stream of pair) {
      for (const topic of [TOPIC, 'plumbline.ticks'] as const) {
        await stream.subscribe(topic, async () => undefined, { group: 'workers' });
      }
    }
    await until(
      'everything is owned',
      () => pair.reduce((sum, stream) => sum + ownedBy(stream, 50).length, 0) === 50 || undefined,
      WAIT_MS,
    );
    const owners = (topic: typeof TOPIC | 'plumbline.ticks') =>
      range(50).map((model) => pair.findIndex((stream) => stream.owns(topic, `p/${model}`)));
    await until('of both topics', () => !owners('plumbline.ticks').includes(-1) || undefined, WAIT_MS);
    expect(owners('plumbline.ticks')).toEqual(owners(TOPIC));
  });

  it('keep the lag of what nobody handles yet, and end a consumer that fetches nothing any more', async () => {
    const dead: Error[] = [];
    const stream = await open({
      partitions: 1,
      watchIntervalMs: 100,
      hungAfterMs: 3_000,
      onDead: (error) => void dead.push(error),
      maxFetchedBytes: 1,
    });
    const gate = deferred();
    await subscribe(stream, 'slow', () => gate.promise, 1);
    await publish(stream, 0, 40);
    await until('the lag is known', () => stream.health().partitions[0]?.queuedRecords === 40 || undefined, WAIT_MS);
    gate.resolve();
    await until('the lag is gone', () => stream.health().partitions[0]?.queuedRecords === 0 || undefined, WAIT_MS);
    expect(dead).toEqual([]);
    await stopFetching(stream);
    const [error] = await until('it is told as dead', () => (dead.length > 0 ? dead : undefined), WAIT_MS);
    expect(error!.message).toContain(`the consumer of ${topicNames[TOPIC]} has fetched nothing for`);
  });

  it('commit once the brokers take it again, and deliver nothing twice meanwhile', async () => {
    const stream = await open({ partitions: 1 });
    let attempts = 0;
    await subscribe(stream, 'one', () =>
      refuseCommits(stream, () => {
        attempts += 1;
        return attempts <= 3;
      }),
    );
    await publish(stream, 0, 10);
    await until('all are handled', () => handled.length >= 10 || undefined, WAIT_MS);
    await until('it is committed', () => stream.health().partitions[0]?.queuedRecords === 0 || undefined, WAIT_MS);
    expect(attempts).toBeGreaterThan(3);
    expect(handled.map(({ model }) => Number(model))).toEqual(range(10));
  });

  it('end a process whose commits are refused for good although it is a member', async () => {
    const dead: Error[] = [];
    const stream = await open({
      partitions: 1,
      sessionTimeoutMs: 2_000,
      onDead: (error) => void dead.push(error),
    });
    await subscribe(stream, 'one', () => refuseCommits(stream, () => true));
    await publish(stream, 0, 10);
    const [error] = await until('it is told as dead', () => (dead.length > 0 ? dead : undefined), WAIT_MS);
    expect(error!.message).toBe(
      `the brokers have refused all commits to ${topicNames[TOPIC]}: KafkaJSProtocolError: Not authorized to access group: Group authorization failed`,
    );
    expect(stream.health().faults).toEqual([error!.message]);
    expect(dead).toHaveLength(1);
  });

  it('leave the backlog of a slow handler with the broker, while other partitions go on', async () => {
    const MEBIBYTE = 1024 * 1024;
    const padding = 'x'.repeat(10_000);
    const stream = await open({ partitions: 2, maxFetchedBytes: MEBIBYTE, watchIntervalMs: 100, compression: 'none' });
    const modelsOf = (partition: number) => range(50).filter((model) => partitionOfKey(`p/${model}`, 2) === partition);
    const [slow, quick] = [modelsOf(0)[0]!, modelsOf(1)[0]!];
    const record = (model: number) => ({
      key: `p/${model}`,
      value: { project: padding, model: String(model) },
      sizeBytes: 10_100,
    });
    const gate = deferred();
    await subscribe(stream, 'one', ({ partition }) => (partition === 0 ? gate.promise : undefined), 100);
    const health = (partition: number) => stream.health().partitions.find((each) => each.partition === partition);
    const backlog = 1_600;
    for (const _ of range(backlog / 100)) {
      await stream.publish(
        TOPIC,
        range(100).map(() => record(slow)),
      );
    }
    await until('the lag is known', () => health(0)?.queuedRecords === backlog || undefined, WAIT_MS);
    const countOf = (model: number) => handled.filter((each) => each.model === String(model)).length;
    // Each is fetched after the one before, so the slow partition was passed over as often.
    for (const round of range(20)) {
      await stream.publish(TOPIC, [record(quick)]);
      await until('the other partition goes on', () => countOf(quick) === round + 1 || undefined, WAIT_MS);
    }
    expect(countOf(slow)).toBe(0);
    // What one answer of the broker holds for a partition, over the bound of 2 MiB that fetching pauses at; 16 MB wait.
    expect(health(0)!.queuedBytes).toBeLessThan(6 * MEBIBYTE);
    gate.resolve();
    await until('all of it is handled', () => countOf(slow) === backlog || undefined, WAIT_MS);
  });

  it('refuse to begin without topics that may not be created, and name them', async () => {
    const id = randomUUID();
    await expect(open({ createTopics: false, topicNames: { ...topicNames, [TOPIC]: `absent-${id}` } })).rejects.toThrow(
      new RegExp(`absent-${id}.*kafka\\.createTopics`),
    );
  });

  it('refuse to begin when the brokers are too few for the copies that are asked for', async () => {
    await expect(open({ replicationFactor: 1_000 })).rejects.toThrow(/cannot be created: .*kafka\.replicationFactor/);
  });

  it('make topics of as many partitions as asked for', async () => {
    await open({ partitions: 3, replicationFactor: 1 });
    const kafka = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: Object.values(topicNames) });
    await admin.disconnect();
    expect(topics.map(({ partitions }) => partitions.map(({ replicas }) => replicas.length))).toEqual(
      Object.values(topicNames).map(() => [1, 1, 1]),
    );
  });
});

/** What SIGKILL does, as the broker sees it: connections close, nobody takes leave, nothing comes any more. */
function cutOff(stream: KafkaEventStream): void {
  (stream as unknown as { lifeline: { cut(): void } }).lifeline.cut();
}

/** Makes the consumer of a stream hang, which kafkajs does now and then and nobody can ask it to. */
async function stopFetching(stream: KafkaEventStream): Promise<void> {
  const { subscriptions } = stream as unknown as {
    subscriptions: Map<string, { consumer: { stop(): Promise<void> } }>;
  };
  for (const { consumer } of subscriptions.values()) await consumer.stop();
}

/** Makes brokers refuse commits as long as `isRefused`, as they do a member whose rights have been taken away. Call it in a handler. */
function refuseCommits(stream: KafkaEventStream, isRefused: () => boolean): void {
  const { subscriptions } = stream as unknown as {
    subscriptions: Map<string, { payload: kafkajs.EachBatchPayload }>;
  };
  for (const subscription of subscriptions.values()) {
    const { payload } = subscription;
    const refusal = new kafkajs.KafkaJSProtocolError(
      Object.assign(new Error('Not authorized to access group: Group authorization failed'), {
        ...{ type: 'GROUP_AUTHORIZATION_FAILED', code: 30, retriable: false },
      }),
    );
    subscription.payload = {
      ...payload,
      commitOffsetsIfNecessary: async (offsets) => {
        if (isRefused()) throw refusal;
        await payload.commitOffsetsIfNecessary(offsets);
      },
    };
  }
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
