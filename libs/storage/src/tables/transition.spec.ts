import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transition } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertTransitions, listAlerts } from './transition.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 8);

describe('listAlerts', () => {
  let dataDir: string;
  let store: Store;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-alerts-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
    const transition = (alertId: string, hour: number, changes: Partial<Transition> = {}): Transition => ({
      transitionId: `${alertId} ${hour}`,
      project: 'p',
      model: 'm',
      monitor: 'drift',
      alertId,
      version: '1',
      segment: '',
      feature: alertId,
      method: 'ks',
      windowStartMs: START_MS + (hour - 1) * HOUR_MS,
      windowEndMs: START_MS + hour * HOUR_MS,
      revision: 0,
      from: 'inactive',
      to: 'firing',
      severity: 'warning',
      severityBefore: 'ok',
      value: 0.5,
      threshold: 0.2,
      nCurrent: 100,
      pValue: NaN,
      reason: 'It drifted.',
      resolvedBy: '',
      decidedAtMs: START_MS + hour * HOUR_MS,
      ...changes,
    });
    await insertTransitions(
      store,
      [
        transition('old and grave', 1, { severity: 'critical' }),
        transition('mild', 2),
        transition('first mild, then grave', 3),
        transition('first mild, then grave', 5, { from: 'firing', severity: 'critical', severityBefore: 'warning' }),
        transition('grave and over', 4, { severity: 'critical' }),
        transition('grave and over', 6, { from: 'firing', to: 'inactive', severity: 'ok' }),
        transition('new', 7),
      ],
      'seed',
    );
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each([
    ['all, the newest first', {}, ['new', 'grave and over', 'first mild, then grave', 'mild', 'old and grave']],
    [
      'of a severity, as it last was',
      { severity: 'critical' },
      ['grave and over', 'first mild, then grave', 'old and grave'],
    ],
    ['of another', { severity: 'warning' }, ['new', 'mild']],
    [
      'the worst first',
      { status: 'firing', worstFirst: true },
      ['first mild, then grave', 'old and grave', 'new', 'mild'],
    ],
    [
      'the worst, however old',
      { status: 'firing', worstFirst: true, limit: 2 },
      ['first mild, then grave', 'old and grave'],
    ],
  ] as const)('returns %s', async (_, filter, features) => {
    const found = await listAlerts(store, { project: 'p', limit: 9, ...filter });
    expect(found.map(({ feature }) => feature)).toEqual(features);
  });
});
