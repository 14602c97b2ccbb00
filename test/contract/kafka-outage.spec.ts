import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import {
  StreamOverloadedError,
  StreamStoppedError,
  StreamUnavailableError,
  type KafkaEventStream,
} from '@plumbline/stream';
import kafkajs from 'kafkajs';
import { describeWithOwnKafka, startKafkaBroker, type KafkaBroker } from '../support/kafka-broker.js';
import { openKafkaStream, uniqueTopicNames } from '../support/kafka-stream.js';
import { until } from '../support/until.js';

const TOPIC = 'plumbline.transitions';
const GROUP = { group: 'workers' };
const WAIT_MS = 120_000;
/** "Which broker keeps this group?", asked before a group is joined. */
const FIND_COORDINATOR = 10;

/** "What is new?": what a consumer waits for nearly all of the time. */
const FETCH = 1;

/** Has each request of a kind done otherwise, instead of being written to its connection. Returns what ends that. */
function instead(apiKey: number, act: (socket: Socket, send: () => unknown) => boolean): () => void {
  // Inherited: deleting our own uncovers it again.
  const write = Reflect.get(Socket.prototype, 'write') as (...args: unknown[]) => unknown;
  const acting = function (this: Socket, ...args: unknown[]): unknown {
    const [bytes] = args;
    const send = (): unknown => write.apply(this, args);
    return Buffer.isBuffer(bytes) && bytes.length > 8 && bytes.readInt16BE(4) === apiKey ? act(this, send) : send();
  };
  Object.defineProperty(Socket.prototype, 'write', { value: acting, configurable: true, writable: true });
  return () => void Reflect.deleteProperty(Socket.prototype, 'write');
}

/** Cuts each connection at the moment at which a request of a kind is written to it. Returns how often, and what ends that. */
function cutAt(apiKey: number): { readonly times: () => number; readonly end: () => void } {
  let times = 0;
  const end = instead(apiKey, (socket) => {
    times += 1;
    socket.destroy(new Error('cut'));
    return false;
  });
  return { times: () => times, end };
}

/** Keeps requests of a kind on their way. Returns what sends them on, and ends that. */
function holdUp(apiKey: number): { readonly end: () => void } {
  const held: (() => unknown)[] = [];
  const end = instead(apiKey, (_, send) => {
    held.push(send);
    return true;
  });
  return {
    end: () => {
      end();
      for (const send of held.splice(0)) send();
    },
  };
}

describeWithOwnKafka()('KafkaEventStream while the broker is killed', () => {
  let broker: KafkaBroker;
  let stream: KafkaEventStream;
  let isUp: boolean;

  beforeAll(async () => {
    broker = await startKafkaBroker();
    isUp = true;
  }, 300_000);

  afterAll(async () => {
    await broker.stop();
  });

  const kill = async () => {
    await broker.kill();
    isUp = false;
  };
  const restart = async () => {
    await broker.restart();
    isUp = true;
  };

  afterEach(async () => {
    await stream.stop();
    if (!isUp) await restart();
  }, 120_000);

  const record = (model: string, sequence: number, padding = 0) => ({
    key: `p/${model}`,
    value: { project: 'p'.repeat(padding), model: `${model} ${sequence}` },
    sizeBytes: 100,
  });
  const outcomeOf = (publishing: Promise<void>) =>
    publishing.then(
      () => 'acknowledged',
      (error: unknown) => error,
    );

  /** Whether the broker knows no member of the group of a topic, which is named in Kafka's way; undefined while it does. */
  const groupIsEmpty = async (topicName: string): Promise<true | undefined> => {
    const admin = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      const ids = (await admin.listGroups()).groups
        .map(({ groupId }) => groupId)
        .filter((id) => id.endsWith(topicName));
      const { groups } = await admin.describeGroups(ids);
      return groups.length === 1 && groups[0]!.state === 'Empty' ? true : undefined;
    } finally {
      await admin.disconnect();
    }
  };

  it('joins again when the connection breaks while it asks where its group is kept, which kafkajs takes for final', async () => {
    const dead: Error[] = [];
    stream = await openKafkaStream(broker.brokers, { onDead: (error) => void dead.push(error) });
    const received: string[] = [];
    const topic = 'plumbline.labels';
    await stream.subscribe(
      topic,
      async ({ records }) => void received.push(...records.map(({ value }) => JSON.stringify(value))),
      GROUP,
    );
    const cut = cutAt(FIND_COORDINATOR);
    try {
      // The group changes, so that all of it joins again.
      const other = openKafkaStream(broker.brokers);
      const joining = other.then(async (second) => {
        await second.subscribe(topic, async () => undefined, GROUP);
        return second;
      });
      await until('connections that were cut', () => (cut.times() >= 3 ? true : undefined), WAIT_MS);
      cut.end();
      await (await joining).stop();
    } finally {
      cut.end();
    }
    await until('the partition', () => (stream.owns(topic, 'p/a') ? true : undefined), WAIT_MS);
    expect(dead).toEqual([]);
  });

  it('goes on as a new member when the group has expelled it while its fetches got no answer', async () => {
    const SESSION_MS = 2_000;
    const dead: Error[] = [];
    const topicNames = uniqueTopicNames();
    stream = await openKafkaStream(broker.brokers, {
      topicNames,
      sessionTimeoutMs: SESSION_MS,
      onDead: (error) => void dead.push(error),
    });
    const begun: string[] = [];
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    await stream.subscribe(
      TOPIC,
      async ({ records, ownership }) => {
        if (records.length > 0) begun.push(ownership);
        await gate;
      },
      GROUP,
    );
    await stream.publish(TOPIC, [record('a', 1)]);
    await until('the handler', () => (begun.length === 1 ? true : undefined), WAIT_MS);
    const fetches = holdUp(FETCH);
    try {
      await until('the broker to expel it', () => groupIsEmpty(topicNames[TOPIC]), WAIT_MS);
      open();
      // For longer than a member may be refused to commit.
      await setTimeout(2 * SESSION_MS);
    } finally {
      fetches.end();
    }
    await until('the same record once more', () => (begun.length === 2 ? true : undefined), WAIT_MS);
    await until('its commit', () => stream.health().partitions.every((each) => each.queuedRecords === 0) || undefined);
    expect(dead).toEqual([]);
    expect(begun[0]).not.toBe(begun[1]);
  });

  it('loses nothing it acknowledged, keeps the order of each key, and goes on by itself', async () => {
    const dead: Error[] = [];
    stream = await openKafkaStream(broker.brokers, {
      acknowledgeTimeoutMs: 100_000,
      onDead: (error) => void dead.push(error),
    });
    const received = new Map<string, number[]>();
    await stream.subscribe(
      TOPIC,
      async (batch) => {
        for (const { value } of batch.records) {
          const [model, sequence] = value.model.split(' ') as [string, string];
          received.set(model, [...(received.get(model) ?? []), Number(sequence)]);
        }
      },
      GROUP,
    );
    const models = ['a', 'b', 'c', 'd', 'e', 'f'];
    const publishing: Promise<unknown>[] = [];
    let sequence = 0;
    /** Publishes until the condition holds, and for some rounds more. */
    const publishUntil = async (condition: () => boolean, roundsMore: number) => {
      for (let more = roundsMore; more > 0; sequence++) {
        if (condition()) more -= 1;
        publishing.push(
          outcomeOf(
            stream.publish(
              TOPIC,
              models.map((model) => record(model, sequence)),
            ),
          ),
        );
        await setTimeout(2);
      }
    };
    await publishUntil(() => received.size === models.length, 50);
    for (let outage = 0; outage < 2; outage++) {
      const killing = kill();
      await publishUntil(() => !isUp, 50);
      await killing;
      const restarting = restart();
      await publishUntil(() => isUp, 50);
      await restarting;
    }
    const outcomes = await Promise.all(publishing);
    expect(outcomes.filter((outcome) => outcome !== 'acknowledged')).toEqual([]);
    await until(
      'the last record of each key has come',
      () => models.every((model) => received.get(model)!.at(-1) === sequence - 1) || undefined,
      WAIT_MS,
    );
    const expected = Array.from({ length: sequence }, (_, index) => index);
    for (const model of models) expect(firstsInOrder(received.get(model)!)).toEqual(expected);
    expect(dead).toEqual([]);
  }, 180_000);

  it('tells publishers in time, says so in its health, takes no more than its queue holds, and recovers', async () => {
    stream = await openKafkaStream(broker.brokers, {
      acknowledgeTimeoutMs: 700,
      maxQueueBytes: 4_000,
      watchIntervalMs: 100,
    });
    await stream.publish(TOPIC, [record('a', 0)]);
    await kill();
    const first = await outcomeOf(stream.publish(TOPIC, [record('a', 1, 3_000)]));
    expect(first).toBeInstanceOf(StreamUnavailableError);
    expect(first).toMatchObject({ retryable: true, reason: 'unavailable', retryAfterMs: 5_000 });
    // The request that is under way keeps its place: it may be written yet.
    await until('nobody waits in vain any more', async () => {
      const refused = await outcomeOf(stream.publish(TOPIC, [record('a', 2)]));
      expect(refused).toBeInstanceOf(StreamOverloadedError);
      return (refused as Error).message.includes('acknowledged nothing') || undefined;
    });
    await until(
      'health tells',
      () => stream.health().faults.some((fault) => fault.includes(`acknowledged nothing to ${TOPIC}`)) || undefined,
    );
    await restart();
    await until(
      'it takes records again',
      async () => (await outcomeOf(stream.publish(TOPIC, [record('a', 3)]))) === 'acknowledged' || undefined,
      WAIT_MS,
    );
    await until('health is well', () => stream.health().faults.length === 0 || undefined, WAIT_MS);
  }, 180_000);

  it('stops although there is nobody to take leave of, and tells publishers', async () => {
    stream = await openKafkaStream(broker.brokers);
    let handled = 0;
    await stream.subscribe(TOPIC, async ({ records }) => void (handled += records.length), GROUP);
    await stream.publish(TOPIC, [record('a', 0)]);
    await until('it is handled', () => handled === 1 || undefined, WAIT_MS);
    await kill();
    const waiting = outcomeOf(stream.publish(TOPIC, [record('a', 1)]));
    await stream.stop();
    expect(await waiting).toBeInstanceOf(StreamStoppedError);
  }, 120_000);

  it('delivers again what could not be committed before the stop', async () => {
    const options = { partitions: 1, topicNames: { [TOPIC]: `commit-${Date.now()}` } };
    stream = await openKafkaStream(broker.brokers, options);
    const received: string[][] = [];
    let afterFirst = () => Promise.resolve();
    const subscribe = () =>
      stream.subscribe(
        TOPIC,
        async ({ identity, records }) => {
          received.push([identity, ...records.map(({ value }) => value.model)]);
          await afterFirst();
        },
        GROUP,
      );
    afterFirst = kill;
    await stream.publish(TOPIC, [record('a', 0), record('a', 1)]);
    await subscribe();
    await until('the handler has killed the broker', () => !isUp || undefined, WAIT_MS);
    await stream.stop();
    await restart();
    afterFirst = () => Promise.resolve();
    stream = await openKafkaStream(broker.brokers, options);
    await subscribe();
    await until('it is delivered again', () => received.length > 1 || undefined, WAIT_MS);
    // The same records, so the same identity: whoever writes with it as a token writes once.
    expect(received[1]).toEqual(received[0]);
  }, 180_000);
});

/** The numbers in the order of their first arrival; what comes again after an outage must not come before what is new. */
function firstsInOrder(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}
