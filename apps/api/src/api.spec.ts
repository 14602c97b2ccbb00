import { request as httpRequest } from 'node:http';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type Configuration,
  configurationSchema,
  eventOfRow,
  type LabelRecord,
  type PredictionRecord,
  type RetrainingRun,
  type TickRecord,
  type Transition,
  type TransitionRecord,
  withoutLabels,
} from '@plumbline/contracts';
import { changeRun } from '@plumbline/monitoring';
import { LinkKeys } from '@plumbline/platform';
import {
  type DeadLetter,
  deadLetterId,
  findEvaluationRun,
  insertDeadLetters,
  insertMeasurements,
  insertRetrainingEvent,
  insertRetrainingRun,
  insertTransitions,
  migrate,
  saveEvaluationRuns,
  Store,
} from '@plumbline/storage';
import { EventStream, InProcessEventStream } from '@plumbline/stream';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '@plumbline/telemetry';
import { BrokerStream } from '../../../test/support/broker-stream.js';
import { seedVersions } from '../../../test/support/seed-versions.js';
import { ApiModule } from './api.module.js';
import { configureHttp } from './http/configure-http.js';

const KEYS = {
  admin: 'admin-key-0123456789',
  ingest: 'ingest-key-0123456789',
  read: 'read-key-0123456789',
  other: 'other-key-0123456789',
};
const MEBIBYTE = 1024 * 1024;

@Global()
@Module({})
class PlatformModule {
  static forRoot(configuration: Configuration, store: Store, stream: EventStream): DynamicModule {
    const providers = [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: Store, useValue: store },
      { provide: EventStream, useValue: stream },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

async function start(configuration: Configuration, store: Store, stream: EventStream): Promise<NestFastifyApplication> {
  const telemetry = TelemetryModule.forRoot({
    logger: createLogger({ level: 'error', format: 'json' }),
    metrics: new Metrics({ version: '1.2.3' }),
    health: new Health(),
    version: '1.2.3',
  });
  @Module({ imports: [telemetry, PlatformModule.forRoot(configuration, store, stream), ApiModule] })
  class AppModule {}
  const adapter = new FastifyAdapter();
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
    logger: false,
    bodyParser: false,
  });
  configureHttp(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows what it asked for
  readonly body: any;
}

/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- replies are any, see Answer */
/** Predictions one by one, however intake put them together. */
function singlesOf(record: PredictionRecord): PredictionRecord[] {
  if (record.type !== 'columns') return [record];
  const { columns } = record;
  return columns.predictionIds.map((_id, row) => ({ type: 'prediction', event: eventOfRow(columns, row) }));
}

describe('the API over HTTP', () => {
  let dataDir: string;
  let store: Store;
  let stream: InProcessEventStream;
  let app: NestFastifyApplication;
  let url: string;
  const predictions: PredictionRecord[] = [];
  const labels: LabelRecord[] = [];
  const ticks: TickRecord[] = [];
  const wakes: TransitionRecord[] = [];
  /** While set, the handler of predictions waits for it: what is published meanwhile stays in the queue. */
  let gate: Promise<void> | undefined;

  const settings = (overrides: object = {}): Configuration =>
    configurationSchema.parse({
      dataDir,
      apiKeys: [
        { key: KEYS.admin, project: 'p', scopes: ['ingest', 'read', 'admin'] },
        { key: KEYS.ingest, project: 'p', scopes: ['ingest'] },
        { key: KEYS.read, project: 'p', scopes: ['read'] },
        { key: KEYS.other, project: 'other', scopes: ['ingest', 'read', 'admin'] },
      ],
      http: { requestTimeout: '2s' },
      intake: { maxBodyBytes: MEBIBYTE, maxDecodedBytes: 2 * MEBIBYTE, maxEvents: 100 },
      references: { maxFileBytes: MEBIBYTE },
      ...overrides,
    });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-api-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
    stream = new InProcessEventStream({
      partitions: 2,
      maxQueueBytes: 3 * MEBIBYTE,
      maxBatchRecords: 1_000,
      onHandlerError: (error) => {
        throw error;
      },
    });
    const collect =
      <T>(into: T[]) =>
      async (batch: { readonly records: readonly { readonly value: T }[] }): Promise<void> => {
        await gate;
        into.push(...batch.records.map(({ value }) => value));
      };
    await stream.subscribe(
      'plumbline.predictions',
      async ({ records }) => {
        await gate;
        predictions.push(...records.flatMap(({ value }) => singlesOf(value)));
      },
      { group: 'test' },
    );
    await stream.subscribe('plumbline.labels', collect(labels), { group: 'test' });
    await stream.subscribe('plumbline.ticks', collect(ticks), { group: 'test' });
    await stream.subscribe('plumbline.transitions', collect(wakes), { group: 'test' });
    app = await start(settings(), store, stream);
    url = await app.getUrl();
  });

  afterAll(async () => {
    await app.close();
    await stream.stop();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    base = url,
  ): Promise<Answer> => {
    const raw = typeof body === 'string' || body instanceof Buffer;
    const response = await fetch(base + path, {
      method,
      headers: {
        authorization: `Bearer ${KEYS.admin}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
  };
  const event = (id: string, extra: object = {}): object => ({
    model: 'm',
    prediction_id: id,
    features: { x: 1 },
    ...extra,
  });
  const idsOf = (records: readonly PredictionRecord[]): string[] =>
    records.flatMap((record) => (record.type === 'prediction' ? [record.event.predictionId] : []));
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const asColumns = { 'content-type': 'application/vnd.plumbline.columns+json' };

  describe('intake', () => {
    it('takes predictions as columns, and refuses damaged rows one by one', async () => {
      const columns = {
        model: 'loan',
        version: '7',
        prediction_id: ['col-1', '', 'col-3'],
        features: { x: [1, 2, null], city: ['Ulm', 'Ulm', 'Bonn'] },
        prediction: { label: [1, 0, 1] },
      };
      const answer = await call('POST', '/v1/predictions', columns, asColumns);
      expect(answer).toMatchObject({ status: 200, body: { accepted: 2, rejected_count: 1 } });
      expect(answer.body.rejected).toMatchObject([{ index: 1, field: 'prediction_id', reason: 'missing' }]);
      const records = predictions.filter((one) => one.type === 'prediction' && one.event.version === '7');
      expect(records).toMatchObject([
        { event: { model: 'loan', predictionId: 'col-1', features: { x: 1, city: 'Ulm' }, label: '1' } },
        { event: { model: 'loan', predictionId: 'col-3', features: { city: 'Bonn' }, label: '1' } },
      ]);
    });

    it.each([
      ['lists of two lengths', { model: 'm', prediction_id: ['a', 'b'], features: { x: [1] } }, 400, 'features.x'],
      ['no JSON', 'a,b', 400, 'JSON'],
      ['too many rows', { model: 'm', prediction_id: new Array(101).fill('a'), features: {} }, 413, '101 rows'],
    ])('refuses columns that are %s', async (_name, body, status, detail) => {
      const answer = await call('POST', '/v1/predictions', body, asColumns);
      expect(answer.status).toBe(status);
      expect(answer.body.detail).toContain(detail);
    });

    it('takes no labels as columns', async () => {
      const labelColumns = { model: 'm', prediction_id: ['a'], label: [1] };
      expect(await call('POST', '/v1/labels', labelColumns, asColumns)).toMatchObject({ status: 415 });
    });

    it.each<[string, unknown, Record<string, string>, number]>([
      ['one object', event('one'), {}, 1],
      ['an array', [event('array-1'), event('array-2')], {}, 2],
      ['NDJSON', `${JSON.stringify(event('line-1'))}\r\n\r\n${JSON.stringify(event('line-2'))}\n`, ndjson, 2],
      ['gzip', gzipSync(JSON.stringify(event('gzip'))), { 'content-encoding': 'gzip' }, 1],
      ['the same id twice', [event('twice'), event('twice')], {}, 2],
      ['an idempotency key', event('key'), { 'idempotency-key': 'k-1' }, 1],
      ['an empty array', [], {}, 0],
      ['empty NDJSON', '\n', ndjson, 0],
    ])('takes %s, and answers when it is durable', async (_name, body, headers, accepted) => {
      const before = predictions.length;
      const answer = await call('POST', '/v1/predictions', body, headers);
      expect(answer).toMatchObject({ status: 200, body: { accepted, rejected_count: 0, rejected: [] } });
      expect(predictions.length - before).toBe(accepted);
    });

    const structured = (data: unknown, change: object = {}): object => ({
      specversion: '1.0',
      id: '1',
      source: '/scoring',
      type: 'ai.plumbline.prediction',
      data,
      ...change,
    });
    const binary = {
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/scoring%20%E2%82%AC',
      'ce-type': 'ai.plumbline.prediction',
    };
    const asStructured = { 'content-type': 'application/cloudevents+json' };
    const asBatch = { 'content-type': 'application/cloudevents-batch+json' };

    it.each<[string, unknown, Record<string, string>, string[]]>([
      ['binary mode', event('ce-binary'), binary, ['ce-binary']],
      ['structured mode', structured(event('ce-structured')), asStructured, ['ce-structured']],
      ['a batch', [structured(event('ce-1')), structured(event('ce-2'))], asBatch, ['ce-1', 'ce-2']],
    ])('takes CloudEvents: %s', async (_name, body, headers, ids) => {
      const answer = await call('POST', '/v1/predictions', body, headers);
      expect(answer).toMatchObject({ status: 200, body: { accepted: ids.length, rejected: [] } });
      expect(idsOf(predictions)).toEqual(expect.arrayContaining(ids));
    });

    it.each<[string, unknown, Record<string, string>, string]>([
      [
        'of another type',
        structured(event('x'), { type: 'org.kubeflow.serving.inference.request' }),
        asStructured,
        'type',
      ],
      ['for labels', event('x'), { ...binary, 'ce-type': 'ai.plumbline.label' }, 'type'],
      ['of another version', structured(event('x'), { specversion: '0.3' }), asStructured, 'specversion'],
      ['without data', structured(undefined), asStructured, 'data'],
      ['of damaged headers', event('x'), { ...binary, 'ce-source': '%C3%28' }, 'source'],
      ['of an array', [event('x')], binary, 'data'],
      ['of a bad event', structured({ ...event('x'), surplus: 7 }), asStructured, 'surplus'],
    ])('refuses a CloudEvent %s, and says what is wrong', async (_name, body, headers, field) => {
      const answer = await call('POST', '/v1/predictions', body, headers);
      expect(answer).toMatchObject({ status: 400, body: { rejected: [{ index: 0, field }] } });
      expect(answer.body.rejected[0].message).toMatch(/\w{4}/);
    });

    it('takes the project from the key', async () => {
      await call('POST', '/v1/predictions', event('mine'), { authorization: `Bearer ${KEYS.other}` });
      const record = predictions.find((one) => one.type === 'prediction' && one.event.predictionId === 'mine');
      expect(record).toMatchObject({ event: { project: 'other', model: 'm', version: '1' } });
    });

    it('keeps the good events of a mixed batch, and names the others', async () => {
      const body = [event('good'), event('bad', { features: { x: { y: 1 } } }), 'text', event('fine')];
      const answer = await call('POST', '/v1/predictions', body);
      expect(answer).toMatchObject({
        status: 200,
        body: {
          accepted: 2,
          rejected_count: 2,
          rejected: [
            { index: 1, field: 'features.x', reason: 'wrong_type' },
            { index: 2, field: '', reason: 'not_an_object' },
          ],
        },
      });
      expect(idsOf(predictions)).toEqual(expect.arrayContaining(['good', 'fine']));
      expect(idsOf(predictions)).not.toContain('bad');
    });

    it('answers 400 when every event is refused', async () => {
      const answer = await call('POST', '/v1/predictions', event('nan', { timestamp: 0 }));
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer).toMatchObject({
        status: 400,
        body: {
          status: 400,
          title: 'Bad Request',
          accepted: 0,
          rejected_count: 1,
          rejected: [{ reason: 'too_far_in_the_past' }],
        },
      });
    });

    it('takes labels', async () => {
      const answer = await call('POST', '/v1/labels', { model: 'm', prediction_id: 'one', label: true });
      expect(answer).toMatchObject({ status: 200, body: { accepted: 1 } });
      expect(labels.at(-1)).toMatchObject({ type: 'label', event: { project: 'p', predictionId: 'one', label: '1' } });
    });

    it.each<[number, string, unknown, Record<string, string>]>([
      [415, 'text', 'x', { 'content-type': 'text/plain' }],
      [415, 'an unknown encoding', '{}', { 'content-encoding': 'br' }],
      [400, 'truncated gzip', gzipSync('{}'.repeat(99)).subarray(0, 20), { 'content-encoding': 'gzip' }],
      [400, 'an empty body', '', {}],
      [400, 'half an array', '[{"model":', {}],
      [413, 'a large body', 'x'.repeat(MEBIBYTE + 1), {}],
      [413, 'a gzip bomb', gzipSync(Buffer.alloc(64 * MEBIBYTE)), { 'content-encoding': 'gzip' }],
      [413, 'too many events', Array.from({ length: 101 }, () => ({})), {}],
    ])('answers %i to %s', async (status, _name, body, headers) => {
      const answer = await call('POST', '/v1/predictions', body, headers);
      expect(answer).toMatchObject({ status, body: { status } });
      expect(answer.body.detail).toMatch(/\w{4}/);
    });

    it('stops reading a body without a length as soon as it is too large', async () => {
      const status = await new Promise<number>((resolve, reject) => {
        const headers = { authorization: `Bearer ${KEYS.ingest}`, 'content-type': 'application/json' };
        const request = httpRequest(`${url}/v1/predictions`, { method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
          request.destroy();
        });
        request.on('error', reject);
        // Never ended: only a server that does not wait for the end can answer.
        for (let i = 0; i < 17; i++) request.write(Buffer.alloc(64 * 1024, 0x20));
      });
      expect(status).toBe(413);
    });

    it('answers 429 with Retry-After when the queue is full, and 503 when a request takes too long', async () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      const large = Array.from({ length: 60 }, (_, i) => event(`large-${i}`, { features: { x: 'y'.repeat(16_000) } }));
      const waiting = [1, 2, 3].map(() => call('POST', '/v1/predictions', large));
      const slow = await Promise.race(waiting);
      expect(slow).toMatchObject({ status: 503, body: { status: 503 } });
      expect(Number(slow.headers.get('retry-after'))).toBeGreaterThan(0);
      const refused = await call('POST', '/v1/predictions', large);
      expect(refused).toMatchObject({ status: 429, body: { title: 'Too Many Requests' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      open();
      gate = undefined;
      await Promise.all(waiting);
      expect(await call('POST', '/v1/predictions', event('after'))).toMatchObject({ status: 200 });
    });

    it('refuses unknown models where the configuration says so', async () => {
      const strict = await start(settings({ intake: { unknownModels: 'refuse' }, apiKeys: [] }), store, stream);
      try {
        const base = await strict.getUrl();
        const send = () => call('POST', '/v1/predictions', { ...event('u'), model: 'strict' }, {}, base);
        expect(await send()).toMatchObject({
          status: 400,
          body: { rejected: [{ field: 'model', reason: 'unknown_model' }] },
        });
        expect(await call('PUT', '/v1/models/strict', {}, {}, base)).toMatchObject({ status: 200 });
        expect(await send()).toMatchObject({ status: 200 });
      } finally {
        await strict.close();
      }
    });

    it('counts per batch', async () => {
      const { text } = await call('GET', '/metrics');
      expect(text).toMatch(/plumbline_events_received_total\{kind="prediction"\} \d+/);
      expect(text).toMatch(/plumbline_events_rejected_total\{kind="prediction",reason="wrong_type"\} 1/);
      expect(text).toMatch(/plumbline_intake_requests_refused_total\{kind="prediction",reason="overloaded"\} 1/);
      expect(text).toMatch(/plumbline_intake_duration_seconds_count\{kind="label"\} 1/);
    });
  });

  describe('dead letters', () => {
    let next = 0;
    /** A letter as the ingester writes it. */
    const letter = (value: string | Buffer, change: Partial<DeadLetter> = {}): DeadLetter => ({
      kind: 'prediction',
      project: 'p',
      model: 'm',
      predictionId: '',
      position: `0/${next++}`,
      stage: 'decode',
      reason: 'unknown_field',
      detail: 'surplus is no field of an event',
      message: { value: Buffer.from(value), headers: { 'plumbline-project': 'p' } },
      receivedAtMs: Date.now() - 60_000,
      ...change,
    });
    const write = async (...letters: DeadLetter[]): Promise<string[]> => {
      await insertDeadLetters(store, letters, Date.now());
      return letters.map(deadLetterId);
    };
    const good = (id: string, extra: object = {}): string => JSON.stringify(event(id, extra));

    it('are listed with filters, page by page, each project its own', async () => {
      await write(
        letter('x', { model: 'listed', reason: 'not_json', predictionId: 'a' }),
        letter('y', { model: 'listed', kind: 'label' }),
        letter('z', { model: 'listed' }),
        letter('z', { model: 'listed', project: 'other' }),
      );
      const get = async (query: string) => (await call('GET', `/v1/dead-letters?model=listed${query}`)).body;
      const all = await get('');
      expect(all.items).toHaveLength(3);
      const first = await get('&limit=2');
      const second = await get(`&limit=2&cursor=${first.next_cursor}`);
      expect([...first.items, ...second.items]).toEqual(all.items);
      expect(second.next_cursor).toBeNull();
      expect((await get('&kind=label')).items).toMatchObject([{ kind: 'label', source: 'plumbline.labels' }]);
      expect((await get('&reason=not_json')).items).toMatchObject([{ prediction_id: 'a', state: 'open' }]);
      expect((await get('&state=discarded')).items).toEqual([]);
      expect((await get(`&from=${new Date(Date.now() + 60_000).toISOString()}`)).items).toEqual([]);
      expect((await get(`&to=${new Date(Date.now() + 60_000).toISOString()}`)).items).toHaveLength(3);
      expect(await call('GET', '/v1/dead-letters?reason=x')).toMatchObject({ status: 400 });
    });

    it('are read with the bytes that came', async () => {
      const bytes = Buffer.from([0xff, 0x00]);
      const [text, binary] = await write(letter('{"ü":', { receivedAtMs: 1_000 }), letter(bytes));
      expect(await call('GET', `/v1/dead-letters/${text}`)).toMatchObject({
        status: 200,
        body: { payload: '{"ü":', encoding: 'utf8', payload_bytes: 6, received_at: '1970-01-01T00:00:01.000Z' },
      });
      const { body } = await call('GET', `/v1/dead-letters/${binary}`);
      expect(Buffer.from(body.payload, 'base64')).toEqual(bytes);
      expect(await call('GET', '/v1/dead-letters/none')).toMatchObject({ status: 404 });
    });

    it('are sent once more on request, under their ids and with the times that they had', async () => {
      const receivedAtMs = Date.now() - 3_600_000;
      const ids = await write(
        letter(good('replayed-1'), { receivedAtMs }),
        letter(`[${good('replayed-2')},${good('replayed-3')}]`),
        letter(JSON.stringify({ model: 'm', prediction_id: 'replayed-1', label: 1 }), { kind: 'label' }),
      );
      const reply = await call('POST', '/v1/dead-letters/replay', { ids });
      expect(reply).toMatchObject({ status: 200, body: { changed: 3, unchanged: 0, refused: [], next_cursor: null } });
      expect(idsOf(predictions)).toEqual(expect.arrayContaining(['replayed-1', 'replayed-2', 'replayed-3']));
      const record = predictions.find((one) => one.type === 'prediction' && one.event.predictionId === 'replayed-1');
      expect(record).toMatchObject({ event: { project: 'p', timestampMs: receivedAtMs } });
      // Whoever stores it judges its time by the time of receipt: a replay is received anew.
      expect((record as { event: { receivedAtMs: number } }).event.receivedAtMs).toBeGreaterThan(receivedAtMs);
      expect(record).not.toHaveProperty('wire');
      expect(labels.at(-1)).toMatchObject({ event: { predictionId: 'replayed-1', label: '1' } });
      const count = predictions.length;
      const again = await call('POST', '/v1/dead-letters/replay', { ids });
      expect(again.body).toMatchObject({ changed: 0, unchanged: 3 });
      expect(predictions).toHaveLength(count);
      const { body } = await call('GET', `/v1/dead-letters/${ids[0]}`);
      expect(body).toMatchObject({ state: 'replayed', changed_by: expect.stringMatching(/\w/) });
      expect(Date.parse(body.changed_at)).toBeGreaterThan(receivedAtMs);
    });

    it('stay open when they would be refused again, and cost only themselves', async () => {
      const ids = await write(
        letter('x'),
        letter(good('too-old', { timestamp: 1_000 })),
        letter(good('foreign', { project: 'other' })),
        letter(`[${good('half')},{}]`),
        letter(JSON.stringify({ project: 'p', model: 'm' }), {
          message: { value: Buffer.from('{"project":"p","model":"m"}'), headers: { 'plumbline-record': 'reconcile' } },
        }),
        letter(good('fine')),
      );
      const reply = await call('POST', '/v1/dead-letters/replay', { ids });
      expect(reply.body).toMatchObject({ changed: 1, unchanged: 0 });
      expect(
        Object.fromEntries(
          reply.body.refused.map((one: { dead_letter_id: string; reason: string }) => [one.dead_letter_id, one.reason]),
        ),
      ).toEqual({
        [ids[0]!]: 'not_json',
        [ids[1]!]: 'too_far_in_the_past',
        [ids[2]!]: 'other_project',
        [ids[3]!]: 'missing',
        [ids[4]!]: 'not_an_object',
      });
      expect(idsOf(predictions)).toContain('fine');
      expect(idsOf(predictions)).not.toContain('half');
    });

    it('stay open when the stream does not take them', async () => {
      const features = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x${i}`, 'y'.repeat(15_000)]));
      const ids = await write(letter(good('stuck', { features })), letter(good('small')));
      let open = (): void => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      const large = Array.from({ length: 60 }, (_, i) => event(`wide-${i}`, { features: { x: 'y'.repeat(16_000) } }));
      const waiting = [1, 2, 3].map(() => call('POST', '/v1/predictions', large));
      await Promise.race(waiting);
      const refused = await call('POST', '/v1/dead-letters/replay', { ids });
      open();
      gate = undefined;
      await Promise.all(waiting);
      expect(refused).toMatchObject({ status: 429, body: { detail: expect.stringContaining('room') } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      for (const id of ids) expect((await call('GET', `/v1/dead-letters/${id}`)).body.state).toBe('open');
    });

    it('are given up by a filter, request by request', async () => {
      await write(...Array.from({ length: 5 }, () => letter('x', { model: 'given-up' })));
      const discard = async (cursor?: string) =>
        (await call('POST', '/v1/dead-letters/discard', { filter: { model: 'given-up' }, limit: 3, cursor })).body;
      const first = await discard();
      expect(first).toMatchObject({ changed: 3, unchanged: 0, next_cursor: expect.any(String) });
      expect(await discard(first.next_cursor)).toMatchObject({ changed: 2, next_cursor: null });
      expect(await discard()).toMatchObject({ changed: 0, unchanged: 0, next_cursor: null });
      const { body } = await call('GET', '/v1/dead-letters?model=given-up&state=discarded');
      expect(body.items).toHaveLength(5);
    });

    it.each<[number, string, object]>([
      [400, 'neither ids nor a filter', {}],
      [400, 'both', { ids: ['0'.repeat(32)], filter: {} }],
      [400, 'what is no id', { ids: ['x'] }],
      [400, 'a foreign cursor', { filter: {}, cursor: 'x' }],
      [404, 'an id of nothing', { ids: ['0'.repeat(32)] }],
    ])('answer %i to %s', async (status, _name, body) => {
      for (const action of ['replay', 'discard']) {
        const answer = await call('POST', `/v1/dead-letters/${action}`, body);
        expect(answer).toMatchObject({ status });
        expect(answer.body.detail).toMatch(/\w{4}/);
      }
    });

    it('are decided upon with the scope admin, and read with read', async () => {
      const authorization = `Bearer ${KEYS.read}`;
      expect(await call('GET', '/v1/dead-letters', undefined, { authorization })).toMatchObject({ status: 200 });
      const replay = await call('POST', '/v1/dead-letters/replay', { filter: {} }, { authorization });
      expect(replay).toMatchObject({ status: 403 });
    });
  });

  describe('API keys', () => {
    it.each<[number, string, string, string, Record<string, string>]>([
      [401, 'no key', 'GET', '/v1/models', { authorization: '' }],
      [401, 'a wrong key', 'GET', '/v1/models', { authorization: 'Bearer wrong-key-0123456789' }],
      [403, 'a key for ingest', 'GET', '/v1/models', { authorization: `Bearer ${KEYS.ingest}` }],
      [403, 'a key for reading', 'POST', '/v1/predictions', { authorization: `Bearer ${KEYS.read}` }],
      [403, 'a key for reading', 'PUT', '/v1/models/x', { authorization: `Bearer ${KEYS.read}` }],
      [200, 'a key for reading', 'GET', '/v1/models', { authorization: '', 'x-api-key': KEYS.read }],
      [200, 'no key', 'GET', '/version', { authorization: '' }],
      [200, 'no key', 'GET', '/openapi.json', { authorization: '' }],
    ])('answer %i to %s on %s %s', async (status, _name, method, path, headers) => {
      const answer = await call(method, path, method === 'GET' ? undefined : {}, headers);
      expect(answer.status).toBe(status);
      if (status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });

    it('separate projects', async () => {
      await call('PUT', '/v1/models/mine', {});
      expect((await call('GET', '/v1/models/mine')).status).toBe(200);
      expect((await call('GET', '/v1/models/mine', undefined, { authorization: `Bearer ${KEYS.other}` })).status).toBe(
        404,
      );
    });

    it('are asked for before the body is read', async () => {
      const before = predictions.length;
      const answer = await call('POST', '/v1/predictions', 'x'.repeat(MEBIBYTE + 1), { authorization: '' });
      expect(answer.status).toBe(401);
      expect(predictions.length).toBe(before);
    });
  });

  describe('the registry', () => {
    const declaration = {
      task: 'binary',
      positive_class: 1,
      features: [{ name: 'age', kind: 'numeric', importance: 0.5 }],
      segments: [{ name: 'de', where: { country: 'DE' } }],
    };

    it('keeps a model as it was declared, and has its owner read it again', async () => {
      const put = await call('PUT', '/v1/models/loan', declaration);
      expect(put).toMatchObject({
        status: 200,
        body: {
          model: 'loan',
          origin: 'declared',
          ...declaration,
          default_monitors: true,
          known_features: [{ name: 'age', kind: 'numeric', importance: 0.5, origin: 'declared' }],
        },
      });
      expect(put.body.updated_by).toMatch(/^key [0-9a-f]{8}$/);
      expect(predictions.at(-1)).toEqual({ type: 'reconcile', project: 'p', model: 'loan' });
      expect((await call('GET', '/v1/models/loan')).body).toEqual(put.body);
      const { body } = await call('GET', '/v1/models');
      expect(body.items).toContainEqual(expect.objectContaining({ model: 'loan', task: 'binary' }));
      expect((await call('GET', '/v1/models/loan/versions')).body).toEqual({ items: [], next_cursor: null });
    });

    it.each<[unknown, string]>([
      [{ task: 'regresion' }, 'task'],
      [{ feature: [] }, 'feature'],
      [{ features: [{ name: '$x', kind: 'numeric' }] }, 'features.0.name'],
      [{ windows: { every: '90s' } }, 'windows.every'],
      [{ segments: [{ name: 'a', where: {} }] }, 'segments.0.where'],
      [[], ''],
    ])('names the field at fault: %j', async (body, field) => {
      const answer = await call('PUT', '/v1/models/loan', body);
      expect(answer).toMatchObject({ status: 400, body: { title: 'Bad Request', errors: [{ field }] } });
    });

    it.each<[number, string, string, unknown, Record<string, string>]>([
      [400, 'PUT', '/v1/models/a%20b', {}, {}],
      [400, 'PUT', '/v1/models/loan', '{"features":[{"__proto__":1}]}', {}],
      [400, 'PUT', '/v1/models/loan', '{', {}],
      [400, 'PUT', '/v1/models/loan', undefined, {}],
      [415, 'PUT', '/v1/models/loan', 'task: binary', { 'content-type': 'application/yaml' }],
      [404, 'GET', '/v1/models/none', undefined, {}],
      [404, 'GET', '/v1/nothing', undefined, {}],
      [400, 'GET', '/v1/alerts?limit=0', undefined, {}],
      [400, 'GET', '/v1/alerts?modell=x', undefined, {}],
      [400, 'GET', '/v1/alerts?cursor=x', undefined, {}],
    ])('answers %i to %s %s', async (status, method, path, body, headers) => {
      const answer = await call(method, path, body, headers);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer).toMatchObject({ status, body: { type: 'about:blank', status } });
      expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'));
    });

    it('hands a request id through', async () => {
      const given = await call('GET', '/v1/models/none', undefined, { 'x-request-id': 'abc-1' });
      expect(given.body.request_id).toBe('abc-1');
      const strange = await call('GET', '/v1/models/none', undefined, { 'x-request-id': 'a b' });
      expect(strange.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('keeps monitors beside the default ones', async () => {
      const path = '/v1/models/loan/monitors';
      const names = async (): Promise<string[]> =>
        (await call('GET', path)).body.items.map((item: { monitor: string }) => item.monitor);
      const defaults = await names();
      expect(defaults).toContain('feature-drift');
      const monitor = { detector: 'feature_drift', segment: 'de', features: ['age'] };
      expect(await call('PUT', `${path}/age`, monitor)).toMatchObject({
        status: 200,
        body: { origin: 'declared', ...monitor },
      });
      expect(await names()).toEqual([...defaults, 'age']);
      expect(await call('PUT', `${path}/x`, { ...monitor, segment: 'fr' })).toMatchObject({ status: 422 });
      expect(await call('PUT', `${path}/x`, { detector: 'magic' })).toMatchObject({ status: 400 });
      expect(await call('PUT', '/v1/models/none/monitors/x', monitor)).toMatchObject({ status: 404 });
      expect(await call('GET', `${path}/age`)).toMatchObject({ status: 200, body: { monitor: 'age' } });
      expect(await call('DELETE', `${path}/age`)).toMatchObject({ status: 204, text: '' });
      expect(await call('DELETE', `${path}/age`)).toMatchObject({ status: 404 });
      expect(await call('DELETE', `${path}/traffic`)).toMatchObject({ status: 409 });
    });

    it('keeps receivers and retraining policies', async () => {
      const receiver = { channel: 'webhook', url: 'https://example.com/hook', secret: { env: 'HOOK' } };
      expect(await call('PUT', '/v1/receivers/team', receiver)).toMatchObject({
        status: 200,
        body: { state: 'active', ...receiver },
      });
      expect(await call('GET', '/v1/receivers')).toMatchObject({ body: { items: [{ receiver: 'team' }] } });
      expect(await call('DELETE', '/v1/receivers/team')).toMatchObject({ status: 204 });
      expect(await call('GET', '/v1/receivers/team')).toMatchObject({ status: 404 });

      const policy = { cool_down: '3d', target: { url: 'https://example.com/train', parameters: { size: 'l' } } };
      const path = '/v1/models/loan/retraining-policies';
      expect(await call('PUT', `${path}/weekly`, policy)).toMatchObject({
        status: 200,
        body: { policy: 'weekly', ...policy },
      });
      expect(await call('PUT', `${path}/x`, { ...policy, cool_down: 'soon' })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'cool_down' }] },
      });
      expect(await call('GET', path)).toMatchObject({ body: { items: [{ policy: 'weekly' }] } });
      for (const [declared, field, message] of [
        [{ monitors: ['drift'] }, 'monitors', 'is not a known field'],
        [{ when: {} }, 'when', 'exactly one of any, all, alerts, label_coverage'],
        [{ when: { any: [{ alerts: { at_least: 0 } }] } }, 'when.any.0.alerts.at_least', '>=1'],
        [{ schedule: { cron: '0 25 * * *' } }, 'schedule.cron', '"25" is no hour'],
        [{ schedule: {} }, 'schedule', 'must be { "cron"'],
        [{ approval: { within: 'ever' } }, 'approval.within', 'a whole number and a unit'],
      ] as const) {
        const refused = await call('PUT', `${path}/x`, { ...policy, ...declared });
        expect(refused).toMatchObject({ status: 400, body: { errors: [{ field }] } });
        expect(refused.body.errors[0].message).toContain(message);
      }
      const { request } = (await call('GET', `${path}/weekly/preview`)).body;
      expect(request).toContain('POST https://example.com/train');
      expect(request).toContain('"size": "l"');
      expect(await call('GET', `${path}/none/preview`)).toMatchObject({ status: 404 });
      expect(await call('DELETE', `${path}/weekly`)).toMatchObject({ status: 204 });
      expect(await call('DELETE', `${path}/weekly`)).toMatchObject({ status: 404 });
    });
  });

  describe('references', () => {
    const path = '/v1/models/ref/versions/1/reference';
    const csv = (rows: number): string =>
      `age,city,p,y\n${Array.from({ length: rows }, (_, i) => `${20 + (i % 50)},${i % 3 ? 'B' : 'M'},${i % 2},${i % 4 ? i % 2 : 1 - (i % 2)}`).join('\n')}\n`;
    const mapping = encodeURIComponent(JSON.stringify({ prediction: 'p', label: 'y' }));
    const type = { 'content-type': 'text/csv' };

    it('are made of a file, which is not kept', async () => {
      const made = await call('POST', `${path}?mapping=${mapping}`, csv(400), type);
      expect(made).toMatchObject({
        status: 201,
        body: { model: 'ref', version: '1', rows: 400, performance: { accuracy: 0.75 } },
      });
      expect(made.body.series.map((one: { name: string }) => one.name)).toEqual(
        expect.arrayContaining(['age', 'city', '$prediction']),
      );
      expect((await call('GET', path)).body).toEqual(made.body);
      expect(predictions.at(-1)).toEqual({ type: 'reconcile', project: 'p', model: 'ref' });
      expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
    });

    it('register the model and the kinds of its features', async () => {
      expect(await call('GET', '/v1/models/ref')).toMatchObject({
        body: {
          origin: 'inferred',
          known_features: [
            { name: 'age', kind: 'numeric', origin: 'inferred' },
            { name: 'city', kind: 'categorical', origin: 'inferred' },
          ],
        },
      });
    });

    it.each<[number, string, string, string | object, Record<string, string>]>([
      [422, 'a column that is not there', `?mapping=${encodeURIComponent('{"label":"truth"}')}`, csv(10), type],
      [422, 'no rows', '', 'age,city\n', type],
      [422, 'a file of another format', '', 'no parquet', { 'content-type': 'application/vnd.apache.parquet' }],
      [422, 'a range without predictions', '', { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z' }, {}],
      [400, 'a mapping that is no JSON', '?mapping=label', csv(10), type],
      [400, 'an unknown role', `?mapping=${encodeURIComponent('{"truth":"y"}')}`, csv(10), type],
      [400, 'half a range', '', { from: '2025-01-01T00:00:00Z' }, {}],
      [415, 'another content type', '', csv(10), { 'content-type': 'text/plain' }],
      [413, 'a large file', '', csv(200_000), type],
    ])('answer %i to %s', async (status, _name, query, body, headers) => {
      const answer = await call('POST', path.replace('ref/', 'wrong/') + query, body, headers);
      expect(answer).toMatchObject({ status, body: { status } });
      expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
      expect((await call('GET', '/v1/models/wrong')).status).toBe(404);
    });

    it('name the column at fault', async () => {
      const answer = await call('POST', `${path}?mapping=${encodeURIComponent('{"label":"truth"}')}`, csv(10), type);
      expect(answer.body).toMatchObject({ column: 'truth', reason: 'unknown_column', errors: [{ field: 'truth' }] });
      expect(answer.body.detail).toContain('age, city, p, y');
    });
  });

  describe('queries', () => {
    it('are empty before anything was evaluated', async () => {
      await call('PUT', '/v1/models/quiet', {});
      const empty = { items: [], next_cursor: null };
      expect(await call('GET', '/v1/models/quiet/measurements?monitor=traffic&severity=warning')).toMatchObject({
        status: 200,
        body: empty,
      });
      expect(await call('GET', '/v1/alerts?status=firing&model=quiet')).toMatchObject({ status: 200, body: empty });
      expect(await call('GET', '/v1/models/quiet/health')).toMatchObject({
        status: 200,
        body: { severity: 'ok', open_alerts: 0, last_window_end: null, versions: [] },
      });
      expect(await call('POST', '/v1/models/quiet/cells/verify', {})).toMatchObject({
        status: 200,
        body: { cells: 0, mismatches: 0, repaired: 0, examples: [] },
      });
    });

    it('page through measurements and alerts, and sum them up', async () => {
      await call('PUT', '/v1/models/busy', {});
      const hourMs = 3_600_000;
      const startMs = Date.UTC(2026, 0, 1);
      const series = { project: 'p', model: 'busy', monitor: 'feature-drift', version: '1', segment: '', method: 'ks' };
      const windows = [0, 1, 2].map((i) => ({
        ...series,
        feature: 'age',
        windowStartMs: startMs + i * hourMs,
        windowEndMs: startMs + (i + 1) * hourMs,
        revision: 0,
        severity: 'critical' as const,
        value: 0.5,
        pValue: NaN,
        nCurrent: 100,
        reason: 'drifted',
      }));
      const rest = {
        effect: 0.4,
        errorBound: 0,
        adjustedPValue: NaN,
        nReference: 100,
        nMissing: 0,
        lower: NaN,
        upper: NaN,
        alpha: NaN,
        ...withoutLabels,
      };
      const decision = { thresholdWarning: 0.1, thresholdCritical: 0.2, referenceId: 'r', decides: true };
      const measurements = windows.map((window) => ({
        ...window,
        ...rest,
        ...decision,
        dataStartMs: window.windowStartMs,
        evaluatedAtMs: window.windowEndMs,
      }));
      await insertMeasurements(store, measurements, 'test');
      const transitions = windows.map((window, i) => ({
        ...window,
        feature: `f${i}`,
        transitionId: `t${i}`,
        alertId: `alert-${i}`,
        from: 'inactive' as const,
        to: 'firing' as const,
        severityBefore: 'ok' as const,
        resolvedBy: '',
        threshold: 0.2,
        decidedAtMs: window.windowEndMs,
      }));
      await insertTransitions(store, transitions, 'test');

      const path = '/v1/models/busy/measurements?limit=2&feature=age';
      const first = await call('GET', path);
      expect(first.body.items).toMatchObject([
        { window_end: '2026-01-01T03:00:00.000Z', value: 0.5, p_value: null, severity: 'critical' },
        { window_end: '2026-01-01T02:00:00.000Z' },
      ]);
      const last = await call('GET', `${path}&cursor=${first.body.next_cursor}`);
      expect(last.body).toMatchObject({ items: [{ window_end: '2026-01-01T01:00:00.000Z' }], next_cursor: null });
      const range = '&from=2026-01-01T01:00:00Z&to=2026-01-01T02:00:00Z';
      expect((await call('GET', path + range)).body.items).toHaveLength(1);

      const alerts = await call('GET', '/v1/alerts?model=busy&limit=2&status=firing');
      expect(alerts.body.items.map((alert: { alert_id: string }) => alert.alert_id)).toEqual(['alert-2', 'alert-1']);
      const oldest = await call('GET', `/v1/alerts?model=busy&limit=2&cursor=${alerts.body.next_cursor}`);
      expect(oldest.body).toMatchObject({
        items: [{ alert_id: 'alert-0', feature: 'f0', fired_at: '2026-01-01T01:00:00.000Z', resolved_at: null }],
        next_cursor: null,
      });
      expect((await call('GET', '/v1/alerts?model=busy&status=resolved')).body.items).toEqual([]);
      expect((await call('GET', '/v1/models/busy/health')).body).toMatchObject({
        severity: 'critical',
        open_alerts: 3,
        last_window_end: '2026-01-01T03:00:00.000Z',
      });
    });

    it('say how well each version of a model did, with intervals, labels and the confusion matrix', async () => {
      await call('PUT', '/v1/models/judged', { task: 'binary', positive_class: '1', labels: { horizon: '7d' } });
      const dayMs = Date.UTC(2026, 0, 5);
      const answers = Array.from({ length: 40 }, (_, i) => ({
        version: '1',
        minute: i,
        label: String(i % 2),
        score: i % 2 === 0 ? 0.2 : 0.8,
        ...(i < 30 && { truth: i % 10 === 0 ? '1' : String(i % 2) }),
      }));
      await seedVersions(store, 'p', 'judged', dayMs, answers);
      const path = '/v1/models/judged/performance';
      const range = 'from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z';
      const { body } = await call('GET', `${path}?${range}`);
      expect(body).toMatchObject({ model: 'judged', segment: '', confidence: 0.95 });
      const [version] = body.versions;
      expect(version).toMatchObject({
        version: '1',
        predicted: 40,
        labelled: 30,
        label_coverage: 0.75,
        label_lag_p50_ms: 0,
        state: 'final',
        final_from: '2026-01-13T00:00:00.000Z',
        positive_class: '1',
        confusion: [
          { predicted: '1', label: '1', n: 15 },
          { predicted: '0', label: '0', n: 12 },
          { predicted: '0', label: '1', n: 3 },
        ],
        confusion_left_out: 0,
      });
      const metrics = new Map(version.metrics.map((one: { metric: string }) => [one.metric, one]));
      expect(metrics.get('accuracy')).toMatchObject({ value: 0.9, n: 30, error_bound: 0 });
      // (15 · 12 + ½ · 3 · 12) of 18 · 12 pairs
      expect(metrics.get('roc_auc')).toMatchObject({ value: 198 / 216 });
      expect((await call('GET', `${path}?${range}&version=2`)).body.versions).toEqual([]);
      expect((await call('GET', `${path}?from=2026-01-05T00:00:30Z`)).body.detail).toContain('whole minute');
      expect((await call('GET', `${path}?from=2026-01-06T00:00:00Z&to=2026-01-05T00:00:00Z`)).status).toBe(400);
    });

    it('page through retraining runs, whose pipeline reports back', async () => {
      for (let i = 0; i < 3; i++) {
        await insertRetrainingRun(store, {
          runId: `run-${i}`,
          project: 'p',
          model: 'loan',
          version: '1',
          policy: 'weekly',
          alertIds: ['a'],
          features: [],
          scheduledForMs: 0,
          status: 'requested',
          reason: 'drift',
          newVersion: '',
          detail: '',
          externalId: '',
          externalUrl: '',
          requestedAtMs: Date.UTC(2026, 0, 1 + i),
          updatedAtMs: Date.UTC(2026, 0, 1 + i),
        });
      }
      const first = await call('GET', '/v1/retraining-runs?limit=2&model=loan');
      expect(first.body.items.map((run: { run_id: string }) => run.run_id)).toEqual(['run-2', 'run-1']);
      const second = await call('GET', `/v1/retraining-runs?limit=2&model=loan&cursor=${first.body.next_cursor}`);
      expect(second.body).toMatchObject({ items: [{ run_id: 'run-0' }], next_cursor: null });

      const report = { status: 'succeeded', version: '2', detail: 'AUC 0.9' };
      expect(await call('POST', '/v1/retraining-runs/run-1/status', report)).toMatchObject({
        status: 200,
        body: { run_id: 'run-1', status: 'succeeded', new_version: '2', detail: 'AUC 0.9' },
      });
      expect(await call('POST', '/v1/retraining-runs/run-1/status', { status: 'running' })).toMatchObject({
        body: { status: 'succeeded' },
      });
      expect(await call('POST', '/v1/retraining-runs/none/status', report)).toMatchObject({ status: 404 });
      expect((await call('GET', '/v1/retraining-runs/run-1')).body).toMatchObject({
        status: 'succeeded',
        comparison: null,
        history: [
          { from: null, to: 'requested', who: 'policy weekly', detail: 'drift' },
          { from: 'requested', to: 'succeeded', detail: 'AUC 0.9' },
        ],
      });
      const done = await call('GET', '/v1/retraining-runs?status=succeeded&model=loan');
      expect(done.body.items.map((run: { run_id: string }) => run.run_id)).toEqual(['run-1']);
    });

    describe('of retraining runs', () => {
      let links: LinkKeys;
      let runs = 0;
      beforeAll(() => {
        links = new LinkKeys(store, { linkKey: undefined });
      });
      /** A run that waits for approval, or was just requested. */
      const newRun = async (waits = true): Promise<string> => {
        const runId = `decided-${runs++}`;
        const requestedAtMs = Date.UTC(2025, 0, 1, 0, runs);
        const run: RetrainingRun = {
          runId,
          project: 'p',
          model: 'decided',
          version: '1',
          policy: 'weekly',
          alertIds: ['a'],
          features: [],
          scheduledForMs: 0,
          status: 'requested',
          reason: 'Drift of <b>age</b>.',
          newVersion: '',
          detail: '',
          externalId: '',
          externalUrl: '',
          requestedAtMs,
          updatedAtMs: requestedAtMs,
        };
        await insertRetrainingRun(store, run);
        const event = changeRun(run, { to: 'awaiting_approval', who: 'plumbline' }, requestedAtMs + 1);
        if (waits) await insertRetrainingEvent(store, event!);
        return runId;
      };
      const linkOf = async (subject: string, action: string, expiresAtMs = Date.now() + 60_000): Promise<string> =>
        `/links?token=${await links.sign({ project: 'p', action, subject, expiresAtMs })}`;
      const page = async (method: string, path: string, form?: Record<string, string>) => {
        const body = form === undefined ? {} : { body: new URLSearchParams(form).toString() };
        const headers = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
        const response = await fetch(`${url}${path}`, { method, headers, ...body });
        return { status: response.status, headers: response.headers, text: await response.text() };
      };
      const statusOf = async (run: string) => (await call('GET', `/v1/retraining-runs/${run}`)).body.status as string;

      it('approval is given once, by whom it says, and never after a refusal', async () => {
        const approved = `/v1/retraining-runs/${await newRun()}`;
        const note = { note: 'the data is right' };
        expect(await call('POST', `${approved}/approve`, note)).toMatchObject({
          status: 200,
          body: { status: 'approved', detail: 'the data is right' },
        });
        expect(await call('POST', `${approved}/approve`, {})).toMatchObject({ status: 200 });
        expect(await call('POST', `${approved}/refuse`, {})).toMatchObject({
          status: 409,
          body: { detail: expect.stringContaining('cannot be refused: it is approved already') as string },
        });
        const { history } = (await call('GET', approved)).body;
        expect(history.at(-1)).toMatchObject({ from: 'awaiting_approval', to: 'approved', ...{ detail: note.note } });
        expect(history.at(-1).who).toMatch(/^key [0-9a-f]{8}$/);
        // Whoever calls the pipeline is told.
        expect(wakes).toContainEqual({ project: 'p', model: 'decided' });

        const refused = `/v1/retraining-runs/${await newRun()}`;
        expect(await call('POST', `${refused}/refuse`, {})).toMatchObject({ body: { status: 'refused' } });
        expect(await call('POST', `${refused}/refuse`, {})).toMatchObject({ status: 200 });
        expect(await call('POST', `${refused}/approve`, {})).toMatchObject({ status: 409 });
        const early = `/v1/retraining-runs/${await newRun(false)}`;
        expect(await call('POST', `${early}/approve`, {})).toMatchObject({
          status: 409,
          body: { detail: expect.stringContaining('try again') as string },
        });
        expect(await call('POST', '/v1/retraining-runs/none/approve', {})).toMatchObject({ status: 404 });
        expect(await call('POST', `${refused}/approve`, { because: '' })).toMatchObject({
          status: 400,
          body: { errors: [{ field: 'because' }] },
        });
      });

      it('approval by a link takes a form: to follow it changes nothing', async () => {
        const run = await newRun();
        const link = await linkOf(run, 'retraining.approve');
        const shown = await page('GET', link);
        expect(shown.status).toBe(200);
        expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
        expect(shown.headers.get('referrer-policy')).toBe('no-referrer');
        expect(shown.text).toContain('Drift of &lt;b');
        expect(shown.text).not.toContain('<b>');
        expect(shown.text).toContain('<form method="post">');
        expect(await statusOf(run)).toBe('awaiting_approval');

        expect(await page('POST', link, { author: ' ', note: '' })).toMatchObject({ status: 400 });
        expect(await page('POST', link)).toMatchObject({ status: 400 });
        expect(await statusOf(run)).toBe('awaiting_approval');
        expect((await page('POST', link, { author: 'Anna', note: 'go' })).text).toContain('Approved');
        const detail = (await call('GET', `/v1/retraining-runs/${run}`)).body;
        expect(detail.history.at(-1)).toMatchObject({ to: 'approved', who: 'Anna (by link)', detail: 'go' });
        expect((await page('GET', link)).text).not.toContain('<form');
        expect(await page('POST', await linkOf(run, 'retraining.refuse'), { author: 'Bo' })).toMatchObject({
          status: 409,
        });

        const refused = await newRun();
        await page('POST', await linkOf(refused, 'retraining.refuse'), { author: 'Bo' });
        expect(await statusOf(refused)).toBe('refused');
      });

      it('links that are not good are refused on a page that says so', async () => {
        const run = await newRun();
        const good = await linkOf(run, 'retraining.approve');
        for (const [path, status, words] of [
          ['/links', 400, 'not complete'],
          ['/links?token=x', 400, 'not complete'],
          [`${good.slice(0, -6)}AAAAAA`, 403, 'not made by this server'],
          [await linkOf(run, 'retraining.approve', Date.now() - 1), 410, 'is over'],
          [await linkOf(run, 'retraining.report'), 404, 'not one to be opened'],
          [await linkOf('none', 'retraining.approve'), 404, 'no retraining run'],
        ] as const) {
          for (const method of ['GET', 'POST']) {
            const answer = await page(method, path, method === 'POST' ? { author: 'Eve' } : undefined);
            expect([path, answer.status]).toEqual([path, status]);
            expect(answer.text).toContain(words);
            expect(answer.headers.get('content-type')).toContain('text/html');
          }
        }
        expect(await statusOf(run)).toBe('awaiting_approval');
      });

      it('a report needs no API key by the signed address of its run, and of no other', async () => {
        const [run, other] = [await newRun(false), await newRun(false)];
        const token = async (subject: string, action: string, expiresAtMs = Date.now() + 60_000) =>
          links.sign({ project: 'p', action, subject, expiresAtMs });
        const report = async (of: string, query: string) => {
          const response = await fetch(`${url}/v1/retraining-runs/${of}/status${query}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ status: 'running' }),
          });
          return response.status;
        };
        const good = await token(run, 'retraining.report');
        expect(await report(run, '')).toBe(401);
        expect(await report(run, '?token=x.y')).toBe(401);
        expect(await report(run, `?token=${await token(run, 'retraining.report', 1)}`)).toBe(401);
        expect(await report(other, `?token=${good}`)).toBe(403);
        expect(await report(run, `?token=${await token(run, 'retraining.approve')}`)).toBe(403);
        expect(await report(run, `?token=${good}`)).toBe(200);
        expect((await call('GET', `/v1/retraining-runs/${run}`)).body.history.at(-1)).toMatchObject({
          to: 'running',
          who: 'signed address',
        });
        // It opens nothing else.
        const read = await fetch(`${url}/v1/retraining-runs/${run}?token=${good}`);
        expect(read.status).toBe(401);
      });
    });

    describe('evaluations', () => {
      const range = { model: 'evaluated', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
      beforeAll(() => call('PUT', '/v1/models/evaluated', {}));

      it('are handed to whoever evaluates, and read from what that has written', async () => {
        const started = await call('POST', '/v1/evaluations', range);
        expect(started).toMatchObject({ status: 202, body: { model: 'evaluated', status: 'running', error: null } });
        const { id } = started.body;
        // Acknowledged at once; the queue is handled in a turn of its own.
        while (ticks.length === 0) await setImmediate();
        expect(ticks[0]).toMatchObject({ type: 'evaluation', project: 'p', evaluationId: id, request: range });
        expect((await call('GET', `/v1/evaluations/${id}`)).body).toEqual(started.body);

        const attemptMs = Date.now();
        const run = {
          ...(await findEvaluationRun(store, 'p', id))!,
          attempts: 1,
          decidedAtMs: [attemptMs],
          windowsTotal: 2,
        };
        const transition: Transition = {
          transitionId: 'told',
          alertId: 'alert of evaluated',
          project: 'p',
          model: 'evaluated',
          monitor: 'drift',
          version: '1',
          segment: '',
          feature: 'age',
          method: 'psi.decile',
          windowStartMs: 0,
          windowEndMs: 86_400_000,
          revision: 0,
          from: 'inactive',
          to: 'firing',
          severity: 'warning',
          severityBefore: 'ok',
          value: NaN,
          threshold: 0.2,
          nCurrent: 1,
          pValue: NaN,
          reason: '',
          resolvedBy: '',
          decidedAtMs: attemptMs,
        };
        await insertTransitions(store, [transition, { ...transition, transitionId: 'of another', decidedAtMs: 5 }], id);
        await saveEvaluationRuns(store, [{ ...run, status: 'done', windowsDone: 2 }]);
        // Late: what was written further on holds.
        await saveEvaluationRuns(store, [{ ...run, windowsDone: 1, updatedAtMs: Date.now() + 9 }]);
        expect((await call('GET', `/v1/evaluations/${id}`)).body).toMatchObject({
          status: 'done',
          windows_total: 2,
          windows_done: 2,
          transitions: [{ transition_id: 'told', to: 'firing', value: null }],
        });
        const other = { authorization: `Bearer ${KEYS.other}` };
        expect(await call('GET', `/v1/evaluations/${id}`, undefined, other)).toMatchObject({ status: 404 });
        expect(await call('GET', '/v1/evaluations/none')).toMatchObject({ status: 404 });
      });

      it.each([
        ['nobody has taken up', 0, /no evaluator has taken it up for 2\d\d s/],
        ['whose evaluator is gone', 1, /the evaluator that worked on it has not been heard of for 2\d\d s/],
      ])('that %s have failed, with what to do', async (_name, attempts, error) => {
        const { id } = (await call('POST', '/v1/evaluations', range)).body;
        const run = (await findEvaluationRun(store, 'p', id))!;
        const gone = { ...run, evaluationId: `${id}-gone`, attempts, updatedAtMs: Date.now() - 200_000 };
        await saveEvaluationRuns(store, [gone]);
        const { body } = await call('GET', `/v1/evaluations/${gone.evaluationId}`);
        expect(body).toMatchObject({ status: 'failed' });
        expect(body.error).toMatch(error);
      });

      it('are refused when the range or the model is wrong', async () => {
        expect(await call('POST', '/v1/evaluations', { ...range, to: range.from })).toMatchObject({ status: 400 });
        expect(await call('POST', '/v1/evaluations', { ...range, model: 'none' })).toMatchObject({ status: 404 });
      });
    });
  });

  describe('behind a broker', () => {
    it('answers 202 for what the broker keeps, and 503 with Retry-After when it does not acknowledge', async () => {
      const broker = new BrokerStream();
      const behind = await start(settings(), store, broker);
      const base = await behind.getUrl();
      try {
        const label = { model: 'm', prediction_id: 'b-1', label: 1 };
        expect(await call('POST', '/v1/predictions', event('b-1'), {}, base)).toMatchObject({ status: 202 });
        expect(await call('POST', '/v1/labels', label, {}, base)).toMatchObject({ status: 202, body: { accepted: 1 } });
        await call('PUT', '/v1/models/kept', {}, {}, base);
        const range = { model: 'kept', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
        expect(await call('POST', '/v1/evaluations', range, {}, base)).toMatchObject({ status: 202 });
        expect(broker.kept).toMatchObject([
          { type: 'columns' },
          { type: 'label' },
          { type: 'reconcile', model: 'kept' },
          { type: 'evaluation', model: 'kept' },
        ]);

        broker.away = true;
        for (const [path, body] of [
          ['/v1/predictions', event('b-2')],
          ['/v1/labels', label],
          ['/v1/evaluations', range],
        ] as const) {
          const refused = await call('POST', path, body, {}, base);
          expect(refused).toMatchObject({
            status: 503,
            body: { detail: expect.stringContaining('send the same again') as string },
          });
          expect(refused.headers.get('retry-after')).toBe('5');
        }
        expect(await call('POST', '/v1/predictions', [event('bad', { model: '' })], {}, base)).toMatchObject({
          status: 400,
        });
      } finally {
        await behind.close();
      }
    });
  });

  describe('the documentation', () => {
    it('is OpenAPI 3.1 of every route, with schemas, errors and keys', async () => {
      const { body } = await call('GET', '/openapi.json');
      expect(body.openapi).toBe('3.1.0');
      expect(Object.keys(body.paths)).toEqual([
        '/v1/alerts',
        '/v1/alerts/{alert}',
        '/v1/alerts/{alert}/acknowledge',
        '/v1/alerts/{alert}/notes',
        '/v1/alerts/{alert}/resolve',
        '/v1/alerts/{alert}/unacknowledge',
        '/v1/dead-letters',
        '/v1/dead-letters/{letter}',
        '/v1/dead-letters/discard',
        '/v1/dead-letters/replay',
        '/v1/evaluations',
        '/v1/evaluations/{evaluation}',
        '/v1/labels',
        '/v1/methods',
        '/v1/models',
        '/v1/models/{model}',
        '/v1/models/{model}/cells/verify',
        '/v1/models/{model}/feature-importance',
        '/v1/models/{model}/health',
        '/v1/models/{model}/measurements',
        '/v1/models/{model}/monitors',
        '/v1/models/{model}/monitors/{monitor}',
        '/v1/models/{model}/performance',
        '/v1/models/{model}/references',
        '/v1/models/{model}/references/{reference}',
        '/v1/models/{model}/report',
        '/v1/models/{model}/retraining-policies',
        '/v1/models/{model}/retraining-policies/{policy}',
        '/v1/models/{model}/retraining-policies/{policy}/preview',
        '/v1/models/{model}/versions',
        '/v1/models/{model}/versions/{version}/reference',
        '/v1/notifications',
        '/v1/notifications/{notification}',
        '/v1/notifications/{notification}/retry',
        '/v1/predictions',
        '/v1/receivers',
        '/v1/receivers/{receiver}',
        '/v1/receivers/{receiver}/test',
        '/v1/retraining-runs',
        '/v1/retraining-runs/{run}',
        '/v1/retraining-runs/{run}/approve',
        '/v1/retraining-runs/{run}/refuse',
        '/v1/retraining-runs/{run}/status',
        '/v1/routes',
        '/v1/routes/{route}',
        '/v1/silences',
        '/v1/silences/{silence}',
      ]);
      const intake = body.paths['/v1/predictions'].post;
      expect(Object.keys(intake.requestBody.content)).toEqual([
        'application/json',
        'application/x-ndjson',
        'application/ndjson',
        'application/cloudevents+json',
        'application/cloudevents-batch+json',
        'application/vnd.plumbline.columns+json',
      ]);
      expect(Object.keys(intake.responses)).toEqual(
        expect.arrayContaining(['200', '400', '401', '413', '415', '429', '503']),
      );
      const { put } = body.paths['/v1/models/{model}'];
      expect(put.requestBody.content['application/json'].schema).toEqual({
        $ref: '#/components/schemas/ModelDeclaration',
      });
      expect(put.responses['200'].content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Model' });
      const query = body.paths['/v1/alerts'].get.parameters.map((parameter: { name: string }) => parameter.name);
      expect(query).toEqual(expect.arrayContaining(['model', 'status', 'limit', 'cursor']));
      const pointers = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
        (match) => match[1]!,
      );
      expect(Object.keys(body.components.schemas)).toEqual(expect.arrayContaining(pointers));
    });

    it('can be read in a browser, without anything from elsewhere', async () => {
      const page = await call('GET', '/docs');
      expect(page).toMatchObject({ status: 200 });
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
        expect(path).toMatch(/^\/docs\//);
        expect(await call('GET', path!)).toMatchObject({ status: 200 });
      }
      expect(await call('GET', '/docs/package.json')).toMatchObject({ status: 404 });
      expect(await call('GET', '/docs/..%2fpackage.json')).toMatchObject({ status: 404 });
    });
  });
});
