import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Measurement,
  type MonitorDeclaration,
  monitorDeclarationSchema,
  type Transition,
} from '@plumbline/contracts';
import {
  type Chain,
  type HandEndingRow,
  listAlerts,
  listAlertStatesBefore,
  listEvaluationMarks,
  listHandEndings,
  listMeasurements,
  migrate,
  resolveAlert,
  Store,
} from '@plumbline/storage';
import { dailyMeasurement } from '../../../test/support/daily-measurement.js';
import { conclude } from './conclude.js';

const DAY_MS = 86_400_000;
const DAY_0_MS = Date.UTC(2026, 4, 1);
const policy: MonitorDeclaration = monitorDeclarationSchema.parse({ detector: 'feature_drift', keep_firing_for: 0 });

/** @embedded-only: libs/storage has what it reads and writes on a server, split-apps.spec and the conservation harness conclude on one. */
describe('conclude', () => {
  let dataDir: string;
  let store: Store;
  let nextChain = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-conclude-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, DAY_0_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const newChain = (): Chain => ({ project: 'p', model: `m-${nextChain++}`, monitor: 'drift', windowMs: DAY_MS });
  const found = (chain: Chain, day: number, feature: string, effect: number): Measurement =>
    dailyMeasurement({
      ...{ project: chain.project, model: chain.model, monitor: chain.monitor, feature },
      ...{ windowEndMs: DAY_0_MS + (day + 1) * DAY_MS, evaluatedAtMs: 0 },
      ...{ value: effect, effect, severity: effect >= 0.1 ? 'warning' : 'ok', reason: 'Found.' },
    });
  /** Evaluates a day as a tick at `nowMs` would. */
  const evaluate = async (
    chain: Chain,
    day: number,
    effects: Record<string, number>,
    nowMs: number,
    endings?: readonly HandEndingRow[],
  ) => {
    const endMs = DAY_0_MS + (day + 1) * DAY_MS;
    const mark = (await listEvaluationMarks(store, chain, endMs)).find(({ windowEndMs }) => windowEndMs === endMs);
    const window = { startMs: endMs - DAY_MS, endMs, mark };
    const measurements = Object.entries(effects).map(([feature, effect]) => ({
      ...found(chain, day, feature, effect),
      evaluatedAtMs: nowMs,
    }));
    return conclude(
      store,
      chain,
      policy,
      [{ window, measurements }],
      async () => ['1'],
      endings ?? (await listHandEndings(store, chain)),
      nowMs,
    );
  };
  const revisionsOf = async (chain: Chain) =>
    (await listEvaluationMarks(store, chain, 0)).map(({ revision }) => revision);

  it('keeps the revision when a window that lost a series is evaluated again with the same result', async () => {
    const chain = newChain();
    await evaluate(chain, 0, { age: 0, fee: 0 }, DAY_0_MS + 2 * DAY_MS);
    await evaluate(chain, 0, { fee: 0 }, DAY_0_MS + 3 * DAY_MS);
    expect(await revisionsOf(chain)).toEqual([1]);
    await evaluate(chain, 0, { fee: 0 }, DAY_0_MS + 4 * DAY_MS);
    await evaluate(chain, 0, { fee: 0 }, DAY_0_MS + 5 * DAY_MS);
    expect(await revisionsOf(chain)).toEqual([1]);
    await evaluate(chain, 0, {}, DAY_0_MS + 6 * DAY_MS);
    await evaluate(chain, 0, {}, DAY_0_MS + 7 * DAY_MS);
    expect(await revisionsOf(chain)).toEqual([2]);
  });

  it('keeps what a later revision replaced, also of a series that it lost', async () => {
    const chain = newChain();
    await evaluate(chain, 0, { age: 0.3, fee: 0 }, DAY_0_MS + 2 * DAY_MS);
    await evaluate(chain, 0, { fee: 0.05 }, DAY_0_MS + 3 * DAY_MS);
    await evaluate(chain, 0, { fee: 0.05 }, DAY_0_MS + 4 * DAY_MS);
    await evaluate(chain, 0, { fee: 0.06, tax: 0 }, DAY_0_MS + 5 * DAY_MS);
    const listed = async (revisions: 'current' | 'all') =>
      (await listMeasurements(store, { project: 'p', model: chain.model, revisions, limit: 10 })).map((each) => {
        const superseded = each.supersededAtMs === undefined ? 'in force' : (each.supersededAtMs - DAY_0_MS) / DAY_MS;
        return [each.feature, each.revision, each.value, superseded];
      });
    expect(await listed('current')).toEqual([
      ['fee', 2, 0.06, 'in force'],
      ['tax', 2, 0, 'in force'],
    ]);
    expect(await listed('all')).toEqual([
      ['age', 0, 0.3, 3],
      ['fee', 2, 0.06, 'in force'],
      ['fee', 1, 0.05, 5],
      ['fee', 0, 0, 3],
      ['tax', 2, 0, 'in force'],
    ]);
  });

  it('takes back the alert of a series that a later revision lost, and says why', async () => {
    const chain = newChain();
    await evaluate(chain, 0, { age: 0.3, fee: 0 }, DAY_0_MS + 3 * DAY_MS);
    await evaluate(chain, 1, { fee: 0 }, DAY_0_MS + 3 * DAY_MS + 1);
    const { transitions } = await evaluate(chain, 0, { fee: 0 }, DAY_0_MS + 4 * DAY_MS);
    expect(transitions.map(({ feature, from, to, reason }) => [feature, from, to, reason])).toEqual([
      [
        'age',
        'firing',
        'inactive',
        'In retrospect, since another evaluation left psi.decile of age unknown in this window, where it was 0.3 (revision 1): Revision 1 of the window has no psi.decile of age any more.',
      ],
    ]);
    const open = await listAlerts(store, { project: 'p', model: chain.model, status: 'firing', limit: 9 });
    expect(open).toEqual([]);
    // Found again, it is as if it had never been lost.
    const again = await evaluate(chain, 0, { age: 0.3, fee: 0 }, DAY_0_MS + 5 * DAY_MS);
    expect(again.transitions.map(({ from, to }) => `${from}>${to}`)).toEqual(['inactive>firing']);
    const states = await listAlertStatesBefore(store, chain);
    expect(states.filter(({ feature }) => feature === 'age').map(({ state }) => state.status)).toEqual(['firing']);
  });

  it('does the same once more after a stop anywhere', async () => {
    const steps = ['measurement_revision', 'measurement', 'transition', 'alert_state', 'evaluation'];
    const histories: unknown[] = [];
    for (const stopAfter of ['nothing', ...steps]) {
      const chain = newChain();
      await evaluate(chain, 0, { age: 0.3, fee: 0 }, DAY_0_MS + 3 * DAY_MS);
      await evaluate(chain, 1, { age: 0.3, fee: 0 }, DAY_0_MS + 3 * DAY_MS + 1);
      const insert = store.insert.bind(store);
      store.insert = async (table, rows, token) => {
        await insert(table, rows, token);
        if (table === stopAfter) throw new Error('stopped');
      };
      const late = evaluate(chain, 0, { fee: 0.2 }, DAY_0_MS + 4 * DAY_MS);
      await (stopAfter === 'nothing' ? late : expect(late).rejects.toThrow('stopped'));
      store.insert = insert;
      await evaluate(chain, 0, { fee: 0.2 }, DAY_0_MS + 4 * DAY_MS + 5);
      const { model } = chain;
      const listed = await listMeasurements(store, { project: 'p', model, revisions: 'all', limit: 99 });
      const states = await listAlertStatesBefore(store, chain);
      const alerts = await listAlerts(store, { project: 'p', model, limit: 9 });
      histories.push([
        listed.map((each) => [
          each.windowEndMs,
          each.feature,
          each.revision,
          each.value,
          each.supersededAtMs === undefined,
        ]),
        states.map(({ feature, windowEndMs, state }) => [feature, windowEndMs, state.status]).sort(),
        alerts.map(({ feature, status, firedAtMs }) => [feature, status, firedAtMs]).sort(),
      ]);
    }
    for (const history of histories) expect(history).toEqual(histories[0]);
  });

  it.each([
    ['raised', 0, 0.3, 0],
    ['resolved', 0.3, 0, 0.3],
  ])(
    'takes back what was told, an alert %s, when a stop came after it and late data once more',
    async (_, first, late, last) => {
      const stands = async (stopAfter: string) => {
        const chain = newChain();
        await evaluate(chain, 0, { age: first }, DAY_0_MS + 3 * DAY_MS);
        const insert = store.insert.bind(store);
        store.insert = async (table, rows, token) => {
          await insert(table, rows, token);
          if (table === stopAfter) throw new Error('stopped');
        };
        await expect(evaluate(chain, 0, { age: late }, DAY_0_MS + 4 * DAY_MS)).rejects.toThrow('stopped');
        store.insert = insert;
        await evaluate(chain, 0, { age: last }, DAY_0_MS + 5 * DAY_MS);
        const alerts = await listAlerts(store, { project: 'p', model: chain.model, limit: 9 });
        return alerts.filter(({ status }) => status === 'firing').length;
      };
      for (const table of ['measurement', 'transition', 'alert_state', 'evaluation'])
        expect([table, await stands(table)]).toEqual([table, last === 0 ? 0 : 1]);
    },
  );

  it('does not raise an alert again over windows in which its series was not measured anew', async () => {
    const chain = newChain();
    await evaluate(chain, 0, { age: 0, fee: 0 }, DAY_0_MS + 3 * DAY_MS);
    await evaluate(chain, 1, { age: 0.3, fee: 0 }, DAY_0_MS + 3 * DAY_MS + 1);
    await evaluate(chain, 2, { age: 0, fee: 0 }, DAY_0_MS + 3 * DAY_MS + 2);
    const { transitions } = await evaluate(chain, 0, { fee: 0.05 }, DAY_0_MS + 4 * DAY_MS);
    expect(transitions).toEqual([]);
  });

  describe('after an alert was resolved by hand', () => {
    const resolve = async (chain: Chain, nowMs: number) => {
      const [alert] = await listAlerts(store, { project: 'p', model: chain.model, status: 'firing', limit: 1 });
      const wanted = { project: 'p', model: chain.model, alertId: alert!.alertId, author: 'ann', note: 'known' };
      expect(await resolveAlert(store, { ...wanted, nowMs })).toBeDefined();
      return alert!.alertId;
    };
    const changes = ({ transitions }: { readonly transitions: readonly Transition[] }) =>
      transitions.map(({ from, to }) => `${from}>${to}`);

    it('begins another one with the next window that breaches, and decides old windows again without a word', async () => {
      const chain = newChain();
      await evaluate(chain, 0, { age: 0.3 }, DAY_0_MS + 4 * DAY_MS);
      await evaluate(chain, 1, { age: 0.3 }, DAY_0_MS + 4 * DAY_MS + 1);
      const alertId = await resolve(chain, DAY_0_MS + 4 * DAY_MS + 2);
      const next = await evaluate(chain, 2, { age: 0.3 }, DAY_0_MS + 4 * DAY_MS + 3);
      expect(changes(next)).toEqual(['inactive>firing']);
      expect(next.transitions[0]!.alertId).not.toBe(alertId);
      expect(changes(await evaluate(chain, 0, { age: 0.4 }, DAY_0_MS + 4 * DAY_MS + 4))).toEqual([]);
      const alerts = await listAlerts(store, { project: 'p', model: chain.model, limit: 9 });
      expect(alerts.map(({ status, resolvedBy }) => [status, resolvedBy])).toEqual([
        ['firing', ''],
        ['resolved', 'ann'],
      ]);
    });

    it('leaves a quiet series quiet', async () => {
      const chain = newChain();
      await evaluate(chain, 0, { age: 0.3 }, DAY_0_MS + 4 * DAY_MS);
      await resolve(chain, DAY_0_MS + 4 * DAY_MS + 1);
      expect(changes(await evaluate(chain, 1, { age: 0 }, DAY_0_MS + 4 * DAY_MS + 2))).toEqual([]);
    });

    it('puts right what was decided at the same moment by who did not know of it', async () => {
      const chain = newChain();
      const nowMs = DAY_0_MS + 6 * DAY_MS;
      await evaluate(chain, 0, { age: 0.3 }, nowMs);
      const before = await listHandEndings(store, chain);
      const alertId = await resolve(chain, nowMs + 1);
      const unaware = await evaluate(chain, 1, { age: 0.3 }, nowMs + 2, before);
      expect(changes(unaware)).toEqual([]);
      // In the window that was decided wrongly the alert is over, and another has begun.
      const { transitions } = await evaluate(chain, 2, { age: 0 }, nowMs + 3);
      expect(transitions.map(({ from, to, windowEndMs }) => [from, to, (windowEndMs - DAY_0_MS) / DAY_MS])).toEqual([
        ['firing', 'inactive', 2],
        ['inactive', 'firing', 2],
        ['firing', 'inactive', 3],
      ]);
      expect(transitions.map((each) => each.alertId === alertId)).toEqual([true, false, false]);
      const open = await listAlerts(store, { project: 'p', model: chain.model, status: 'firing', limit: 9 });
      expect(open).toEqual([]);
    });
  });

  it('has the last word even when the clock was set back by a day in between', async () => {
    const chain = newChain();
    const laterMs = DAY_0_MS + 5 * DAY_MS;
    await evaluate(chain, 0, { age: 0.3 }, laterMs);
    const { transitions } = await evaluate(chain, 1, { age: 0 }, laterMs - DAY_MS);
    expect(transitions.map(({ from, to }) => `${from}>${to}`)).toEqual(['firing>inactive']);
    const [alert] = await listAlerts(store, { project: 'p', model: chain.model, limit: 1 });
    expect(alert).toMatchObject({ status: 'resolved' });

    await evaluate(chain, 0, { age: 0.05 }, laterMs - DAY_MS + 1000);
    const measured = await listMeasurements(store, { project: 'p', model: chain.model, limit: 10 });
    expect(measured.map(({ effect, revision }) => [effect, revision])).toEqual([
      [0, 0],
      [0.05, 1],
    ]);
    expect(await revisionsOf(chain)).toEqual([1, 0]);
    const states = await listAlertStatesBefore(store, chain, DAY_0_MS + DAY_MS + 1);
    expect(states.map(({ state }) => state.status)).toEqual(['inactive']);
  });
});
