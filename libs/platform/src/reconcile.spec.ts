import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insertReconciliation, migrate, Store } from '@plumbline/storage';
import { InProcessEventStream, StreamStoppedError, StreamUnavailableError } from '@plumbline/stream';
import { BrokerStream } from '../../../test/support/broker-stream.js';
import { reconcileModel, ReconcileTimeoutError, requestReconcile } from './reconcile.js';

const model = { project: 'p', model: 'm' };
const timeoutMs = 60_000;

describe('a reconcile on request', () => {
  let dataDir: string;
  let store: Store;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-reconcile-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is done when publishing means handling, and nobody waits', async () => {
    const handled: unknown[] = [];
    const stream = new InProcessEventStream({
      partitions: 1,
      maxQueueBytes: 1_000,
      maxBatchRecords: 10,
      onHandlerError: () => undefined,
    });
    await stream.subscribe(
      'plumbline.labels',
      async ({ records }) => void handled.push(...records.map(({ value }) => value)),
      { group: 'g' },
    );
    await reconcileModel(stream, store, model, { timeoutMs: 0 });
    expect(handled).toEqual([{ type: 'reconcile', ...model }]);
    expect(await requestReconcile(stream, [model])).toEqual(new Map());
    await stream.stop();
  });

  it('is waited for where a broker is between, by the id of the request', async () => {
    const broker = new BrokerStream();
    let waits = 0;
    const onWait = async (): Promise<void> => {
      waits++;
      const [{ requestId }] = broker.kept as [{ requestId: string }];
      // First that of somebody else, which must not be taken for ours.
      await insertReconciliation(store, model, waits === 1 ? 'another' : requestId, Date.now());
    };
    await reconcileModel(broker, store, model, { timeoutMs, onWait });
    expect(waits).toBe(2);
    expect(broker.kept).toMatchObject([{ type: 'reconcile', ...model }]);
  });

  it('says after a while that no ingester has done it', async () => {
    const late = reconcileModel(new BrokerStream(), store, model, { timeoutMs: 1 });
    await expect(late).rejects.toThrow(ReconcileTimeoutError);
    await expect(late).rejects.toThrow('check that an ingester is running');
  });

  it('is given up when its process stops, and not begun when the broker is away', async () => {
    const abort = new AbortController();
    const onWait = () => abort.abort();
    const waiting = reconcileModel(new BrokerStream(), store, model, { timeoutMs, onWait, signal: abort.signal });
    await expect(waiting).rejects.toThrow(StreamStoppedError);
    const broker = new BrokerStream();
    broker.away = true;
    await expect(reconcileModel(broker, store, model, { timeoutMs })).rejects.toThrow(StreamUnavailableError);
  });
});
