import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvaluationTick, TickRecord } from '@plumbline/contracts';
import { findEvaluationRun, migrate, StorageError, Store } from '@plumbline/storage';
import type { StreamBatch } from '@plumbline/stream';
import { RunProgress } from './run-progress.js';

const tickOf = (evaluationId: string): EvaluationTick => ({
  type: 'evaluation',
  project: 'p',
  model: 'm',
  evaluationId,
  request: { model: 'm', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  requestedAtMs: 1,
});

describe('RunProgress', () => {
  let dataDir: string;
  let store: Store;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-progress-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const batch = (values: Partial<StreamBatch<TickRecord>> = {}): StreamBatch<TickRecord> => ({
    topic: 'plumbline.ticks',
    partition: 0,
    identity: 'i',
    ownership: 'o',
    records: [],
    heartbeat: async () => undefined,
    isStale: () => false,
    ...values,
  });
  const begin = (
    id: string,
    of: StreamBatch<TickRecord>,
    behind: EvaluationTick[] = [],
    stopping = new AbortController(),
  ) => new RunProgress(store, tickOf(id), undefined, behind, of, stopping.signal);

  it('keeps fresh what waits behind it', async () => {
    const progress = begin('first', batch(), [tickOf('second')]);
    expect(progress.begin(7)).toBe(7);
    await progress.planned(3);
    expect(await findEvaluationRun(store, 'p', 'first')).toMatchObject({
      status: 'running',
      windowsTotal: 3,
      attempts: 1,
      decidedAtMs: [7],
    });
    const behind = (await findEvaluationRun(store, 'p', 'second'))!;
    expect(behind).toMatchObject({ status: 'running', attempts: 0, requestedAtMs: 1 });
    expect(behind.updatedAtMs).toBeGreaterThan(1);
    progress.windowDone();
    await progress.end('done', '');
    expect(await findEvaluationRun(store, 'p', 'first')).toMatchObject({ status: 'done', windowsDone: 1 });
  });

  it.each<[string, Partial<StreamBatch<TickRecord>>]>([
    ['is another’s', { isStale: () => true }],
    ['is lost with a heartbeat', { heartbeat: () => Promise.reject(new Error('rebalance')) }],
  ])('ends the work when the model %s', async (_name, values) => {
    const progress = begin('stale', batch(values));
    expect(progress.signal.aborted).toBe(false);
    await progress.waiting();
    expect(progress.signal.aborted).toBe(true);
    expect(progress.failure).toBeUndefined();
  });

  it('ends the work when the process stops', () => {
    const stopping = new AbortController();
    const progress = begin('stopped', batch(), [], stopping);
    stopping.abort();
    expect(progress.signal.aborted).toBe(true);
    expect(begin('too late', batch(), [], stopping).signal.aborted).toBe(true);
  });

  it('ends the work when progress cannot be written, and says why', async () => {
    // The engine has no such year.
    const tick = { ...tickOf('lost'), requestedAtMs: Date.UTC(-5000, 0) };
    const progress = new RunProgress(store, tick, undefined, [], batch(), new AbortController().signal);
    progress.windowDone();
    await expect(progress.end('done', '')).rejects.toThrow(StorageError);
    expect(progress.signal.aborted).toBe(true);
    expect(progress.failure).toBeInstanceOf(StorageError);
  });
});
