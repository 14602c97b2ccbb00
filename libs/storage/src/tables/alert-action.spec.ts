import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import {
  acknowledgements,
  findAlertAction,
  insertAlertAction,
  listAlertActions,
  type NewAlertAction,
} from './alert-action.js';

const NOW_MS = Date.UTC(2026, 0, 8);

describe('actions on alerts', () => {
  let dataDir: string;
  let store: Store;
  let nextAlert = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Does things about an alert of its own. */
  const newAlert = () => {
    const alertId = `alert-${nextAlert++}`;
    const wanted = (action: NewAlertAction['action'], nowMs: number, values: Partial<NewAlertAction> = {}) => ({
      project: 'p',
      model: 'm',
      alertId,
      action,
      author: 'ann',
      note: '',
      nowMs,
      ...values,
    });
    const act = (...given: Parameters<typeof wanted>) => insertAlertAction(store, wanted(...given));
    const list = async () => listAlertActions(store, { project: 'p', alertIds: [alertId] });
    const acknowledged = async () =>
      (await acknowledgements(store, { project: 'p', alertIds: [alertId] })).get(alertId);
    return { alertId, wanted, act, list, acknowledged };
  };

  it('are kept in order, each with who, when and why', async () => {
    const { act, list, alertId } = newAlert();
    const first = await act('acknowledge', NOW_MS, { note: 'looking' });
    const second = await act('note', NOW_MS + 5, { author: 'bob', note: "it's the upstream job" });
    expect(await list()).toEqual([first, second]);
    expect(second).toMatchObject({ alertId, action: 'note', author: 'bob', atMs: NOW_MS + 5 });
    expect(first.actionId).toMatch(/^[0-9a-f]{32}$/);
    expect(await listAlertActions(store, { project: 'other' })).toEqual([]);
    expect(await listAlertActions(store, { project: 'p', model: 'other' })).toEqual([]);
    expect(await listAlertActions(store, { project: 'p', alertIds: [] })).toEqual([]);
    expect(await listAlertActions(store, { project: 'p', model: 'm' })).toEqual(expect.arrayContaining([first]));
  });

  it('are done once under a key, whenever and however often', async () => {
    const { act, list, wanted } = newAlert();
    const first = await act('note', NOW_MS, { note: 'x', key: 'k' });
    await act('note', NOW_MS + 1, { note: 'y' });
    expect(await act('note', NOW_MS + 86_400_000, { note: 'x', key: 'k' })).toEqual(first);
    expect(await findAlertAction(store, wanted('note', NOW_MS, { note: 'x', key: 'k' }))).toEqual(first);
    expect(await findAlertAction(store, wanted('note', NOW_MS, { note: 'x', key: 'another' }))).toBeUndefined();
    expect(await list()).toHaveLength(2);
    await act('note', NOW_MS, { note: 'x', key: 'another' });
    expect(await list()).toHaveLength(3);
  });

  it('are done once within a minute without a key, unless something else was done in between', async () => {
    const { act, list } = newAlert();
    await act('acknowledge', NOW_MS);
    await act('acknowledge', NOW_MS + 59_999);
    expect(await list()).toHaveLength(1);
    await act('acknowledge', NOW_MS + 60_000);
    expect(await list()).toHaveLength(2);
    await act('unacknowledge', NOW_MS + 60_001);
    await act('acknowledge', NOW_MS + 60_002);
    expect((await list()).map(({ action }) => action)).toEqual([
      'acknowledge',
      'acknowledge',
      'unacknowledge',
      'acknowledge',
    ]);
  });

  it('are done once when two requests come at the same time', async () => {
    const { act, list } = newAlert();
    await act('acknowledge', NOW_MS);
    const [left, right] = await Promise.all([
      act('note', NOW_MS + 1, { note: 'x' }),
      act('note', NOW_MS + 2, { note: 'x' }),
    ]);
    expect(left.actionId).toBe(right.actionId);
    expect(await list()).toHaveLength(2);
  });

  it('say who works on an alert, whatever the clock does', async () => {
    const { act, acknowledged } = newAlert();
    expect(await acknowledged()).toBeUndefined();
    await act('acknowledge', NOW_MS, { note: 'mine' });
    expect(await acknowledged()).toEqual({ by: 'ann', note: 'mine', atMs: NOW_MS });
    await act('note', NOW_MS + 1, { note: 'n' });
    await act('acknowledge', NOW_MS + 2, { author: 'bob' });
    expect(await acknowledged()).toEqual({ by: 'bob', note: '', atMs: NOW_MS + 2 });
    // The clock was set back: what comes later is later all the same.
    await act('unacknowledge', NOW_MS - 86_400_000, { author: 'bob' });
    expect(await acknowledged()).toBeUndefined();
    await act('acknowledge', NOW_MS - 86_400_000, { author: 'eve' });
    expect(await acknowledged()).toEqual({ by: 'eve', note: '', atMs: NOW_MS + 4 });
  });
});
