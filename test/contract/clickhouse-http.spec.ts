import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { configurationSchema, modelDeclarationSchema } from '@plumbline/contracts';
import { migrate, saveModel, Store } from '@plumbline/storage';
import { createLogger } from '@plumbline/telemetry';
import { ClickhouseHttp } from '../../apps/standalone/src/clickhouse-http/clickhouse-http.js';

/** @embedded-only: a ClickHouse server has an HTTP interface of its own. */
describe('ClickhouseHttp', () => {
  let dataDir: string;
  let store: Store;
  let front: ClickhouseHttp;
  let url: string;
  const lines: string[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-front-'));
    store = await Store.open({ dataDir, database: 'plumbline', readers: true });
    await migrate(store, Date.now());
    for (const project of ['ours', 'theirs']) {
      const declaration = modelDeclarationSchema.parse({});
      await saveModel(store, {
        project,
        model: `model of ${project}`,
        declaration,
        origin: 'declared',
        updatedAtMs: 1_000,
        updatedBy: 'test',
      });
    }
    const configuration = configurationSchema.parse({
      clickhouse: {
        http: '127.0.0.1:0',
        httpUsers: 'grafana:ours:with:colons-in-it, chief:*:sees-everything',
      },
    });
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ level: 'info', format: 'json', destination } as never);
    front = new ClickhouseHttp(configuration, store, logger);
    await front.onApplicationBootstrap();
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(lines.join(''))![0];
  });
  afterAll(async () => {
    await front.beforeApplicationShutdown();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const grafana = { 'x-clickhouse-user': 'grafana', 'x-clickhouse-key': 'with:colons-in-it' };
  const chief = { authorization: `Basic ${Buffer.from('chief:sees-everything').toString('base64')}` };

  async function post(sql: string, headers: Record<string, string> = grafana, query = ''): Promise<Response> {
    return fetch(`${url}/?${query}`, { method: 'POST', body: sql, headers });
  }

  it('answers those who are there without a question', async () => {
    expect(await (await fetch(`${url}/ping`)).text()).toBe('Ok.\n');
    expect((await fetch(`${url}/play`)).status).toBe(404);
  });

  it('shows each user the rows of its project', async () => {
    expect(await (await post('SELECT model FROM model')).text()).toBe('model of ours\n');
    expect(await (await post('SELECT count() FROM model', chief)).text()).toBe('2\n');
    const address = `${url}/?query=${encodeURIComponent('SELECT count() FROM model FORMAT CSV')}&user=chief&password=sees-everything`;
    expect(await (await fetch(address)).text()).toBe('2\n');
  });

  it('refuses who has no password, the wrong one, or that of another', async () => {
    const of = (user: string, key: string) => ({ 'x-clickhouse-user': user, 'x-clickhouse-key': key });
    for (const headers of [{}, of('grafana', 'wrong'), of('grafana', 'sees-everything'), of('nobody', '')]) {
      const reply = await post('SELECT 1', headers);
      expect([reply.status, reply.headers.get('x-clickhouse-exception-code')]).toEqual([403, '516']);
    }
  });

  it('says what is wrong with a statement as ClickHouse does', async () => {
    const cases: [string, number, string, string][] = [
      ['SELEC 1', 400, '62', 'Syntax error'],
      ['SELECT * FROM nothing', 404, '60', 'nothing'],
      ['SELECT * FROM receiver', 403, '497', 'grant SELECT'],
      ['SELECT 1 SETTINGS max_threads = 8', 403, '164', 'readonly mode'],
      ['SELECT * FROM (SELECT 1 SETTINGS max_threads = 8)', 403, '497', 'leave them out'],
      ["SELECT throwIf(1, 'thrown')", 500, '395', 'thrown'],
    ];
    for (const [sql, status, code, text] of cases) {
      const reply = await post(sql);
      expect([sql, reply.status, reply.headers.get('x-clickhouse-exception-code')]).toEqual([sql, status, code]);
      expect(await reply.text()).toContain(text);
    }
    expect((await post('SELECT 1', grafana, 'compress=1')).status).toBe(400);
    expect((await post('x'.repeat(300_000))).status).toBe(400);
    expect((await post('SELECT 1', { ...grafana, 'content-encoding': 'br' })).status).toBe(400);
  });

  it('takes and gives gzip, parameters, formats and settings of formats', async () => {
    const reply = await fetch(
      `${url}/?param_x=7&default_format=JSONEachRow&output_format_json_quote_64bit_integers=1`,
      {
        method: 'POST',
        body: gzipSync('SELECT {x:UInt64} AS x'),
        headers: { ...grafana, 'content-encoding': 'gzip' },
      },
    );
    expect(await reply.text()).toBe('{"x":"7"}\n');
    const zipped = await fetch(`${url}/?enable_http_compression=1&query=SELECT+1`, {
      headers: { ...grafana, 'accept-encoding': 'gzip' },
    });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toBe('1\n');
  });

  it('serves the ClickHouse client of Node', async () => {
    const client = createClient({
      url,
      username: 'grafana',
      password: 'with:colons-in-it',
      database: 'plumbline',
      log: { level: ClickHouseLogLevel.OFF },
    });
    const rows = await client.query({
      query: 'SELECT model, {n:UInt8} AS n FROM model',
      query_params: { n: 3 },
      format: 'JSONEachRow',
    });
    expect(await rows.json()).toEqual([{ model: 'model of ours', n: 3 }]);
    await expect(
      client.insert({ table: 'model', values: [{ project: 'x' }], format: 'JSONEachRow' }),
    ).rejects.toThrow();
    await client.close();
  });

  it('tells the Go client to read plain Native', async () => {
    const query = 'client_protocol_version=54460&default_format=Native';
    const reply = await post('SELECT displayName(), version(), revision(), timezone()', grafana, query);
    const bytes = Buffer.from(await reply.arrayBuffer());
    expect(bytes.subarray(0, 10)).toEqual(Buffer.from([1, 0, 2, 255, 255, 255, 255, 0, 4, 1]));
    expect(bytes.toString('latin1')).toContain('revision()\u0006UInt32\u0000\u0000\u0000\u0000\u0000');
    const next = Buffer.from(await (await post('SELECT 1 AS x', grafana, query)).arrayBuffer());
    expect(next).toEqual(Buffer.from([1, 1, 1, 120, 5, ...Buffer.from('UInt8'), 1]));
  });
});
