import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RetrainingEvent, RetrainingRun, RetrainingRunStatus } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertRetrainingEvent, listRetrainingEvents, listRunNotices } from './retraining-event.js';
import { findRetrainingRun, insertRetrainingRun, listModelsToRetrain, listRetrainingRuns } from './retraining-run.js';

const NOW_MS = Date.UTC(2026, 0, 1);

describe('retraining runs', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const run = (values: Partial<RetrainingRun> = {}): RetrainingRun => ({
    runId: 'run-1',
    project: 'p',
    model: 'm',
    version: '1',
    policy: 'default',
    alertIds: ['a', 'b'],
    features: ["it's", 'ü'],
    scheduledForMs: 0,
    reason: 'drift',
    requestedAtMs: NOW_MS,
    status: 'requested',
    detail: '',
    newVersion: '',
    externalId: '',
    externalUrl: '',
    updatedAtMs: NOW_MS,
    ...values,
  });
  const event = (to: RetrainingRunStatus, atMs: number, values: Partial<RetrainingEvent> = {}): RetrainingEvent => ({
    project: 'p',
    model: 'm',
    runId: 'run-1',
    eventId: `${values.runId ?? 'run-1'} ${to}`,
    from: 'requested',
    to,
    who: 'somebody',
    detail: '',
    newVersion: '',
    externalId: '',
    externalUrl: '',
    atMs: NOW_MS + atMs,
    ...values,
  });

  it('stand where their events say, never at an earlier status, whoever writes last', async () => {
    await insertRetrainingRun(store, run());
    await insertRetrainingRun(store, run({ requestedAtMs: NOW_MS + 5, reason: 'another process asked too' }));
    expect(await findRetrainingRun(store, 'p', 'run-1')).toEqual(run());
    expect(await listModelsToRetrain(store, NOW_MS)).toEqual([{ project: 'p', model: 'm' }]);
    await insertRetrainingEvent(store, event('running', 10, { detail: 'epoch 1' }));
    await insertRetrainingEvent(store, event('triggered', 20, { externalId: '7', externalUrl: 'https://x' }));
    expect(await findRetrainingRun(store, 'p', 'run-1')).toEqual(
      run({
        status: 'running',
        detail: 'epoch 1',
        externalId: '7',
        externalUrl: 'https://x',
        updatedAtMs: NOW_MS + 10,
      }),
    );
    await insertRetrainingEvent(store, event('succeeded', 30, { newVersion: '2' }));
    expect(await listModelsToRetrain(store, NOW_MS)).toEqual([{ project: 'p', model: 'm' }]);
    await insertRetrainingEvent(store, event('verified', 40));
    expect(await findRetrainingRun(store, 'p', 'run-1')).toMatchObject({ status: 'verified', newVersion: '2' });
    expect(await listModelsToRetrain(store, NOW_MS)).toEqual([]);
  });

  it('have a history in which an event that is told twice is one, the first', async () => {
    await insertRetrainingEvent(store, event('verified', 50, { who: 'another process' }));
    const events = await listRetrainingEvents(store, 'p', 'run-1');
    expect(events.map(({ to, atMs, who }) => [to, atMs - NOW_MS, who])).toEqual([
      ['running', 10, 'somebody'],
      ['triggered', 20, 'somebody'],
      ['succeeded', 30, 'somebody'],
      ['verified', 40, 'somebody'],
    ]);
    const notices = await listRunNotices(store, { project: 'p', sinceMs: NOW_MS + 20 });
    expect(notices.map((notice) => [notice.event.to, notice.run.status])).toEqual([
      ['triggered', 'verified'],
      ['succeeded', 'verified'],
      ['verified', 'verified'],
    ]);
    expect(await listRunNotices(store, { project: 'p', model: 'none', sinceMs: 0 })).toEqual([]);
  });

  it('are refused rather than approved when both are said at once, and called if they were', async () => {
    const runId = 'both';
    await insertRetrainingRun(store, run({ runId }));
    await insertRetrainingEvent(store, event('refused', 10, { runId }));
    await insertRetrainingEvent(store, event('approved', 20, { runId }));
    expect((await findRetrainingRun(store, 'p', runId))!.status).toBe('refused');
    await insertRetrainingEvent(store, event('triggered', 15, { runId }));
    expect((await findRetrainingRun(store, 'p', runId))!.status).toBe('triggered');
  });

  it('page newest first, those of the same instant included', async () => {
    const runs = ['c', 'a', 'b', 'd'].map((runId, index) =>
      run({ runId, model: 'paged', requestedAtMs: NOW_MS + (index > 1 ? 1 : 0) }),
    );
    for (const each of runs) await insertRetrainingRun(store, each);
    await insertRetrainingEvent(store, event('failed', 1, { runId: 'a', model: 'paged' }));
    const seen: string[] = [];
    for (let before: RetrainingRun | undefined; ;) {
      const page = await listRetrainingRuns(store, { project: 'p', model: 'paged', before, limit: 3 });
      seen.push(...page.map(({ runId }) => runId));
      if (page.length < 3) break;
      before = page.at(-1);
    }
    expect(seen).toEqual(['d', 'b', 'c', 'a']);
    const failed = await listRetrainingRuns(store, { project: 'p', statuses: ['failed', 'timed_out'], limit: 9 });
    expect(failed.map(({ runId }) => runId)).toEqual(['a']);
  });
});
