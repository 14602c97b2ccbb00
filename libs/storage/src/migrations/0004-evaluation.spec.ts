import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertState, type Measurement, type Transition, withoutLabels } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertAlertStates, listAlertStatesBefore, listAlertStatesFrom } from '../tables/alert-state.js';
import { insertEvaluationMarks, listEvaluationMarks } from '../tables/evaluation.js';
import { insertMeasurements, keepRevisions, listChainMeasurements, listMeasurements } from '../tables/measurement.js';
import { insertTransitions, listAlerts, listTransitions } from '../tables/transition.js';

const NOW_MS = Date.UTC(2026, 0, 10);
const HOUR_MS = 3_600_000;
const chain = { project: 'p', model: 'm', monitor: 'feature-drift', windowMs: HOUR_MS };

describe('tables of evaluation', () => {
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

  const measurement = (values: Partial<Measurement>): Measurement => ({
    project: 'p',
    model: 'm',
    monitor: 'feature-drift',
    version: '1',
    segment: '',
    feature: 'it\'s "ü"',
    method: 'psi.decile',
    windowStartMs: NOW_MS,
    windowEndMs: NOW_MS + HOUR_MS,
    dataStartMs: NOW_MS - 2 * HOUR_MS,
    revision: 0,
    value: 0.1,
    effect: NaN,
    errorBound: 0,
    pValue: 1e-300,
    adjustedPValue: NaN,
    alpha: 0.01,
    nReference: 5,
    nCurrent: 6,
    nMissing: 7,
    thresholdWarning: 0.1,
    thresholdCritical: NaN,
    lower: NaN,
    upper: NaN,
    ...withoutLabels,
    referenceId: 'ref',
    severity: 'warning',
    decides: true,
    reason: 'because',
    evaluatedAtMs: NOW_MS,
    ...values,
  });
  const later = (index: number, values: Partial<Measurement> = {}): Measurement =>
    measurement({ windowStartMs: NOW_MS + index * HOUR_MS, windowEndMs: NOW_MS + (index + 1) * HOUR_MS, ...values });

  it('replaces a measurement by the later evaluation of the window', async () => {
    await insertMeasurements(store, [later(0), later(1)], 'a');
    await insertMeasurements(store, [later(0), later(1)], 'a');
    await insertMeasurements(store, [later(0, { revision: 1, severity: 'ok', evaluatedAtMs: NOW_MS + 5 })], 'b');
    await insertMeasurements(store, [measurement({ windowEndMs: NOW_MS + 24 * HOUR_MS, monitor: 'daily' })], 'c');
    const rows = await listChainMeasurements(store, chain, NOW_MS, NOW_MS + 99 * HOUR_MS);
    const kept = { ...later(0, { revision: 1, severity: 'ok', evaluatedAtMs: NOW_MS + 5 }), gone: false };
    expect(rows).toEqual([kept, { ...later(1), gone: false }]);
    expect(await listChainMeasurements(store, { ...chain, windowMs: 5 }, 0, NOW_MS + 99 * HOUR_MS)).toEqual([]);
  });

  it('pages measurements without a gap or a repetition', async () => {
    const all = [0, 1, 2].flatMap((index) =>
      ['a', 'b', 'c'].map((feature) => later(index, { model: 'paged', feature, segment: feature === 'b' ? 's' : '' })),
    );
    await insertMeasurements(store, all, 'paged');
    const seen: string[] = [];
    for (let before: Measurement | undefined; ;) {
      const page = await listMeasurements(store, { project: 'p', model: 'paged', before, limit: 2 });
      seen.push(...page.map(({ windowEndMs, feature }) => `${(windowEndMs - NOW_MS) / HOUR_MS}${feature}`));
      if (page.length < 2) break;
      before = page.at(-1);
    }
    expect(seen).toEqual(['3a', '3c', '3b', '2a', '2c', '2b', '1a', '1c', '1b']);
  });

  it.each([
    [{ feature: 'a' }, 3],
    [{ segment: '' }, 6],
    [{ segment: 's', method: 'ks' }, 0],
    [{ severity: 'warning', version: '1', monitor: 'feature-drift' }, 9],
    [{ fromMs: NOW_MS + HOUR_MS, toMs: NOW_MS + 2 * HOUR_MS }, 3],
  ])('filters measurements by %j', async (filter, expected) => {
    expect(await listMeasurements(store, { project: 'p', model: 'paged', limit: 100, ...filter })).toHaveLength(
      expected,
    );
  });

  it('pages all revisions, the newest first, and lists one that is kept but not replaced yet as in force', async () => {
    const of = (feature: string, revision: number) => later(0, { model: 'revised', feature, revision });
    for (const revision of [0, 1, 2]) {
      if (revision > 0) await keepRevisions(store, [of('a', revision - 1)], NOW_MS + revision, `revised-${revision}`);
      const evaluatedAtMs = NOW_MS + revision;
      await insertMeasurements(store, [{ ...of('a', revision), evaluatedAtMs }], `revised-${revision}`);
    }
    await insertMeasurements(store, [of('b', 0), of('c', 0)], 'revised-b');
    await keepRevisions(store, [of('b', 0)], NOW_MS + 9, 'revised-b');
    await insertMeasurements(store, [], 'revised-c', [{ ...of('c', 1), evaluatedAtMs: NOW_MS + 1 }]);
    const seen: unknown[] = [];
    for (let before: Measurement | undefined; ;) {
      const page = await listMeasurements(store, {
        project: 'p',
        model: 'revised',
        revisions: 'all',
        before,
        limit: 1,
      });
      seen.push(...page.map(({ feature, revision, supersededAtMs }) => [feature, revision, supersededAtMs]));
      if (page.length === 0) break;
      before = page.at(-1);
    }
    expect(seen).toEqual([
      ['a', 2, undefined],
      ['a', 1, NOW_MS + 2],
      ['a', 0, NOW_MS + 1],
      ['b', 0, undefined],
    ]);
    const inForce = await listMeasurements(store, { project: 'p', model: 'revised', limit: 9 });
    expect(inForce.map(({ feature, revision }) => [feature, revision])).toEqual([
      ['a', 2],
      ['b', 0],
    ]);
  });

  it('keeps the state of each series after each window', async () => {
    const state = (values: Partial<AlertState>): AlertState => ({
      status: 'inactive',
      severity: 'ok',
      breaches: 0,
      countedToMs: 0,
      healthy: 0,
      sinceMs: 0,
      firingSinceMs: 0,
      alertId: '',
      ...values,
    });
    const stored = (feature: string, windowEndMs: number, values: Partial<AlertState> = {}) => ({
      version: '1',
      segment: '',
      feature,
      method: 'ks',
      windowEndMs,
      state: state(values),
    });
    const first = [stored('a', NOW_MS), stored('b', NOW_MS)];
    const firing = {
      status: 'firing',
      severity: 'critical',
      alertId: 'x',
      sinceMs: NOW_MS - HOUR_MS,
      firingSinceMs: NOW_MS,
      breaches: 2,
      countedToMs: NOW_MS,
    } as const;
    const second = [stored('a', NOW_MS + HOUR_MS, firing)];
    await insertAlertStates(store, chain, [...first, ...second], NOW_MS, 'first');
    expect(await listAlertStatesBefore(store, chain, NOW_MS + 2 * HOUR_MS)).toEqual(
      expect.arrayContaining([second[0], first[1]].map((each) => ({ ...each, updatedAtMs: NOW_MS }))),
    );
    expect(await listAlertStatesBefore(store, chain, NOW_MS + HOUR_MS)).toEqual(
      expect.arrayContaining(first.map((each) => ({ ...each, updatedAtMs: NOW_MS }))),
    );
    expect(await listAlertStatesBefore(store, { ...chain, windowMs: 1 }, NOW_MS + HOUR_MS)).toEqual([]);
    const healed = stored('a', NOW_MS + HOUR_MS, { status: 'recovering' });
    await insertAlertStates(store, chain, [healed], NOW_MS + 1, 'second');
    expect(await listAlertStatesFrom(store, chain, NOW_MS + HOUR_MS)).toEqual([{ ...healed, updatedAtMs: NOW_MS + 1 }]);
  });

  it('keeps the last evaluation of each window', async () => {
    const mark = (index: number, revision = 0, evaluatedAtMs = NOW_MS) => ({
      windowEndMs: NOW_MS + index * HOUR_MS,
      dataStartMs: NOW_MS - HOUR_MS,
      revision,
      evaluatedAtMs,
    });
    await insertEvaluationMarks(store, chain, [mark(1), mark(2)], 'first');
    await insertEvaluationMarks(store, chain, [mark(1, 1, NOW_MS + 1)], 'second');
    expect(await listEvaluationMarks(store, chain, 0)).toEqual([mark(1, 1, NOW_MS + 1), mark(2)]);
    expect(await listEvaluationMarks(store, chain, NOW_MS + 2 * HOUR_MS)).toEqual([mark(2)]);
  });

  describe('transition', () => {
    const transition = (transitionId: string, values: Partial<Transition>): Transition => ({
      transitionId,
      project: 'p',
      model: 'm',
      monitor: 'feature-drift',
      alertId: 'alert-1',
      version: '1',
      segment: '',
      feature: 'a',
      method: 'ks',
      windowStartMs: NOW_MS - HOUR_MS,
      windowEndMs: NOW_MS,
      revision: 0,
      from: 'inactive',
      to: 'firing',
      severity: 'warning',
      severityBefore: 'ok',
      value: 0.2,
      threshold: 0.1,
      nCurrent: 9,
      pValue: 0.001,
      reason: 'it drifted',
      resolvedBy: '',
      decidedAtMs: NOW_MS,
      ...values,
    });
    const window = (index: number) => ({
      windowStartMs: NOW_MS + (index - 1) * HOUR_MS,
      windowEndMs: NOW_MS + index * HOUR_MS,
    });
    const fired = transition('t1', {});
    const worse = transition('t2', {
      ...window(1),
      from: 'firing',
      severity: 'critical',
      value: 0.4,
      reason: 'it drifted on',
    });
    const recovering = transition('t3', { ...window(2), from: 'firing', to: 'recovering', severity: 'critical' });
    const resolved = transition('t4', {
      ...window(3),
      from: 'recovering',
      to: 'inactive',
      severity: 'ok',
      reason: 'it is over',
    });
    const other = transition('t5', { ...window(4), alertId: 'alert-2', monitor: 'performance', feature: '' });
    const pending = transition('t6', { ...window(5), alertId: '', to: 'pending' });

    it('keeps the first row of an id', async () => {
      await insertTransitions(store, [fired], 'first');
      await insertTransitions(store, [{ ...fired, decidedAtMs: NOW_MS + 99 }], 'again');
      expect(await listTransitions(store, { project: 'p', model: 'm', limit: 10 })).toEqual([fired]);
    });

    it('reads alerts off the history', async () => {
      await insertTransitions(store, [worse, recovering], 'second');
      expect(await listAlerts(store, { project: 'p', limit: 10 })).toEqual([
        {
          alertId: 'alert-1',
          project: 'p',
          model: 'm',
          version: '1',
          monitor: 'feature-drift',
          segment: '',
          feature: 'a',
          method: 'ks',
          status: 'firing',
          severity: 'critical',
          value: 0.4,
          threshold: 0.1,
          reason: 'it drifted on',
          firedBecause: 'it drifted on',
          firedAtMs: NOW_MS,
          resolvedAtMs: undefined,
          resolvedBy: '',
        },
      ]);
      await insertTransitions(store, [resolved, other, pending], 'third');
      const alerts = await listAlerts(store, { project: 'p', limit: 10 });
      expect(
        alerts.map(({ alertId, status, severity, reason, firedAtMs, resolvedAtMs }) => [
          alertId,
          status,
          severity,
          reason,
          firedAtMs,
          resolvedAtMs,
        ]),
      ).toEqual([
        ['alert-2', 'firing', 'warning', 'it drifted', NOW_MS + 4 * HOUR_MS, undefined],
        ['alert-1', 'resolved', 'critical', 'it is over', NOW_MS, NOW_MS + 3 * HOUR_MS],
      ]);
    });

    it.each([
      [{ status: 'firing' as const }, ['alert-2']],
      [{ status: 'resolved' as const }, ['alert-1']],
      [{ monitor: 'performance' }, ['alert-2']],
      [{ model: 'another' }, []],
      [{ fromMs: NOW_MS }, ['alert-2']],
      [{ toMs: NOW_MS }, ['alert-1']],
      [{ before: { firedAtMs: NOW_MS + 4 * HOUR_MS, alertId: 'alert-2' } }, ['alert-1']],
    ])('filters alerts by %j', async (filter, expected) => {
      const alerts = await listAlerts(store, { project: 'p', limit: 10, ...filter });
      expect(alerts.map(({ alertId }) => alertId)).toEqual(expected);
    });

    it('tells the history of one alert', async () => {
      expect(await listTransitions(store, { project: 'p', model: 'm', alertId: 'alert-1', limit: 10 })).toEqual([
        fired,
        worse,
        recovering,
        resolved,
      ]);
    });
  });
});
