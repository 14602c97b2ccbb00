import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Encoder } from '@toondepauw/node-zstd';
import kafkajs from 'kafkajs';
import {
  partitionOfKey,
  REFUSED_HEADER,
  StreamOverloadedError,
  StreamUnavailableError,
  type KafkaEventStream,
  type KafkaEventStreamOptions,
  type StreamBatch,
} from '@plumbline/stream';
import type { TopicName, TransitionRecord } from '@plumbline/contracts';
import {
  describeWithKafka,
  describeWithOwnKafka,
  startKafkaBroker,
  type KafkaBroker,
} from '../support/kafka-broker.js';
import { optionalPackage } from '../../libs/stream/src/kafka/compression/optional-package.js';
import { kafkaClassPath } from '../support/kafka-jars.js';
import { jsonCodec, openKafkaStream, uniqueTopicNames } from '../support/kafka-stream.js';
import { until } from '../support/until.js';

const { CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs;
const TOPIC = 'plumbline.transitions';
const WAIT_MS = 60_000;

type Codecs = KafkaEventStreamOptions['codecs'];
type Batch = StreamBatch<TransitionRecord>;

// What producers that are not ours may write, and what brokers may refuse.
describeWithKafka()('records of KafkaEventStream', () => {
  let broker: KafkaBroker;
  let kafka: InstanceType<typeof Kafka>;
  let topicNames: Record<TopicName, string>;
  let stream: KafkaEventStream;

  beforeAll(async () => {
    broker = await startKafkaBroker();
    kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
  }, 300_000);

  afterAll(async () => {
    await broker.stop();
  });

  beforeEach(() => {
    topicNames = uniqueTopicNames();
  });

  afterEach(async () => {
    await stream.stop();
  });

  const open = async (options: Partial<KafkaEventStreamOptions> = {}) => {
    // What is no JSON becomes a record that holds what the adapter says about it.
    const codec = jsonCodec<TransitionRecord>(({ value, headers }) => {
      const refused = headers[REFUSED_HEADER];
      return { project: 'unreadable', model: refused ? String(refused) : (value?.toString() ?? 'nothing') };
    });
    const codecs = Object.fromEntries(Object.keys(topicNames).map((topic) => [topic, codec])) as unknown as Codecs;
    stream = await openKafkaStream(broker.brokers, { topicNames, codecs, ...options });
  };

  /** Subscribes and returns what comes, batch by batch. */
  const receive = async () => {
    const batches: Batch[] = [];
    await stream.subscribe(TOPIC, async (batch) => void batches.push(batch), { group: 'workers' });
    return { batches, records: () => batches.flatMap(({ records }) => records) };
  };

  /** Writes as a producer does that knows nothing of us. */
  const write = async (messages: kafkajs.Message[], compression: kafkajs.CompressionTypes) => {
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    try {
      await producer.send({ topic: topicNames[TOPIC], messages, compression });
    } finally {
      await producer.disconnect();
    }
  };

  const messagesInTopic = async () => {
    const admin = kafka.admin();
    await admin.connect();
    try {
      const ends = await admin.fetchTopicOffsets(topicNames[TOPIC]);
      return ends.reduce((sum, { high }) => sum + Number(high), 0);
    } finally {
      await admin.disconnect();
    }
  };

  const message = (model: string) => ({ key: `p/${model}`, value: JSON.stringify({ project: 'p', model }) });
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'are written and read with compression %s',
    async (name) => {
      await open({ compression: name, partitions: 1 });
      const { records } = await receive();
      const published = range(500).map((model) => ({
        key: 'p/m',
        value: { project: 'p', model: String(model) },
        sizeBytes: 50,
      }));
      await stream.publish(TOPIC, published);
      await until('all come', () => records().length === 500 || undefined, WAIT_MS);
      expect(records().map(({ value }) => value.model)).toEqual(range(500).map(String));
    },
  );

  describeWithOwnKafka()('of the Java client', () => {
    it.each(['gzip', 'snappy', 'lz4', 'zstd'])(
      'are read with compression %s',
      async (compression) => {
        await open({ partitions: 1 });
        const { records } = await receive();
        const lines = range(300).map((model) => JSON.stringify({ project: 'java', model: String(model) }));
        const child = execFile('java', [
          ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', await kafkaClassPath()],
          ...['org.apache.kafka.tools.ConsoleProducer', '--bootstrap-server', broker.brokers[0]!],
          ...['--topic', topicNames[TOPIC], '--compression-codec', compression],
        ]);
        child.stdin!.end(`${lines.join('\n')}\n`);
        const [code] = (await once(child, 'exit')) as [number];
        expect(code).toBe(0);
        await until('all come', () => records().length === 300 || undefined, WAIT_MS);
        expect(records().map(({ value }) => value.model)).toEqual(range(300).map(String));
      },
      120_000,
    );
  });

  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ])('that would inflate without bound (%s) say so, and those behind them come', async (_, compression) => {
    await open({ partitions: 1 });
    const { records } = await receive();
    await write([{ value: Buffer.alloc(72 * 1024 * 1024) }, { value: 'beside' }], compression);
    await write([message('behind')], compression);
    await until('what is behind comes', () => records().length === 3 || undefined, WAIT_MS);
    const sentence = expect.stringContaining('cannot be inflated within 67108864 bytes') as string;
    expect(records().map(({ value }) => value)).toEqual([
      { project: 'unreadable', model: sentence },
      { project: 'unreadable', model: sentence },
      { project: 'p', model: 'behind' },
    ]);
    expect(records().map(({ offset }) => Number(offset))).toEqual([0, 1, 2]);
  });

  it('that need a package which is not installed end the consumer with its name', async () => {
    const dead: Error[] = [];
    await open({ partitions: 1, onDead: (error) => void dead.push(error) });
    const missing = await optionalPackage('the-codec', () => Promise.reject(new Error('not found'))).catch(
      (error: unknown) => error as Error,
    );
    kafkajs.CompressionCodecs[CompressionTypes.ZSTD] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => await new Encoder(1).encode(buffer),
      decompress: () => Promise.reject(missing),
    });
    await write([message('a')], CompressionTypes.ZSTD);
    const { records } = await receive();
    await until('the consumer is told as dead', () => dead.length > 0 || undefined, WAIT_MS);
    expect(dead[0]!.message).toContain('npm install the-codec');
    expect(stream.health().faults.join()).toContain('npm install the-codec');
    expect(records()).toEqual([]);
  });

  it('without value or that are no JSON reach the codec as they are', async () => {
    await open({ partitions: 1 });
    const { records } = await receive();
    await write([{ value: null }, { value: '' }, { value: '{' }, message('good')], CompressionTypes.None);
    await until('all come', () => records().length === 4 || undefined, WAIT_MS);
    expect(records().map(({ value }) => value.model)).toEqual(['nothing', '', '{', 'good']);
  });

  it('on a partition that their key does not belong to are put where it does, once, with their bytes', async () => {
    await open({
      keyOf: (_, value) => {
        const { project, model } = value as TransitionRecord;
        return project === 'p' ? `p/${model}` : undefined;
      },
    });
    const { batches, records } = await receive();
    const models = range(40).map((model) => `m${model}`);
    await write(
      models.flatMap((model) => [
        // All but a quarter of the keys are wrong here.
        { ...message(model), partition: 1, headers: { origin: 'elsewhere' } },
      ]),
      CompressionTypes.None,
    );
    await write([{ value: 'of no model', partition: 1 }], CompressionTypes.None);
    await until('all come', () => records().length === 41 || undefined, WAIT_MS);
    for (const { partition, records: own } of batches) {
      for (const { value } of own) {
        expect(partition).toBe(value.project === 'p' ? partitionOfKey(`p/${value.model}`, 4) : 1);
      }
    }
    expect(
      records()
        .map(({ value }) => value.model)
        .sort(),
    ).toEqual([...models, 'of no model'].sort());
    await until(
      'nothing waits',
      () => stream.health().partitions.every((each) => each.queuedRecords === 0) || undefined,
    );
    expect(records()).toHaveLength(41);
  });

  it('in the wrong place are moved once each, even when they have more bytes than the queue takes at once', async () => {
    const failures: unknown[] = [];
    await open({
      compression: 'none',
      keyOf: (_, value) => `p/${(value as TransitionRecord).model}`,
      maxQueueBytes: 1024 * 1024,
      onHandlerError: (error) => void failures.push(error),
    });
    const models = range(40).map((model) => `m${model}`);
    const padding = 'x'.repeat(60_000);
    for (const partition of [0, 1, 2, 3]) {
      await write(
        models
          .filter((_model, index) => index % 4 === partition)
          .map((model) => ({ key: 'another', value: JSON.stringify({ project: padding, model }), partition })),
        CompressionTypes.None,
      );
    }
    const { batches, records } = await receive();
    await until('all come', () => records().length >= 40 || undefined, WAIT_MS);
    await until(
      'nothing waits',
      () => stream.health().partitions.every((each) => each.queuedRecords === 0) || undefined,
      WAIT_MS,
    );
    expect(
      records()
        .map(({ value }) => value.model)
        .sort(),
    ).toEqual([...models].sort());
    for (const { partition, records: own } of batches) {
      for (const { value } of own) expect(partitionOfKey(`p/${value.model}`, 4)).toBe(partition);
    }
    // Each is in the topic once, and once more where it was in the wrong place.
    const misplaced = models.filter((model, index) => partitionOfKey(`p/${model}`, 4) !== index % 4);
    expect(await messagesInTopic()).toBe(40 + misplaced.length);
    expect(failures.filter((error) => !(error instanceof StreamOverloadedError))).toEqual([]);
  });

  it('in the wrong place that are too large to be moved are handled there, by a handler that knows', async () => {
    const stale: (string | boolean)[][] = [];
    await open({
      compression: 'none',
      maxQueueBytes: 50_000,
      keyOf: (_, value) => `p/${(value as TransitionRecord).model}`,
    });
    const [small, wide] = range(20)
      .map((model) => `m${model}`)
      .filter((model) => partitionOfKey(`p/${model}`, 4) !== 1) as [string, string];
    await write(
      [
        { key: 'another', value: JSON.stringify({ project: 'x'.repeat(60_000), model: wide }), partition: 1 },
        { key: 'another', value: JSON.stringify({ project: 'p', model: small }), partition: 1 },
      ],
      CompressionTypes.None,
    );
    await stream.subscribe(
      TOPIC,
      async (batch) => {
        for (const { value } of batch.records) stale.push([value.model, String(batch.partition), batch.isStale()]);
      },
      { group: 'workers' },
    );
    await until('both come', () => stale.length >= 2 || undefined, WAIT_MS);
    await until(
      'nothing waits',
      () => stream.health().partitions.every((each) => each.queuedRecords === 0) || undefined,
      WAIT_MS,
    );
    expect(stale.sort()).toEqual(
      [
        [wide, '1', true],
        [small, String(partitionOfKey(`p/${small}`, 4)), false],
      ].sort(),
    );
    expect(await messagesInTopic()).toBe(3);
  });

  it('go in smaller requests where the topic takes smaller batches; one that is too large is refused alone', async () => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [
        {
          topic: topicNames[TOPIC],
          numPartitions: 2,
          configEntries: [{ name: 'max.message.bytes', value: '100000' }],
        },
      ],
    });
    await admin.disconnect();
    await open({ compression: 'none' });
    const { records } = await receive();
    const record = (model: number, sizeBytes: number) => ({
      key: `p/${model % 3}`,
      value: { project: randomBytes(sizeBytes / 2).toString('hex'), model: String(model) },
      sizeBytes,
    });
    const publishing = range(30).map((model) => stream.publish(TOPIC, [record(model, 40_000)]));
    const tooLarge = expect(stream.publish(TOPIC, [record(30, 200_000)])).rejects.toThrow(
      /record of \d+ bytes is larger than the topic takes: .*max\.message\.bytes/,
    );
    publishing.push(stream.publish(TOPIC, [record(31, 40_000)]));
    await Promise.all([...publishing, tooLarge]);
    await until('all come', () => records().length === 31 || undefined, WAIT_MS);
    for (const key of ['p/0', 'p/1', 'p/2']) {
      const models = records()
        .filter((each) => each.key === key)
        .map(({ value }) => Number(value.model));
      expect(models).toEqual([...models].sort((left, right) => left - right));
    }
  });

  /** The topic goes, and comes back after a while with one partition. */
  const makeTopicAnew = async (afterMs = 0) => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topicNames[TOPIC]] });
    const back = async () => {
      await delay(afterMs);
      await until(
        'the topic is made anew',
        () =>
          admin.createTopics({ topics: [{ topic: topicNames[TOPIC], numPartitions: 1 }], waitForLeaders: false }).then(
            (created) => created || undefined,
            () => undefined,
          ),
        WAIT_MS,
      );
      await admin.disconnect();
    };
    return { back: back() };
  };

  it('of a topic that brokers do not know at the moment come when they do', async () => {
    await open({ partitions: 1 });
    const { back } = await makeTopicAnew(1_500);
    const [{ records }] = await Promise.all([receive(), back]);
    await write([message('m')], kafkajs.CompressionTypes.None);
    await until('it comes', () => records().some(({ value }) => value.model === 'm') || undefined, WAIT_MS);
  });

  it('for a partition that is not there any more are not said to be written', async () => {
    await open({ partitions: 8, watchIntervalMs: 200 });
    await stream.publish(TOPIC, [{ key: 'p/m', value: { project: 'p', model: 'm' }, sizeBytes: 10 }]);
    await (
      await makeTopicAnew()
    ).back;
    const publish = () =>
      stream.publish(
        TOPIC,
        range(20).map((model) => ({
          key: `p/${model}`,
          value: { project: 'p', model: String(model) },
          sizeBytes: 10,
        })),
      );
    // Before the number of partitions has been asked for again, or after.
    const outcome: unknown = await publish().catch((error: unknown) => error);
    if (outcome !== undefined) {
      expect(outcome).toBeInstanceOf(StreamUnavailableError);
      expect((outcome as Error).message).toContain('acknowledged nothing for partition');
    }
    await until(
      'it is published',
      () =>
        publish().then(
          () => true,
          () => undefined,
        ),
      WAIT_MS,
    );
    const { records } = await receive();
    const models = () => new Set(records().map(({ value }) => value.model));
    await until('all come', () => range(20).every((model) => models().has(String(model))) || undefined, WAIT_MS);
  });
});
