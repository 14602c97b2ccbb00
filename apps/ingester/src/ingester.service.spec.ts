import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configurationSchema,
  createEventCodecs,
  type DeadLetterRecord,
  type EventMessage,
  type LabelRecord,
  modelDeclarationSchema,
  type PredictionRecord,
  type TopicName,
  type TopicRecords,
} from '@plumbline/contracts';
import {
  entityHasher,
  listDeadLetters,
  listDirtyHours,
  markReferenceChanged,
  mergeTrafficCells,
  migrate,
  readDeadLetters,
  saveDeadLetterStates,
  saveModel,
  StorageError,
  Store,
} from '@plumbline/storage';
import {
  type BatchHandler,
  EventStream,
  type OutgoingRecord,
  type StreamBatch,
  type StreamHealth,
  StreamStaleError,
} from '@plumbline/stream';
import { createLogger, Metrics } from '@plumbline/telemetry';
import { IngesterMetrics } from './ingester.metrics.js';
import { IngesterService } from './ingester.service.js';

const HOUR_MS = 3_600_000;
const nowMs = (): number => Date.now();
const DAY_MS = 24 * HOUR_MS;

/** A stream whose batches the test makes: how a broker cuts, repeats and takes away is what these tests are about. */
class HandFedStream extends EventStream {
  override readonly publishMeans = 'queued';
  readonly published: { topic: TopicName; key: string; value: unknown }[] = [];
  private readonly handlers = new Map<TopicName, BatchHandler<unknown>>();

  override async publish<K extends TopicName>(
    topic: K,
    records: readonly OutgoingRecord<TopicRecords[K]>[],
  ): Promise<void> {
    this.published.push(...records.map(({ key, value }) => ({ topic, key, value })));
  }

  override async subscribe<K extends TopicName>(topic: K, handler: BatchHandler<TopicRecords[K]>): Promise<void> {
    this.handlers.set(topic, handler as BatchHandler<unknown>);
  }

  async deliver<K extends TopicName>(
    topic: K,
    values: readonly TopicRecords[K][],
    batch: Partial<StreamBatch<unknown>> & { readonly firstOffset?: number } = {},
  ): Promise<void> {
    const first = batch.firstOffset ?? 0;
    await this.handlers.get(topic)!({
      topic,
      partition: 0,
      identity: `${topic}:${first}-${values.length}:${Math.random()}`,
      ownership: 'mine',
      records: values.map((value, index) => ({ offset: String(first + index), key: '', value })),
      heartbeat: async () => undefined,
      isStale: () => false,
      ...batch,
    });
  }

  override owns(): boolean {
    return true;
  }
  override health(): StreamHealth {
    return { partitions: [] } as unknown as StreamHealth;
  }
  override async stop(): Promise<void> {}
}

describe('the ingester', () => {
  let dataDir: string;
  let store: Store;
  let nextProject = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-ingester-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, nowMs());
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const configurationOf = (intake: object) => configurationSchema.parse({ dataDir, intake });

  async function startIngester(intake: object = {}) {
    const project = `p${nextProject++}`;
    const configuration = configurationOf({ defaultProject: project, ...intake });
    const stream = new HandFedStream();
    const metrics = new Metrics({ version: '1' });
    const logger = createLogger({ level: 'error', format: 'json' });
    const service = new IngesterService(store, stream, new IngesterMetrics(metrics), logger, configuration);
    await service.onModuleInit();
    const codecs = createEventCodecs({ configuration, hashEntity: entityHasher('key') });
    const message = (value: unknown, headers: EventMessage['headers'] = {}, timestampMs = nowMs()): EventMessage => ({
      value:
        value === null || value instanceof Buffer
          ? value
          : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
      headers,
      timestampMs,
    });
    const counter = async (name: string): Promise<number> => {
      const metric = await metrics.registry.getSingleMetric(name)!.get();
      return metric.values.reduce((sum, { value }) => sum + value, 0);
    };
    return {
      project,
      stream,
      prediction: (value: unknown, headers?: EventMessage['headers'], timestampMs?: number): PredictionRecord =>
        codecs['plumbline.predictions'].decode(message(value, headers, timestampMs)),
      label: (value: unknown): LabelRecord => codecs['plumbline.labels'].decode(message(value)),
      letters: () => listDeadLetters(store, { project, limit: 1_000 }),
      stored: async (model = 'm', version = '1', aroundMs = nowMs()): Promise<number> =>
        (
          await mergeTrafficCells(store, {
            ...{ project, model, version, segment: '' },
            fromMs: aroundMs - 6 * DAY_MS,
            toMs: aroundMs + DAY_MS,
          })
        ).n,
      counts: async () => ({
        consumed: await counter('plumbline_events_consumed_total'),
        stored: await counter('plumbline_events_ingested_total'),
        duplicates: await counter('plumbline_duplicate_predictions_total'),
        deadLetters: await counter('plumbline_dead_letters_total'),
      }),
    };
  }

  const event = (id: string, extra: object = {}): object => ({
    model: 'm',
    prediction_id: id,
    features: { x: 1 },
    ...extra,
  });

  it('stores what is good, sets aside what is not, and both add up to what came', async () => {
    const { stream, prediction, letters, stored, counts } = await startIngester({ maxAge: '10d', maxAhead: '1h' });
    await stream.deliver('plumbline.predictions', [
      prediction(event('a')),
      prediction(null),
      prediction(Buffer.from([0xff, 0xfe])),
      prediction([event('b'), event('a'), event('c', { surplus: 1 }), event('d', { model: 'other' })]),
      prediction(event('old', { timestamp: nowMs() - 11 * DAY_MS })),
      prediction(event('ahead', { timestamp: nowMs() + 2 * HOUR_MS })),
      prediction(event('seconds', { timestamp: Math.floor(nowMs() / 1000) })),
    ]);
    expect(await stored()).toBe(2);
    expect(await counts()).toEqual({ consumed: 10, stored: 2, duplicates: 1, deadLetters: 7 });
    const found = await letters();
    expect(
      found.map(({ position, reason, predictionId, stage }) => [position, reason, predictionId, stage]).sort(),
    ).toEqual([
      ['0/1', 'empty_message', '', 'decode'],
      ['0/2', 'not_json', '', 'decode'],
      ['0/3#2', 'unknown_field', 'c', 'decode'],
      ['0/3#3', 'mixed_models', 'd', 'decode'],
      ['0/4', 'too_far_in_the_past', 'old', 'store'],
      ['0/5', 'too_far_in_the_future', 'ahead', 'store'],
      ['0/6', 'too_far_in_the_past', 'seconds', 'store'],
    ]);
    expect(found.find(({ predictionId }) => predictionId === 'seconds')?.detail).toContain('milliseconds, not seconds');
    expect(found.every(({ state }) => state === 'open')).toBe(true);
  });

  it('judges times by when an event was received, so that it is judged alike on each delivery, at whatever time', async () => {
    const { project, stream, prediction, letters, stored, counts } = await startIngester({
      ...{ maxAge: '10d', maxAhead: '1h' },
    });
    const receivedAtMs = nowMs() - 20 * DAY_MS;
    const headers = { 'plumbline-received-at': String(receivedAtMs) };
    const columns = {
      model: 'm',
      prediction_id: ['x', 'y'],
      timestamp: [receivedAtMs - 5 * DAY_MS, receivedAtMs + 2 * HOUR_MS],
      features: { x: [1, 2] },
    };
    const records = [
      // Too old by now, and was not when it came; in the past by now, and was too far ahead when it came.
      prediction(event('waited', { timestamp: receivedAtMs - 5 * DAY_MS }), headers),
      prediction(event('was ahead', { timestamp: receivedAtMs + 2 * HOUR_MS }), headers),
      prediction(columns, { ...headers, 'content-type': 'application/vnd.plumbline.columns+json' }),
    ];
    for (const ownership of ['one process', 'the next']) {
      await stream.deliver('plumbline.predictions', records, { ownership });
      expect((await letters()).map(({ predictionId }) => predictionId).sort()).toEqual(['was ahead', 'y']);
    }
    expect(await counts()).toMatchObject({ consumed: 8, deadLetters: 4 });
    await stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }]);
    expect(await stored('m', '1', receivedAtMs)).toBe(2);
  });

  it('judges a message without any time by the clock', async () => {
    const { stream, prediction, letters, counts } = await startIngester({ maxAge: '10d' });
    const headers = { 'plumbline-received-at': 'nonsense' };
    await stream.deliver('plumbline.predictions', [
      prediction(event('timed', { timestamp: nowMs() }), headers, -1),
      prediction(event('timeless'), headers, -1),
    ]);
    expect((await letters()).map(({ predictionId, reason }) => [predictionId, reason])).toEqual([
      ['timeless', 'too_far_in_the_past'],
    ]);
    expect(await counts()).toMatchObject({ stored: 1, deadLetters: 1 });
  });

  it('stores columns as it stores single predictions, and sets aside damaged rows one by one', async () => {
    const { project, stream, prediction, letters, stored, counts } = await startIngester({ maxAge: '10d' });
    const columns = {
      model: 'm',
      prediction_id: ['a', 'b', '', 'old', 'poison', 'b'],
      timestamp: [null, null, null, nowMs() - 11 * DAY_MS, null, null],
      features: { x: [1, 2, 3, 4, 5, 6], city: ['Ulm', null, 'Ulm', 'Ulm', 'Ulm', 'Ulm'] },
    };
    const insertBlock = store.insertBlock.bind(store);
    store.insertBlock = async (table, block, token) => {
      if (table === 'prediction' && block.bytes().includes('poison'))
        throw new StorageError('cannot parse', 'rejected', false);
      return insertBlock(table, block, token);
    };
    try {
      const record = prediction(columns, { 'content-type': 'application/vnd.plumbline.columns+json' });
      await stream.deliver('plumbline.predictions', [record, prediction(event('c'))], { firstOffset: 7 });
    } finally {
      store.insertBlock = insertBlock;
    }
    expect(await counts()).toEqual({ consumed: 7, stored: 3, duplicates: 1, deadLetters: 3 });
    // The engine refused a row after it was counted: the hour is marked, and reconciled when it is next looked at.
    await stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }]);
    expect(await stored()).toBe(3);
    const found = await letters();
    expect(found.map(({ position, reason, predictionId }) => [position, reason, predictionId]).sort()).toEqual([
      ['0/7#2', 'too_far_in_the_past', 'old'],
      ['0/7#3', 'rejected_by_engine', 'poison'],
      ['0/7#5', 'missing', ''],
    ]);
    const replayed = [];
    for await (const chunk of readDeadLetters(store, project, found)) {
      replayed.push(...chunk.map(({ message }) => prediction(message.value, message.headers)));
    }
    expect(replayed.map(({ type }) => type).sort()).toEqual(['prediction', 'prediction', 'refused']);
  });

  it('keeps the bytes that came, whatever they are', async () => {
    const { project, stream, prediction, letters } = await startIngester();
    const values = [Buffer.from([0xff, 0x00, 0xfe]), Buffer.from('{"model": "ü\\ud800"'), Buffer.from(' [] x')];
    await stream.deliver(
      'plumbline.predictions',
      values.map((value) => prediction(value)),
    );
    const read = [];
    for await (const chunk of readDeadLetters(store, project, await letters())) read.push(...chunk);
    const bytes = new Map(read.map(({ position, message }) => [position, message.value]));
    for (const [index, value] of values.entries()) expect(bytes.get(`0/${index}`)?.equals(value)).toBe(true);
  });

  it('sets aside what names its field by half a surrogate pair, which the engine does not take', async () => {
    const { stream, prediction, letters, stored } = await startIngester();
    const surplus = '{"model":"m","prediction_id":"b","features":{},"\\ud800":1}';
    const feature = '{"model":"m","prediction_id":"c","features":{"\\ud800":1}}';
    await stream.deliver('plumbline.predictions', [prediction(event('a')), prediction(surplus), prediction(feature)]);
    expect(await stored()).toBe(1);
    expect((await letters()).map(({ reason }) => reason).sort()).toEqual(['invalid_name', 'unknown_field']);
  });

  it('writes a letter once, however often its message is delivered, and does not open it again', async () => {
    const { project, stream, prediction, letters } = await startIngester();
    const records = [prediction('x'), prediction(event('a', { surplus: 1 }))];
    await stream.deliver('plumbline.predictions', records);
    const [first] = await letters();
    const decision = { state: 'discarded', changedBy: 'me', changedAtMs: nowMs() } as const;
    await saveDeadLetterStates(store, project, [first!.deadLetterId], decision);
    await stream.deliver('plumbline.predictions', records, { identity: 'cut otherwise' });
    expect(await letters()).toHaveLength(2);
    expect((await letters()).filter(({ state }) => state === 'discarded')).toMatchObject([
      { deadLetterId: first!.deadLetterId, changedBy: 'me' },
    ]);
  });

  it('sets aside events that the engine refuses, with what came, and stores the others', async () => {
    const { project, stream, prediction, label, letters, stored, counts } = await startIngester();
    const insertBlock = store.insertBlock.bind(store);
    store.insertBlock = async (table, block, token) => {
      if ((table === 'prediction' || table === 'label') && block.bytes().includes('poison'))
        throw new StorageError('cannot parse', 'rejected', false);
      return insertBlock(table, block, token);
    };
    try {
      const ids = ['a', 'b', 'poison', 'c', 'poison'];
      await stream.deliver(
        'plumbline.predictions',
        ids.map((id) => prediction(event(id, { trace_id: `trace of ${id}` }))),
        { firstOffset: 40 },
      );
      await stream.deliver(
        'plumbline.labels',
        ids.map((id) => label({ model: 'm', prediction_id: id, label: 1 })),
      );
    } finally {
      store.insertBlock = insertBlock;
    }
    expect(await counts()).toEqual({ consumed: 10, stored: 6, duplicates: 1, deadLetters: 3 });
    const read = [];
    for await (const chunk of readDeadLetters(store, project, await letters())) read.push(...chunk);
    expect(read.map(({ kind, position, reason }) => [kind, position, reason]).sort()).toEqual([
      ['label', '0/2', 'rejected_by_engine'],
      ['label', '0/4', 'rejected_by_engine'],
      ['prediction', '0/42', 'rejected_by_engine'],
    ]);
    const kept = read.find(({ kind }) => kind === 'prediction')!;
    expect(JSON.parse(kept.message.value.toString())).toEqual(event('poison', { trace_id: 'trace of poison' }));
    // Cells were counted for the refused row as well: reconcile finds the hour.
    await stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }]);
    expect(await stored()).toBe(3);
  });

  it('says that work goes on while it rebuilds cells, and while it looks for the rows that the engine refuses', async () => {
    const { project, stream, prediction } = await startIngester();
    let heartbeats = 0;
    const alive = { heartbeat: async () => void heartbeats++ };
    const insertBlock = store.insertBlock.bind(store);
    store.insertBlock = async (table, block, token) => {
      if (table === 'prediction' && block.rows > 1) throw new StorageError('cannot parse', 'rejected', false);
      return insertBlock(table, block, token);
    };
    const records = Array.from({ length: 8 }, (_each, index) => prediction(event(String(index))));
    await stream.deliver('plumbline.predictions', records, alive);
    store.insertBlock = insertBlock;
    // Seven times the rows were halved; the last is that of the end.
    expect(heartbeats).toBe(8);
    await markReferenceChanged(store, project, 'm', nowMs());
    heartbeats = 0;
    await stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }], alive);
    // Before and after the request, after a page of rows, and after the hours of a step.
    expect(heartbeats).toBe(4);
  });

  it('delivers a batch again when its letters cannot be written, and loses none', async () => {
    const { stream, prediction, letters, stored } = await startIngester();
    const insert = store.insert.bind(store);
    store.insert = async (table, rows, token) => {
      if (table === 'dead_letter') throw new StorageError('no disk', 'unavailable', true);
      return insert(table, rows, token);
    };
    const records = [prediction(event('a')), prediction('x')];
    await expect(stream.deliver('plumbline.predictions', records, { identity: 'b' })).rejects.toThrow('no disk');
    store.insert = insert;
    await stream.deliver('plumbline.predictions', records, { identity: 'b' });
    expect(await letters()).toHaveLength(1);
    expect(await stored()).toBe(1);
  });

  it('publishes dead letters for consumers outside, a very large one without its payload', async () => {
    const { project, stream, prediction } = await startIngester();
    await stream.deliver('plumbline.predictions', [prediction('x'), prediction('y'.repeat(300_000))]);
    const records = stream.published.map(({ value }) => value as DeadLetterRecord);
    expect(stream.published.map(({ topic }) => topic)).toEqual(['plumbline.dead-letters', 'plumbline.dead-letters']);
    expect(records).toMatchObject([
      { project, source: 'plumbline.predictions', position: '0/0', reason: 'not_json', payload: 'x', encoding: 'utf8' },
      { position: '0/1', payload_bytes: 300_000 },
    ]);
    expect(records[1]).not.toHaveProperty('payload');
  });

  it('publishes dead letters that do not fit the queue in pieces, and what never fits without its payload', async () => {
    const { stream, prediction, letters } = await startIngester();
    const publish = stream.publish.bind(stream);
    stream.publish = async (topic, records) => {
      const bytes = records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (bytes > 5_000) throw new RangeError('can never fit');
      return publish(topic, records);
    };
    const values = [...Array.from({ length: 20 }, (_each, index) => `x${index}`), 'y'.repeat(6_000)];
    await stream.deliver(
      'plumbline.predictions',
      values.map((value) => prediction(value)),
    );
    const published = stream.published.map(({ value }) => (value as DeadLetterRecord).payload);
    expect(published).toEqual([...values.slice(0, 20), undefined]);
    expect(await letters()).toHaveLength(21);
  });

  it('takes no unregistered model where these are refused, whoever writes it to the topic', async () => {
    const { stream, prediction, label, letters, counts } = await startIngester({ unknownModels: 'refuse' });
    await stream.deliver('plumbline.predictions', [prediction(event('a')), prediction(event('b'))]);
    await stream.deliver('plumbline.labels', [label({ model: 'm', prediction_id: 'a', label: 1 })]);
    expect((await letters()).map(({ reason }) => reason)).toEqual(['unknown_model', 'unknown_model', 'unknown_model']);
    expect(await counts()).toEqual({ consumed: 3, stored: 0, duplicates: 0, deadLetters: 3 });
  });

  it('stores all of a batch that is sorted otherwise when it is delivered again', async () => {
    const { project, stream, prediction, letters, stored } = await startIngester({ unknownModels: 'refuse' });
    const declare = (model: string): Promise<void> =>
      saveModel(store, {
        ...{ project, model, declaration: modelDeclarationSchema.parse({}), origin: 'declared', updatedBy: 'me' },
        updatedAtMs: nowMs(),
      });
    const records = [prediction(event('a')), prediction(event('b', { model: 'n' }))];
    await declare('m');
    const insertBlock = store.insertBlock.bind(store);
    store.insertBlock = async (table, block, token) => {
      if (table === 'feature_cell') throw new StorageError('no disk', 'unavailable', true);
      return insertBlock(table, block, token);
    };
    await expect(stream.deliver('plumbline.predictions', records, { identity: 'b' })).rejects.toThrow('no disk');
    store.insertBlock = insertBlock;
    // Registered between the two deliveries, as an event that is too far ahead may come into its time.
    await declare('n');
    await stream.deliver('plumbline.predictions', records, { identity: 'b' });
    expect([await stored('m'), await stored('n')]).toEqual([1, 1]);
    await stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'n' }]);
    expect(await stored('n')).toBe(1);
    expect(await letters()).toEqual([]);
  });

  it('forgets what it knew of a partition that another process may have owned in between', async () => {
    const { project, stream, prediction, stored, counts } = await startIngester();
    const records = [prediction(event('a'))];
    const mine = (ownership: string, firstOffset: number) => ({ ownership, firstOffset });
    await stream.deliver('plumbline.predictions', records, mine('first', 0));
    await stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }], mine('first', 1));
    // Meanwhile another process stores an event of the same hour, which it reconciles.
    const other = await startIngester({ defaultProject: project });
    await other.stream.deliver('plumbline.predictions', [prediction(event('b'))], mine('theirs', 2));
    await other.stream.deliver(
      'plumbline.predictions',
      [{ type: 'reconcile', project, model: 'm' }],
      mine('theirs', 3),
    );
    expect(await listDirtyHours(store, project, 'm')).toEqual([]);
    // The same event comes again, and a new one: the first is known, and the hour is marked anew.
    await stream.deliver('plumbline.predictions', [prediction(event('b')), prediction(event('c'))], mine('second', 4));
    expect(await counts()).toMatchObject({ stored: 2, duplicates: 1 });
    expect(await listDirtyHours(store, project, 'm')).not.toEqual([]);
    expect(await stored()).toBe(3);
  });

  it('adds no cells to a partition that it lost while it was stopped, and marks the hours', async () => {
    const { project, stream, prediction, stored } = await startIngester();
    const record = prediction(event('a'));
    const successor = await startIngester({ defaultProject: project });
    let asked = 0;
    // Owned when it begins. Then the process is stopped, and goes on after its session.
    const delivery = stream.deliver('plumbline.predictions', [record], { isStale: () => asked++ > 0 });
    await expect(delivery).rejects.toThrow(StreamStaleError);
    expect(await stored()).toBe(0);
    expect(await listDirtyHours(store, project, 'm')).not.toEqual([]);
    await successor.stream.deliver('plumbline.predictions', [record], { ownership: 'theirs' });
    await successor.stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }]);
    expect(await stored()).toBe(1);
  });

  it.each<[string, Partial<StreamBatch<unknown>>, boolean]>([
    ['sees that the batch is stale', { isStale: () => true }, false],
    [
      'learns it from the heartbeat',
      {
        heartbeat: async () => {
          throw new Error('rebalance in progress');
        },
      },
      true,
    ],
  ])('marks its hours again when it lost the partition while it wrote: %s', async (_name, lost, throws) => {
    const { project, stream, prediction, stored } = await startIngester();
    const record = prediction(event('a'));
    const successor = await startIngester({ defaultProject: project });
    const insertBlock = store.insertBlock.bind(store);
    // Before this process writes its cells, the one that took the partition over stores the same event and reconciles the hour.
    store.insertBlock = async (table, block, token) => {
      if (table === 'feature_cell' || table === 'traffic_cell') {
        store.insertBlock = insertBlock;
        await successor.stream.deliver('plumbline.predictions', [record], { ownership: 'theirs' });
        await successor.stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }]);
      }
      return insertBlock(table, block, token);
    };
    const delivery = stream.deliver('plumbline.predictions', [record], lost);
    await (throws ? expect(delivery).rejects.toThrow('rebalance') : delivery);
    expect(await stored()).toBe(2);
    await successor.stream.deliver('plumbline.predictions', [{ type: 'reconcile', project, model: 'm' }]);
    expect(await stored()).toBe(1);
  });
});
