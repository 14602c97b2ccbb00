import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Delivery, receiverDeclarationSchema, type Transition } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertDelivery } from './delivery.js';
import { listOutboxModels, listUndelivered } from './outbox.js';
import { deleteReceiver, saveReceiver } from './receiver.js';
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
  severity: 'critical',
  severityBefore: 'ok',
  value: 0.5,
  threshold: 0.2,
  nCurrent: 100,
  pValue: NaN,
  reason: 'because',
  resolvedBy: '',
  decidedAtMs: NOW_MS,
};
const resolved: Transition = {
  ...fired,
  transitionId: 't2',
  windowStartMs: NOW_MS - HOUR_MS,
  windowEndMs: NOW_MS,
  from: 'firing',
  to: 'inactive',
  decidedAtMs: NOW_MS + 1,
};
const pendingOnly: Transition = { ...fired, transitionId: 't3', to: 'pending' };

describe('outbox', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    await insertTransitions(store, [fired, pendingOnly], 'first');
    await insertTransitions(store, [resolved], 'second');
    // Decided a second time by a process that crashed in between: one row all the same.
    await insertTransitions(store, [{ ...fired, decidedAtMs: NOW_MS + 500 }], 'again');
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const undelivered = (receiver: string | undefined, sinceMs = NOW_MS - HOUR_MS) =>
    listUndelivered(store, { project: 'p', model: 'm', receiver, sinceMs });
  const log = (values: Partial<Delivery>) =>
    insertDelivery(store, {
      deliveryId: 'd1',
      project: 'p',
      model: 'm',
      receiver: 'team',
      channel: 'webhook',
      kind: 'alert',
      transitionIds: ['t1'],
      attempt: 1,
      outcome: 'retryable',
      status: 500,
      detail: '',
      sentAtMs: NOW_MS + 2,
      nextAttemptAtMs: NOW_MS + 5_000,
      ...values,
    });

  it('holds what somebody is to be told, oldest first, with when the alert fired', async () => {
    const untried = { deliveryId: '', attempts: 0, nextAttemptAtMs: 0, firedAtMs: fired.windowEndMs };
    expect(await undelivered('team')).toEqual([
      { transition: fired, ...untried },
      { transition: resolved, ...untried },
    ]);
    expect((await undelivered('team', NOW_MS + 1)).map(({ transition }) => transition.transitionId)).toEqual(['t2']);
    expect(await listUndelivered(store, { project: 'p', model: 'other', receiver: 'team', sinceMs: 0 })).toEqual([]);
    expect(await listOutboxModels(store, NOW_MS - HOUR_MS)).toEqual([{ project: 'p', model: 'm', pending: 2 }]);
  });

  it('keeps what failed, under the id it was sent with, and drops what is settled', async () => {
    const declaration = receiverDeclarationSchema.parse({ channel: 'console' });
    const by = { project: 'p', declaration, updatedBy: 'me' };
    await saveReceiver(store, { ...by, receiver: 'team', updatedAtMs: NOW_MS - HOUR_MS });
    await saveReceiver(store, { ...by, receiver: 'newer', updatedAtMs: NOW_MS + 1 });
    const pending = async () => (await listOutboxModels(store, NOW_MS - HOUR_MS))[0]?.pending ?? 0;
    expect(await pending()).toBe(3);
    await log({});
    expect((await undelivered('team'))[0]).toMatchObject({
      deliveryId: 'd1',
      attempts: 1,
      nextAttemptAtMs: NOW_MS + 5_000,
    });
    expect((await undelivered('newer', NOW_MS + 1))[0]).toMatchObject({ deliveryId: '', attempts: 0 });
    await log({ attempt: 2, nextAttemptAtMs: NOW_MS + 9_000 });
    expect((await undelivered('team'))[0]).toMatchObject({ attempts: 2, nextAttemptAtMs: NOW_MS + 9_000 });
    await log({ attempt: 3, outcome: 'delivered', nextAttemptAtMs: 0 });
    expect((await undelivered('team')).map(({ transition }) => transition.transitionId)).toEqual(['t2']);
    await log({ deliveryId: 'd2', transitionIds: ['t2'], outcome: 'rejected', nextAttemptAtMs: 0 });
    expect(await undelivered('team')).toEqual([]);
    expect(await pending()).toBe(1);
  });

  it('does not tell the console what a deleted receiver was told', async () => {
    const by = { project: 'p', updatedBy: 'me', updatedAtMs: NOW_MS + 10 };
    for (const receiver of ['team', 'newer']) await deleteReceiver(store, { ...by, receiver });
    expect(await undelivered(undefined)).toEqual([]);
    expect(await listOutboxModels(store, NOW_MS - HOUR_MS)).toEqual([]);
  });
});
