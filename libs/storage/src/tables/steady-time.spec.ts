import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  monitorDeclarationSchema,
  receiverDeclarationSchema,
  type ReferenceProfile,
  retrainingPolicyDeclarationSchema,
} from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertCells, rollUpHours } from './cells.js';
import { listDirtyHours, listTouchedHours, markAllHours, markHoursClean, markHoursDirty } from './dirty-hour.js';
import { insertEvaluationMarks } from './evaluation.js';
import { listDeclaredMonitors, saveMonitor } from './monitor.js';
import { deleteReceiver, listReceivers, saveReceiver } from './receiver.js';
import { findReference, saveReference } from './reference.js';
import { listRetrainingPolicies, saveRetrainingPolicy } from './retraining-policy.js';
import { steadyTime } from './steady-time.js';
import { mergeFeatureCells } from './window-data.js';

const HOUR_MS = 3_600_000;
/** The clock is set back by a day after this. */
const BEFORE_MS = Date.UTC(2026, 5, 2);
const AFTER_MS = BEFORE_MS - 24 * HOUR_MS;
const HOUR = BEFORE_MS - 48 * HOUR_MS;

describe('a clock that is set back', () => {
  let dataDir: string;
  let store: Store;
  let nextModel = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-steady-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, AFTER_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const newModel = () => ({ project: 'p', model: `m-${nextModel++}` });
  const markOf = (model: { project: string; model: string }, touchedAtMs: number) => {
    return { ...model, aspect: 'prediction' as const, hourMs: HOUR, touchedAtMs };
  };

  it('takes the times of one model for those of no other', async () => {
    const model = newModel();
    expect(await steadyTime(store, model, BEFORE_MS)).toBe(BEFORE_MS);
    expect(await steadyTime(store, model, AFTER_MS)).toBe(BEFORE_MS);
    expect(await steadyTime(store, model, BEFORE_MS + 1)).toBe(BEFORE_MS + 1);
    expect(await steadyTime(store, newModel(), AFTER_MS)).toBe(AFTER_MS);
  });

  it('loses no mark of an hour that was found clean before, also in a process that starts afterwards', async () => {
    const model = newModel();
    await markHoursDirty(store, [markOf(model, BEFORE_MS)], 'a');
    await markHoursClean(store, [markOf(model, BEFORE_MS)], 'b');
    await markHoursDirty(store, [markOf(model, AFTER_MS)], 'c');
    const [mark] = await listDirtyHours(store, model.project, model.model);
    expect(mark).toMatchObject({ hourMs: HOUR, touchedAtMs: BEFORE_MS });
    await markHoursClean(store, [mark!], 'd');
    expect(await listDirtyHours(store, model.project, model.model)).toEqual([]);

    await store.close();
    store = await Store.open({ dataDir, database: 'plumbline' });
    await markHoursDirty(store, [markOf(model, AFTER_MS)], 'e');
    expect(await listDirtyHours(store, model.project, model.model)).toHaveLength(1);
  });

  it('marks data that comes after an evaluation as later than it', async () => {
    const model = newModel();
    const evaluation = { windowEndMs: HOUR, dataStartMs: HOUR - HOUR_MS, revision: 0, evaluatedAtMs: BEFORE_MS };
    await insertEvaluationMarks(store, { ...model, monitor: 'drift', windowMs: HOUR_MS }, [evaluation], 'a');
    await markHoursDirty(store, [markOf(model, AFTER_MS)], 'b2');
    const [touched] = await listTouchedHours(store, model.project, model.model, 0);
    expect(touched!.touchedAtMs).toBe(BEFORE_MS);
  });

  it('replaces hourly sums that were written before', async () => {
    const model = newModel();
    const cell = { ...model, version: '1', segment: '', minuteMs: HOUR, n: 1 };
    const counts = { missing: 0, invalid: 0, sum: 0, sumSquares: 0, min: 0, max: 0, binIndexes: [], binCounts: [] };
    const traffic = {
      idHashSum: 0,
      errors: 0,
      latencyN: 0,
      latencyBinIndexes: [],
      latencyBinCounts: [],
      weight: 1,
      weightSquares: 1,
    };
    for (const [identity, nowMs] of [
      ['first', BEFORE_MS],
      ['second', AFTER_MS],
    ] as const) {
      const features = [{ ...cell, ...counts, series: 'age', binSetId: '' }];
      await insertCells(store, features, [{ ...cell, ...traffic }], identity);
      await rollUpHours(store, model.project, model.model, [HOUR], nowMs);
    }
    const window = { ...model, version: '1', segment: '', fromMs: HOUR, toMs: HOUR + HOUR_MS };
    expect(await mergeFeatureCells(store, window)).toMatchObject([{ series: 'age', n: 2 }]);
    await markAllHours(store, model.project, model.model, 'rebuild', AFTER_MS);
    expect(await listDirtyHours(store, model.project, model.model)).toHaveLength(1);
  });

  it('keeps no later declaration of a monitor, a receiver or a policy, and no later reference, from holding', async () => {
    const model = newModel();
    const url = 'https://example.org';
    for (const [n, updatedAtMs] of [
      [1, BEFORE_MS],
      [2, AFTER_MS],
      [3, AFTER_MS],
    ] as const) {
      const change = { ...model, updatedBy: 't', updatedAtMs };
      const declaration = monitorDeclarationSchema.parse({ detector: 'traffic', for: n });
      await saveMonitor(store, { ...change, monitor: 'traffic', declaration });
      const receiver = receiverDeclarationSchema.parse({ channel: 'webhook', url: `${url}/${n}` });
      await saveReceiver(store, { ...change, receiver: 'ops', declaration: receiver });
      const policy = retrainingPolicyDeclarationSchema.parse({ target: { url }, monthly_budget: n });
      await saveRetrainingPolicy(store, { ...change, policy: 'default', declaration: policy });
      const reference: ReferenceProfile = {
        ...model,
        version: '1',
        referenceId: `r-${n}`,
        source: 'test',
        n: 1,
        series: [],
        performance: {},
        createdBy: 't',
        createdAtMs: updatedAtMs,
      };
      await saveReference(store, reference);
    }
    const [monitor] = await listDeclaredMonitors(store, model.project, model.model);
    expect(monitor!.declaration).toMatchObject({ for: 3 });
    expect((await listReceivers(store, 'p'))[0]!.declaration).toMatchObject({ url: `${url}/3` });
    const [policy] = await listRetrainingPolicies(store, model.project, model.model);
    expect(policy!.declaration).toMatchObject({ monthly_budget: 3 });
    expect((await findReference(store, model.project, model.model, '1'))!.referenceId).toBe('r-3');
    await deleteReceiver(store, { project: 'p', receiver: 'ops', updatedBy: 't', updatedAtMs: AFTER_MS });
    expect(await listReceivers(store, 'p')).toEqual([]);
  });
});
