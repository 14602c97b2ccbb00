import type { DeadLetterReply } from '@plumbline/contracts';
import kafkajs from 'kafkajs';
import type { AppProcess } from '../support/app-process.js';
import { runCli } from '../support/cli.js';
import { describeWithKafka } from '../support/kafka-broker.js';
import { SplitDeployment } from '../support/split-deployment.js';
import { until } from '../support/until.js';

const TEST_MS = 600_000;
const PATIENCE_MS = 180_000;

const event = (id: string, extra: object = {}) => ({
  project: 'default',
  model: 'foreign',
  prediction_id: id,
  features: { x: 1, city: 'Ulm' },
  prediction: { label: 1 },
  ...extra,
});
const binary = { ce_specversion: '1.0', ce_id: '1', ce_source: '/scoring', ce_type: 'ai.plumbline.prediction' };
const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const envelope = (data: unknown) => ({
  specversion: '1.0',
  id: '1',
  source: '/s',
  type: 'ai.plumbline.prediction',
  data,
});

/** Messages with the ids of their events, and with how many dead letters they become. */
const MESSAGES: readonly {
  readonly value: unknown;
  readonly headers?: Record<string, string>;
  readonly ids: readonly string[];
  readonly letters: number;
}[] = [
  { value: event('plain'), ids: ['plain'], letters: 0 },
  { value: event('subject', { entity_id: 'person-1' }), ids: ['subject'], letters: 0 },
  { value: [event('a-1'), event('a-2'), event('a-3', { surplus: 1 })], ids: ['a-1', 'a-2'], letters: 1 },
  { value: [event('b-1'), event('b-2', { model: 'another' })], ids: ['b-1'], letters: 1 },
  { value: event('binary'), headers: binary, ids: ['binary'], letters: 0 },
  { value: envelope(event('structured')), headers: structured, ids: ['structured'], letters: 0 },
  { value: envelope(undefined), headers: structured, ids: [], letters: 1 },
  { value: null, ids: [], letters: 1 },
  { value: '', ids: [], letters: 1 },
  { value: Buffer.from([0x7b, 0xff, 0x7d]), ids: [], letters: 1 },
  { value: '{"__proto__":{"polluted":1}}', ids: [], letters: 1 },
  { value: `${'['.repeat(100_000)}${']'.repeat(100_000)}`, ids: [], letters: 1 },
  { value: event('long', { features: { x: 'y'.repeat(600_000) } }), ids: [], letters: 1 },
  { value: event('ancient', { timestamp: '1971-01-01T00:00:00Z' }), ids: [], letters: 1 },
  { value: event('future', { timestamp: '2199-01-01T00:00:00Z' }), ids: [], letters: 1 },
  { value: '{}', headers: { 'plumbline-record': 'reconcile' }, ids: [], letters: 1 },
  { value: event('after all of these'), ids: ['after all of these'], letters: 0 },
];

const describeSplit = describeWithKafka();

describeSplit('producers that write to the topics themselves', () => {
  let deployment: SplitDeployment;
  let api: AppProcess;
  let ingester: AppProcess;
  let kafka: InstanceType<typeof kafkajs.Kafka>;
  let producer: ReturnType<typeof kafka.producer>;

  beforeAll(async () => {
    // The consumer of this test reads no zstd.
    deployment = await SplitDeployment.start({ PLUMBLINE_KAFKA_COMPRESSION: 'gzip' });
    await deployment.migrate();
    api = await deployment.launch('api');
    ingester = await deployment.launch('ingester');
    kafka = new kafkajs.Kafka({ brokers: [...deployment.broker.brokers], logLevel: kafkajs.logLevel.NOTHING });
    producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
  }, TEST_MS);
  afterAll(async () => {
    await producer?.disconnect();
    await deployment?.stop();
  }, TEST_MS);

  const topic = (name: 'PREDICTIONS' | 'LABELS' | 'DEAD_LETTERS'): string =>
    deployment.env[`PLUMBLINE_KAFKA_TOPICS_${name}`]!;
  const bytes = (value: unknown): Buffer | null =>
    value === null || value instanceof Buffer
      ? value
      : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const counters = async (kind: 'prediction' | 'label') => {
    const text = await (await fetch(`${ingester.url}/metrics`)).text();
    const sum = (name: string): number => {
      const lines = text.matchAll(new RegExp(`^plumbline_${name}_total\\{[^}]*kind="${kind}"[^}]*\\} (\\d+)`, 'gm'));
      return [...lines].reduce((total, [, value]) => total + Number(value), 0);
    };
    const duplicates = /^plumbline_duplicate_predictions_total (\d+)/m.exec(text)?.[1];
    return {
      consumed: sum('events_consumed'),
      stored: sum('events_ingested'),
      duplicates: kind === 'prediction' ? Number(duplicates) : 0,
      deadLetters: sum('dead_letters'),
    };
  };
  const letters = async (): Promise<DeadLetterReply[]> =>
    (await api.get<{ items: DeadLetterReply[] }>('/v1/dead-letters?limit=1000')).items;
  const stored = async (): Promise<number> => {
    const response = await fetch(`${api.url}/v1/models/foreign/versions`);
    if (!response.ok) return 0;
    const { items } = (await response.json()) as { items: { predictions: number }[] };
    return items[0]?.predictions ?? 0;
  };
  const ids = MESSAGES.flatMap((message) => message.ids);
  const letterCount = MESSAGES.reduce((sum, message) => sum + message.letters, 0);

  it(
    'have each event stored once or set aside, whatever they write, with whatever key',
    async () => {
      // Twice, and without a key: most messages lie on a partition that is not that of their model.
      for (const _round of [1, 2]) {
        await producer.send({
          topic: topic('PREDICTIONS'),
          messages: MESSAGES.map(({ value, headers }) => ({ value: bytes(value), ...(headers && { headers }) })),
        });
      }
      await until(
        'all events',
        async () => ((await letters()).length === 2 * letterCount && (await stored()) >= ids.length ? true : undefined),
        PATIENCE_MS,
      );
      const counted = await until(
        'all of them counted',
        async () => {
          const counts = await counters('prediction');
          return counts.consumed >= 2 * (ids.length + letterCount) ? counts : undefined;
        },
        PATIENCE_MS,
      );
      expect(counted.stored + counted.duplicates + counted.deadLetters).toBe(counted.consumed);
      const verified = await api.post('/v1/models/foreign/cells/verify', { repair: true });
      expect(await verified.json()).toMatchObject({ predictions: ids.length });
      expect(await stored()).toBe(ids.length);
      const found = await letters();
      expect(new Set(found.map(({ dead_letter_id: id }) => id)).size).toBe(2 * letterCount);
      expect([...new Set(found.map(({ reason }) => reason))].sort()).toEqual(
        [
          'empty_message',
          'forbidden_key',
          'missing',
          'mixed_models',
          'not_json',
          'not_an_object',
          'too_far_in_the_future',
          'too_far_in_the_past',
          'too_long',
          'unknown_field',
          'wrong_type',
        ].sort(),
      );
    },
    TEST_MS,
  );

  it(
    'write labels, which the api and they may mix',
    async () => {
      const label = (id: string) => ({ project: 'default', model: 'foreign', prediction_id: id, label: true });
      await producer.send({
        topic: topic('LABELS'),
        messages: [
          { value: JSON.stringify([label('plain'), label('binary')]) },
          { value: JSON.stringify(label('a-1')), headers: { ...binary, ce_type: 'ai.plumbline.label' } },
          { value: JSON.stringify(label('a-2')), headers: binary },
        ],
      });
      const answer = await api.post('/v1/labels', { model: 'foreign', prediction_id: 'structured', label: 1 });
      expect(answer.status).toBe(202);
      const counted = await until(
        'the labels',
        async () => {
          const counts = await counters('label');
          return counts.consumed >= 5 ? counts : undefined;
        },
        PATIENCE_MS,
      );
      expect(counted).toEqual({ consumed: 5, stored: 4, duplicates: 0, deadLetters: 1 });
      const refused = (await letters()).filter(({ kind }) => kind === 'label');
      expect(refused).toMatchObject([{ reason: 'not_a_cloud_event', prediction_id: 'a-2', state: 'open' }]);
    },
    TEST_MS,
  );

  it(
    'find their dead letters in the topic, and see them replayed once they are mended',
    async () => {
      const consumer = kafka.consumer({ groupId: `${topic('DEAD_LETTERS')}.test` });
      const seen = new Set<string>();
      await consumer.connect();
      await consumer.subscribe({ topic: topic('DEAD_LETTERS'), fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => {
          seen.add((JSON.parse(message.value!.toString()) as DeadLetterReply).dead_letter_id);
        },
      });
      const all = await letters();
      await until(
        'all of them',
        () => (all.every(({ dead_letter_id: id }) => seen.has(id)) ? true : undefined),
        PATIENCE_MS,
      );
      await consumer.disconnect();
      // Of another model than the rest of its message, which is no fault of its own.
      const replayed = await runCli(api.url, 'dead-letters', 'replay', '--reason', 'mixed_models', '--json');
      expect(replayed).toMatchObject({ code: 0 });
      expect(JSON.parse(replayed.stdout)).toMatchObject({ changed: 2, refused: [] });
      await until(
        'the replayed event, once',
        async () => {
          const response = await fetch(`${api.url}/v1/models/another/versions`);
          if (!response.ok) return undefined;
          const { items } = (await response.json()) as { items: { predictions: number }[] };
          return items[0]?.predictions === 1 ? true : undefined;
        },
        PATIENCE_MS,
      );
    },
    TEST_MS,
  );
});
