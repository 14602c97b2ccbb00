import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type ClickHouseFront, startClickHouseFront } from '../support/clickhouse-server.js';
import { FaultProxy } from '../support/fault-proxy.js';

/** What server mode is tested on is itself tested through the client that it must serve. */
describe('ClickHouse front over the embedded engine', () => {
  let dataDir: string;
  let front: ClickHouseFront;
  let proxy: FaultProxy;
  let client: ClickHouseClient;

  const open = (url: string, requestTimeoutMs = 60_000): ClickHouseClient =>
    createClient({
      url,
      database: 'fronted',
      compression: { request: true, response: true },
      use_multipart_params_auto: true,
      request_timeout: requestTimeoutMs,
      log: { level: ClickHouseLogLevel.OFF },
    });
  const insert = async (through: ClickHouseClient, token: string): Promise<unknown> =>
    through.insert({
      table: 'kept',
      values: [{ id: 1, text: "it's \\ ü \n" }],
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token: token, async_insert: 0 },
    });
  const rows = async (): Promise<unknown[]> => {
    const result = await client.query({ query: 'SELECT id, text FROM kept', format: 'JSONEachRow' });
    return result.json();
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-front-'));
    front = await startClickHouseFront({ dataDir });
    proxy = await FaultProxy.start(front.port);
    const admin = createClient({ url: front.url });
    await admin.command({ query: 'CREATE DATABASE fronted' });
    await admin.close();
    client = open(front.url);
    await client.command({
      query: `CREATE TABLE kept (id UInt32, text String) ENGINE = MergeTree ORDER BY id
              SETTINGS non_replicated_deduplication_window = 100`,
    });
  });
  afterEach(async () => {
    await client.command({ query: 'TRUNCATE TABLE kept' });
  });
  afterAll(async () => {
    await client.close();
    await proxy.stop();
    await front.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('answers pings, and keeps tokens and texts as they are', async () => {
    expect(await client.ping()).toMatchObject({ success: true });
    expect(await client.ping({ select: true })).toMatchObject({ success: true });
    for (const token of ['a', 'a', 'b']) await insert(client, token);
    expect(await rows()).toEqual(Array(2).fill({ id: 1, text: "it's \\ ü \n" }));
  });

  it('binds parameters of any length, and forgets them', async () => {
    const texts = Array.from({ length: 20_000 }, (_, index) => `'\\\n\t${index}`);
    const query = 'SELECT {texts:Array(String)} AS texts, {number:Float64} AS number';
    const result = await client.query({ query, query_params: { texts, number: '-0' }, format: 'JSONEachRow' });
    expect(await result.json()).toEqual([{ texts, number: -0 }]);
    await expect(client.query({ query })).rejects.toMatchObject({ code: '456' });
  });

  it('forgets settings, and gives errors their code', async () => {
    const query = 'SELECT number FROM numbers(10)';
    const limited = await client.query({ query, clickhouse_settings: { limit: '3' }, format: 'JSONEachRow' });
    expect(await limited.json()).toHaveLength(3);
    expect(await (await client.query({ query, format: 'JSONEachRow' })).json()).toHaveLength(10);
    await expect(client.query({ query: 'SELEKT 1' })).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
    await expect(client.query({ query: 'SELECT 1 FROM absent' })).rejects.toMatchObject({ code: '60' });
  });

  it('keeps what it answered when it is killed', async () => {
    await insert(client, 'before the kill');
    const { port } = front;
    await front.kill();
    await expect(insert(client, 'while it is down')).rejects.toThrow();
    front = await startClickHouseFront({ dataDir, port });
    expect(await rows()).toHaveLength(1);
  });

  it('stands behind a proxy that breaks the way', async () => {
    const behind = open(proxy.url);
    const impatient = open(proxy.url, 300);
    await insert(behind, 'whole');
    proxy.set({ kind: 'drop-reply', matching: /INSERT/, times: 1 });
    await expect(insert(behind, 'no reply')).rejects.toThrow();
    expect(proxy.faulted).toBe(1);
    expect(await rows()).toHaveLength(2);
    await insert(behind, 'no reply');
    proxy.set({ kind: 'close' });
    await expect(insert(behind, 'closed')).rejects.toThrow();
    proxy.set({ kind: 'hang' });
    await expect(insert(impatient, 'hung')).rejects.toThrow(/timeout/i);
    proxy.set({ kind: 'answer', status: 503, body: 'busy' });
    await expect(insert(behind, 'busy')).rejects.toThrow(/busy/);
    proxy.set({ kind: 'none' });
    await proxy.refuse();
    await expect(insert(behind, 'refused')).rejects.toThrow(/ECONNREFUSED/);
    await proxy.accept();
    await insert(behind, 'accepted');
    expect(await rows()).toHaveLength(3);
    await behind.close();
    await impatient.close();
  });
});
