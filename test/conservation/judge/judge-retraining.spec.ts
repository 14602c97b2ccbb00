import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RetrainingRun } from '@plumbline/contracts';
import { changeRun } from '@plumbline/monitoring';
import { insertRetrainingEvent, insertRetrainingRun, migrate, Store } from '@plumbline/storage';
import { Report } from '../report.js';
import { judgeRetraining } from './judge-notifications.js';

/** Keeps what was found instead of printing it. */
class KeptReport extends Report {
  readonly found: string[] = [];

  override check(_name: string, problems: readonly string[]): void {
    this.found.push(...problems);
  }
}

describe('judgeRetraining', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-judge-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, 1);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const add = async (runId: string, called: boolean): Promise<void> => {
    const run: RetrainingRun = {
      runId,
      project: 'default',
      model: 'm',
      version: '1',
      policy: 'p',
      alertIds: [runId],
      features: [],
      scheduledForMs: 0,
      reason: '',
      requestedAtMs: 1,
      status: 'requested',
      detail: '',
      newVersion: '',
      externalId: '',
      externalUrl: '',
      updatedAtMs: 1,
    };
    await insertRetrainingRun(store, run);
    if (called) await insertRetrainingEvent(store, changeRun(run, { to: 'triggered', who: 'w' }, 2)!);
  };
  const judged = async (...called: string[]): Promise<string[]> => {
    const report = new KeptReport();
    const calls = called.map((id) => ({ id, body: '{}', answer: 'ok' as const }));
    await judgeRetraining(store, calls, report);
    return report.found;
  };

  it('is content with runs that were called for and are triggered', async () => {
    await add('a', true);
    expect(await judged('a', 'a')).toEqual([]);
  });

  it('finds runs that nobody was called for, and calls that belong to no run', async () => {
    await add('b', false);
    expect(await judged('a', 'c')).toEqual([
      'run b was never called for',
      'run b is requested',
      'call c belongs to no run',
    ]);
  });
});
