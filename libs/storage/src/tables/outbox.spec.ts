import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery, Notification, Transition } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertDelivery } from './delivery.js';
import { markHoursDirty } from './dirty-hour.js';
import {
  findSendableNotification,
  insertNotification,
  listNotifications,
  type StoredNotification,
} from './notification.js';
import {
  listCoveredTransitions,
  listFailingReceivers,
  listLastNotifications,
  listOutboxAlerts,
  listOutboxWork,
  listUncountedHours,
} from './outbox.js';
import { insertTransitions } from './transition.js';

const NOW_MS = Date.UTC(2026, 0, 8);
const HOUR_MS = 3_600_000;

const fired: Transition = {
  transitionId: 't1',
  project: 'p',
  model: 'm',
  monitor: 'drift',
  alertId: 'alert',
  version: '1',
  segment: '',
  feature: 'f',
  method: 'ks',
  windowStartMs: NOW_MS - 2 * HOUR_MS,
  windowEndMs: NOW_MS - HOUR_MS,
  revision: 0,
  from: 'inactive',
  to: 'firing',
  severityBefore: 'ok',
  severity: 'warning',
  value: 0.5,
  threshold: 0.2,
  nCurrent: 100,
  pValue: NaN,
  reason: 'because',
  resolvedBy: '',
  decidedAtMs: NOW_MS,
};
const escalated: Transition = {
  ...fired,
  transitionId: 't2',
  windowStartMs: NOW_MS - HOUR_MS,
  windowEndMs: NOW_MS,
  from: 'firing',
  severityBefore: 'warning',
  severity: 'critical',
  value: 0.9,
  reason: 'worse',
  decidedAtMs: NOW_MS + 1,
};
const other: Transition = { ...fired, transitionId: 't4', alertId: 'other', model: 'n' };
const over: Transition = {
  ...other,
  transitionId: 't5',
  windowEndMs: NOW_MS + HOUR_MS,
  from: 'firing',
  to: 'inactive',
  reason: 'over',
  decidedAtMs: NOW_MS + 2,
};
const pendingOnly: Transition = { ...fired, transitionId: 't3', alertId: 'pending', to: 'pending' };

const content: Notification = {
  id: 'n1',
  incidentId: 'i1',
  sequence: 0,
  project: 'p',
  receiver: 'team',
  groupLabels: { model: 'm' },
  cause: 'fired',
  status: 'firing',
  severity: 'critical',
  acknowledgedBy: undefined,
  alerts: [],
  moreAlerts: 0,
  report: undefined,
  remarks: ['ü'],
  links: { alert: undefined, acknowledge: undefined, silence: undefined, dashboard: undefined, runbook: undefined },
  createdAtMs: NOW_MS + 10,
};
const message: StoredNotification = {
  project: 'p',
  model: 'm',
  notificationId: 'n1',
  receiver: 'team',
  route: '',
  groupKey: '{"model":"m"}',
  incidentId: 'i1',
  position: 1,
  sequence: 0,
  transitionIds: ['t1', 't2'],
  told: '[{"alertId":"alert"}]',
  open: true,
  content,
  decidedAtMs: NOW_MS,
};

describe('outbox', () => {
  let dataDir: string;
  let store: Store;
  const keys = [{ project: 'p', model: 'm' }];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const log = (values: Partial<Delivery>) =>
    insertDelivery(store, {
      deliveryId: 'n1',
      project: 'p',
      model: 'm',
      receiver: 'team',
      channel: 'webhook',
      kind: 'alert',
      transitionIds: ['t1', 't2'],
      attempt: 1,
      outcome: 'retryable',
      status: 500,
      detail: 'later',
      sentAtMs: NOW_MS + 20,
      nextAttemptAtMs: NOW_MS + 5_000,
      incidentId: 'i1',
      ...values,
    });

  it('holds alerts as they stand, with the changes that made them so', async () => {
    await insertTransitions(store, [fired, pendingOnly], 'first');
    await insertTransitions(store, [escalated, other, over], 'second');
    // Decided a second time by a process that crashed in between: one row all the same.
    await insertTransitions(store, [{ ...fired, decidedAtMs: NOW_MS + 500 }], 'again');
    expect(await listOutboxAlerts(store, keys, NOW_MS, [])).toEqual([
      {
        project: 'p',
        model: 'm',
        alertId: 'alert',
        monitor: 'drift',
        version: '1',
        segment: '',
        feature: 'f',
        method: 'ks',
        status: 'firing',
        severity: 'critical',
        value: 0.9,
        threshold: 0.2,
        pValue: NaN,
        nCurrent: 100,
        reason: 'worse',
        firedAtMs: fired.windowEndMs,
        resolvedAtMs: undefined,
        windowStartMs: escalated.windowStartMs,
        windowEndMs: escalated.windowEndMs,
        transitions: [
          { transitionId: 't1', decidedAtMs: NOW_MS },
          { transitionId: 't2', decidedAtMs: NOW_MS + 1 },
        ],
      },
    ]);
    const whole = await listOutboxAlerts(store, [{ project: 'p', model: '' }], NOW_MS, []);
    expect(whole.map(({ alertId, status, reason }) => [alertId, status, reason])).toEqual([
      ['alert', 'firing', 'worse'],
      ['other', 'resolved', 'over'],
    ]);
    // What was over long ago is left out, unless a receiver is still to hear of it.
    const late = NOW_MS + 100 * HOUR_MS;
    const ids = async (named: string[]) =>
      (await listOutboxAlerts(store, [{ project: 'p', model: 'n' }], late, named)).map(({ alertId }) => alertId);
    expect([await ids([]), await ids(['other'])]).toEqual([[], ['other']]);
    expect(await listOutboxWork(store, NOW_MS)).toEqual([
      { project: 'p', model: 'm', pending: 2, open: true },
      { project: 'p', model: 'n', pending: 2, open: true },
    ]);
  });

  it('keeps what is written of a message first, and follows it until it is settled', async () => {
    await insertTransitions(store, [fired, escalated], 'first');
    const last = async () => (await listLastNotifications(store, keys, NOW_MS))[0];
    const pending = async () => (await listOutboxWork(store, NOW_MS))[0]?.pending;
    await insertNotification(store, message);
    await insertNotification(store, {
      ...message,
      content: { ...content, remarks: ['second'], createdAtMs: NOW_MS + 11 },
    });
    const sendable = () =>
      findSendableNotification(store, { project: 'p', model: 'm', notificationId: 'n1', incidentId: 'i1' });
    expect(await sendable()).toMatchObject({
      content: { remarks: ['ü'], createdAtMs: NOW_MS + 10 },
      memory: '',
      attempts: 0,
      delivered: false,
    });
    expect(await last()).toMatchObject({
      notificationId: 'n1',
      position: 1,
      told: message.told,
      attempts: 0,
      nextAttemptAtMs: NOW_MS + 10,
      delivered: undefined,
    });
    expect(await pending()).toBe(1);
    await log({});
    expect(await last()).toMatchObject({ attempts: 1, nextAttemptAtMs: NOW_MS + 5_000 });
    expect((await listNotifications(store, { project: 'p', limit: 9 }))[0]).toMatchObject({ outcome: 'waiting' });
    await log({
      attempt: 2,
      outcome: 'delivered',
      status: 200,
      sentAtMs: NOW_MS + 30,
      nextAttemptAtMs: 0,
      memory: 'ts=1',
    });
    await log({ attempt: 3, outcome: 'delivered', status: 200, sentAtMs: NOW_MS + 40, nextAttemptAtMs: 0 });
    expect(await last()).toMatchObject({
      nextAttemptAtMs: undefined,
      delivered: { firstAtMs: NOW_MS + 30, lastAtMs: NOW_MS + 40, repetitions: 1 },
    });
    expect(await sendable()).toMatchObject({ memory: 'ts=1', attempts: 3, delivered: true });
    expect(await pending()).toBe(0);
    expect(await listNotifications(store, { project: 'p', model: 'm', outcome: 'delivered', limit: 9 })).toMatchObject([
      {
        notificationId: 'n1',
        outcome: 'delivered',
        attempts: [
          { attempt: 1, outcome: 'retryable', status: 500, detail: 'later' },
          { attempt: 2, outcome: 'delivered' },
          { attempt: 3, outcome: 'delivered' },
        ],
      },
    ]);
  });

  it('knows what is told, by messages and by what settles without one', async () => {
    await insertNotification(store, message);
    await log({ deliveryId: 's', route: 'nights', transitionIds: ['t9'], outcome: 'suppressed', nextAttemptAtMs: 0 });
    await log({ deliveryId: 'x', transitionIds: ['t8'], attempt: 9 });
    const found = await listCoveredTransitions(store, keys, NOW_MS);
    expect(found.map(({ route, transitionId }) => `${route}/${transitionId}`).sort()).toEqual([
      '/t1',
      '/t2',
      'nights/t9',
    ]);
  });

  it('takes the last message of each group, and says which ones are superseded', async () => {
    await insertNotification(store, message);
    const second = {
      ...message,
      notificationId: 'n2',
      position: 2,
      sequence: 1,
      content: { ...content, id: 'n2', createdAtMs: NOW_MS + 50 },
    };
    await insertNotification(store, second);
    const elsewhere = { ...message, notificationId: 'n3', groupKey: '{}', content: { ...content, id: 'n3' } };
    await insertNotification(store, elsewhere);
    const last = await listLastNotifications(store, keys, NOW_MS);
    expect(last.map(({ notificationId }) => notificationId).sort()).toEqual(['n2', 'n3']);
    const listed = await listNotifications(store, { project: 'p', receiver: 'team', limit: 9 });
    expect(listed.map(({ notificationId, outcome }) => [notificationId, outcome])).toEqual([
      ['n2', 'waiting'],
      ['n1', 'superseded'],
      ['n3', 'waiting'],
    ]);
    const [newest] = listed;
    expect(await listNotifications(store, { project: 'p', before: newest, limit: 1 })).toMatchObject([
      { notificationId: 'n1' },
    ]);
  });

  it('tells which receivers fail, and of which hours events wait to be counted', async () => {
    await log({ sentAtMs: NOW_MS + 1 });
    await log({ deliveryId: 'd', outcome: 'delivered', sentAtMs: NOW_MS + 2, nextAttemptAtMs: 0 });
    expect(await listFailingReceivers(store, NOW_MS, ['p'])).toEqual([]);
    await log({ deliveryId: 'e', sentAtMs: NOW_MS + 3 });
    await log({
      deliveryId: 'f',
      outcome: 'rejected',
      status: 400,
      detail: 'no',
      sentAtMs: NOW_MS + 4,
      nextAttemptAtMs: 0,
    });
    expect(await listFailingReceivers(store, NOW_MS)).toEqual([
      { project: 'p', receiver: 'team', sinceMs: NOW_MS + 3, failures: 2, lastStatus: 400, lastDetail: 'no' },
    ]);
    const mark = { project: 'p', model: 'm', aspect: 'prediction', hourMs: NOW_MS, touchedAtMs: NOW_MS } as const;
    await markHoursDirty(store, [mark], 'mark');
    expect(await listUncountedHours(store, keys, NOW_MS)).toEqual([]);
    expect(await listUncountedHours(store, [{ project: 'p', model: '' }], NOW_MS + 1)).toEqual([
      { project: 'p', model: 'm', hourMs: NOW_MS },
    ]);
  });
});
