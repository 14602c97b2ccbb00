import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type ClickHouseFront, startClickHouseFront } from '../../../test/support/clickhouse-server.js';
import { FaultProxy } from '../../../test/support/fault-proxy.js';
import { migrate, pendingMigrations } from './migrate.js';
import { NativeBlock } from './native/native-block.js';
import { defineQuery } from './query.js';
import { integer } from './row-types.js';
import { Store } from './store.js';
import { insertLabels } from './tables/label.js';
import { deleteCells, insertCells } from './tables/cells.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const countOf = (table: string) =>
  defineQuery({
    name: `count ${table}`,
    sql: `SELECT count() AS n, sum(n_) AS total FROM (SELECT ${table === 'traffic_cell' ? 'n' : '1'} AS n_ FROM ${table})`,
    params: z.object({}),
    row: z.object({ n: integer, total: integer }),
  });

describe('Store on a server, the way to which fails', () => {
  let dataDir: string;
  let front: ClickHouseFront;
  let proxy: FaultProxy;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-server-'));
    front = await startClickHouseFront({ dataDir });
    proxy = await FaultProxy.start(front.port);
    const options = { dataDir, url: proxy.url, database: 'plumbline' };
    store = await Store.open({ ...options, compress: true });
    await migrate(store, NOW_MS);
  });
  beforeEach(async () => {
    proxy.set({ kind: 'none' });
    await proxy.accept();
  });
  afterAll(async () => {
    await store.close();
    await proxy.stop();
    await front.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const label = (predictionId: string) => ({
    type: 'label' as const,
    project: 'p',
    model: 'm',
    predictionId,
    timestampMs: NOW_MS,
    receivedAtMs: NOW_MS,
    label: 'x',
  });
  const cell = {
    project: 'p',
    model: 'm',
    version: '1',
    segment: '',
    minuteMs: NOW_MS,
    n: 7,
    idHashSum: 1,
    errors: 0,
    latencyN: 0,
    latencyBinIndexes: [],
    latencyBinCounts: [],
    weight: 7,
    weightSquares: 7,
  };

  it('reads the ledger of a server without a database as nothing done, and writes nothing', async () => {
    const empty = await Store.open({ dataDir, url: front.url, database: 'not_there_yet' });
    expect((await pendingMigrations(empty)).length).toBeGreaterThan(0);
    await expect(empty.query(countOf('label'), {})).rejects.toMatchObject({ reason: 'unavailable', retryable: true });
    await migrate(empty, NOW_MS);
    expect(await pendingMigrations(empty)).toEqual([]);
    await empty.close();
  });

  it('stores rows and cells once although every reply to an insert is lost once', async () => {
    proxy.set({ kind: 'drop-reply', matching: /INSERT/, times: 1 });
    await insertLabels(store, [label('a'), label('b')], 'batch');
    expect(proxy.faulted).toBe(1);
    proxy.set({ kind: 'drop-reply', matching: /INSERT/, times: 2 });
    await insertCells(store, [], [cell], 'batch');
    expect(proxy.faulted).toBe(2);
    expect(await store.query(countOf('label'), {})).toEqual([{ n: 2, total: 2 }]);
    expect(await store.query(countOf('traffic_cell'), {})).toEqual([{ n: 1, total: 7 }]);
    // Delivered again by the stream, with the same identity.
    await insertCells(store, [], [cell], 'batch');
    expect(await store.query(countOf('traffic_cell'), {})).toEqual([{ n: 1, total: 7 }]);
  });

  it('repeats a DELETE and a SELECT whose reply was lost', async () => {
    await insertCells(store, [], [cell], 'to be deleted');
    proxy.set({ kind: 'drop-reply', times: 1 });
    await deleteCells(store, 'p', 'm', [NOW_MS]);
    expect(proxy.faulted).toBe(1);
    proxy.set({ kind: 'drop-reply', times: 2 });
    expect(await store.query(countOf('traffic_cell'), {})).toEqual([{ n: 0, total: 0 }]);
  });

  it('gives up after a few times, as a failure that the stream delivers again, and the token still holds', async () => {
    const before = await store.query(countOf('label'), {});
    proxy.set({ kind: 'drop-reply', matching: /INSERT/ });
    await expect(insertLabels(store, [label('c')], 'stubborn')).rejects.toMatchObject({
      reason: 'unavailable',
      retryable: true,
      message: expect.stringMatching(/lost before it answered; whether the statement was run is not known/) as unknown,
    });
    expect(proxy.faulted).toBe(3);
    proxy.set({ kind: 'none' });
    await insertLabels(store, [label('c')], 'stubborn');
    expect((await store.query(countOf('label'), {}))[0]!.n).toBe(before[0]!.n + 1);
  });

  it.each([
    ['refuses connections', async () => proxy.refuse(), /refuses connections: is it up/],
    [
      'answers 503 of a proxy',
      async () => answer(503, '<html>no backend</html>'),
      /no answer of ClickHouse: .*no backend/,
    ],
    ['answers 500 with nothing', async () => answer(500, ''), /an empty one/],
    [
      'has too many parts',
      async () => answer(500, 'Code: 252. DB::Exception: Too many parts (300). (TOO_MANY_PARTS) (version 26.7)'),
      /Too many parts/,
    ],
    [
      'has a full disk',
      async () =>
        answer(500, 'Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)'),
      /not enough space/,
    ],
    [
      'has a full disk, as the system says it',
      async () => answer(500, 'Code: 1001. DB::Exception: std::exception: No space left on device (STD_EXCEPTION)'),
      /No space left/,
    ],
    [
      'knows the user no longer',
      async () => answer(403, 'Code: 516. DB::Exception: u: Authentication failed (AUTHENTICATION_FAILED)'),
      /Authentication failed/,
    ],
  ])('says that a server which %s may recover', async (_, fault, message) => {
    await fault();
    await expect(insertLabels(store, [label('d')], 'failing')).rejects.toMatchObject({
      name: 'StorageError',
      reason: 'unavailable',
      retryable: true,
      message: expect.stringMatching(message) as unknown,
    });
    expect(await store.ping()).toBe(false);
    proxy.set({ kind: 'none' });
    await proxy.accept();
    await insertLabels(store, [label('d')], 'failing');
  });

  async function answer(status: number, body: string): Promise<void> {
    proxy.set({ kind: 'answer', status, body });
  }

  it('does not wait for ever for a server that is silent', async () => {
    // Opened on answers of the proxy's own, which come in time however busy the machine is.
    proxy.set({ kind: 'answer', status: 200, body: 'Ok.\n' });
    const impatient = await Store.open({ dataDir, url: proxy.url, database: 'plumbline', requestTimeoutMs: 500 });
    proxy.set({ kind: 'hang' });
    await expect(insertLabels(impatient, [label('e')], 'silent')).rejects.toMatchObject({
      retryable: true,
      message: expect.stringMatching(/did not answer within clickhouse.requestTimeout/) as unknown,
    });
    // One time-out is what it costs, not one for each attempt.
    expect(proxy.faulted).toBe(1);
    await impatient.close();
  });

  it('says what to look at when there is no server at the start', async () => {
    await proxy.refuse();
    await expect(Store.open({ dataDir, url: proxy.url, database: 'plumbline' })).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringMatching(
        /^connect: the ClickHouse server at http:\/\/127\.0\.0\.1:\d+ refuses connections/,
      ) as unknown,
    });
  });

  it('refuses what the engine refuses, at once', async () => {
    const wrong = { ...{ project: 'String' as const }, ...{ nowhere: 'String' as const } };
    const block = new NativeBlock(wrong);
    block.add({ project: 'p', nowhere: 'x' });
    proxy.set({ kind: 'delay', ms: 1 });
    await expect(store.insertBlock('label', block, 'wrong')).rejects.toMatchObject({
      reason: 'rejected',
      retryable: false,
    });
  });

  it('keeps no connection of an insert', async () => {
    // More than there are connections: each must come back.
    for (let index = 0; index < 25; index++) await insertLabels(store, [label(`many-${index}`)], `many-${index}`);
  });

  it('binds more ids than fit into a URL', async () => {
    const ids = Array.from({ length: 30_000 }, (_, index) => `${index}'\\`);
    const query = defineQuery({
      name: 'echo ids',
      sql: 'SELECT {ids:Array(String)} AS ids',
      params: z.object({ ids: z.array(z.string()) }),
      row: z.object({ ids: z.array(z.string()) }),
    });
    expect(await store.query(query, { ids })).toEqual([{ ids }]);
  });

  it('runs commands over more hours than fit into a URL: a year of hours', async () => {
    const hours = Array.from({ length: 24 * 366 }, (_, index) => NOW_MS + index * 3_600_000);
    await insertCells(store, [], [{ ...cell, model: "it's \\ a\tmodel", minuteMs: hours.at(-1)! }], 'a year');
    const total = async (): Promise<number> => (await store.query(countOf('traffic_cell'), {}))[0]!.n;
    const before = await total();
    proxy.set({ kind: 'drop-reply', times: 1 });
    await deleteCells(store, 'p', "it's \\ a\tmodel", hours);
    expect(await total()).toBe(before - 1);
  });
});
