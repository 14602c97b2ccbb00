import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertState, isNotifiable, type Transition } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertAlertAction, listAlertActions } from './alert-action.js';
import { insertAlertStates } from './alert-state.js';
import { resolveAlert } from './resolve-alert.js';
import { insertTransitions, listAlerts, listHandEndings, listOpenAlerts, listTransitions } from './transition.js';

const NOW_MS = Date.UTC(2026, 0, 8);
const HOUR_MS = 3_600_000;
const series = { version: '1', segment: '', feature: 'age', method: 'ks' };

describe('resolveAlert', () => {
  let dataDir: string;
  let store: Store;
  let nextModel = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** A model with an alert that fired in the window before now, and was decided on twice since. */
  const firing = async () => {
    const model = `model-${nextModel++}`;
    const fired: Transition = {
      transitionId: `${model} fired`,
      project: 'p',
      model,
      monitor: 'drift',
      alertId: `${model} alert`,
      ...series,
      windowStartMs: NOW_MS - HOUR_MS,
      windowEndMs: NOW_MS,
      revision: 2,
      from: 'inactive',
      to: 'firing',
      severity: 'critical',
      severityBefore: 'ok',
      value: 0.5,
      threshold: 0.2,
      nCurrent: 100,
      pValue: 0.01,
      reason: 'It drifted.',
      resolvedBy: '',
      decidedAtMs: NOW_MS + 60_000,
    };
    await insertTransitions(store, [fired], model);
    const state: AlertState = {
      status: 'firing',
      severity: 'critical',
      breaches: 1,
      countedToMs: NOW_MS,
      healthy: 0,
      sinceMs: NOW_MS,
      firingSinceMs: NOW_MS,
      alertId: fired.alertId,
    };
    const chain = { project: 'p', model, monitor: 'drift', windowMs: HOUR_MS };
    const states = [0, 1, 2].map((index) => ({ ...series, windowEndMs: NOW_MS + index * HOUR_MS, state }));
    const another = { ...series, feature: 'fee', windowEndMs: NOW_MS + 3 * HOUR_MS, state };
    await insertAlertStates(store, chain, [...states, another], NOW_MS, model);
    const wanted = { project: 'p', model, alertId: fired.alertId, author: 'ann', note: 'a late job', nowMs: NOW_MS };
    return { fired, wanted };
  };

  it('ends the episode after the last window that was decided on its series', async () => {
    const { fired, wanted } = await firing();
    const { transition, action } = (await resolveAlert(store, wanted))!;
    expect(transition).toMatchObject({
      alertId: fired.alertId,
      ...series,
      windowStartMs: NOW_MS + HOUR_MS,
      windowEndMs: NOW_MS + 2 * HOUR_MS,
      from: 'firing',
      to: 'inactive',
      severityBefore: 'critical',
      reason: 'Resolved by ann: a late job',
      resolvedBy: 'ann',
      // Later than what it answers, although the clock was set back.
      decidedAtMs: NOW_MS + 60_001,
    });
    expect(isNotifiable(transition)).toBe(true);
    expect(action).toMatchObject({ action: 'resolve', author: 'ann', note: 'a late job' });
    const { project, model, alertId } = wanted;
    expect(await listTransitions(store, { project, model, alertId, limit: 9 })).toEqual([fired, transition]);
    expect(await listAlerts(store, { project, model, limit: 9 })).toMatchObject([
      { alertId, status: 'resolved', resolvedBy: 'ann', resolvedAtMs: NOW_MS + 2 * HOUR_MS, severity: 'critical' },
    ]);
    expect(await listHandEndings(store, { project, model })).toEqual([
      { ...series, monitor: 'drift', windowMs: HOUR_MS, alertId, windowEndMs: NOW_MS + 2 * HOUR_MS },
    ]);
    expect(await listOpenAlerts(store, { project, model })).toEqual([]);
    expect(await listHandEndings(store, { project, model: 'another' })).toEqual([]);
  });

  it('does nothing for an alert that is not open', async () => {
    const { wanted } = await firing();
    expect(await resolveAlert(store, { ...wanted, alertId: 'none' })).toBeUndefined();
    await resolveAlert(store, wanted);
    expect(await resolveAlert(store, { ...wanted, nowMs: NOW_MS + HOUR_MS })).toBeUndefined();
    const { project, alertId } = wanted;
    expect(await listAlertActions(store, { project, alertIds: [alertId, 'none'] })).toHaveLength(1);
  });

  it('is done once by two who do it at the same time, and finished by who finds it begun', async () => {
    const { wanted } = await firing();
    const { project, model, alertId } = wanted;
    // A process died between the action and the transition.
    await insertAlertAction(store, { ...wanted, action: 'resolve' });
    await Promise.all([resolveAlert(store, wanted), resolveAlert(store, { ...wanted, author: 'bob' })]);
    const history = await listTransitions(store, { project, model, alertId, limit: 9 });
    expect(history.map(({ to }) => to)).toEqual(['firing', 'inactive']);
    const actions = await listAlertActions(store, { project, alertIds: [alertId] });
    expect(actions.filter(({ author }) => author === 'ann')).toHaveLength(1);
  });

  it('is known of an alert that somebody opened once more', async () => {
    const { fired, wanted } = await firing();
    await resolveAlert(store, wanted);
    const again = { ...fired, transitionId: `${fired.transitionId} again`, from: 'firing' as const };
    await insertTransitions(store, [{ ...again, decidedAtMs: NOW_MS + HOUR_MS }], again.transitionId);
    const open = await listOpenAlerts(store, wanted);
    expect(open).toMatchObject([{ alertId: fired.alertId, endedByHand: true, severity: 'critical' }]);
    await resolveAlert(store, { ...wanted, nowMs: NOW_MS + 2 * HOUR_MS });
    expect(await listOpenAlerts(store, wanted)).toEqual([]);
  });
});
