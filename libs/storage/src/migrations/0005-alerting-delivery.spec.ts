import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Delivery, receiverDeclarationSchema, retrainingPolicyDeclarationSchema } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertDelivery, listDeliveries } from '../tables/delivery.js';
import { deleteReceiver, findReceiver, listReceivers, markReceiverGone, saveReceiver } from '../tables/receiver.js';
import { findRetrainingPolicy, listRetrainingPolicies, saveRetrainingPolicy } from '../tables/retraining-policy.js';

const NOW_MS = Date.UTC(2026, 0, 1);

describe('tables of alert delivery', () => {
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

  describe('receiver', () => {
    const webhook = (url: string) => receiverDeclarationSchema.parse({ channel: 'webhook', url });
    const change = (updatedAtMs: number, url = 'https://a.example') => ({
      project: 'p',
      receiver: 'r',
      declaration: webhook(url),
      updatedBy: 'me',
      updatedAtMs,
    });

    it('keeps the newest declaration and the first creation time', async () => {
      await saveReceiver(store, change(NOW_MS));
      await saveReceiver(store, change(NOW_MS + 5, 'https://b.example'));
      expect(await listReceivers(store, 'p')).toEqual([
        { ...change(NOW_MS + 5, 'https://b.example'), state: 'active', createdAtMs: NOW_MS },
      ]);
      expect(await listReceivers(store, 'other')).toEqual([]);
    });

    it('is gone until somebody saves it, and a late mark does not undo that', async () => {
      const read = (await findReceiver(store, 'p', 'r'))!;
      await markReceiverGone(store, read);
      expect((await findReceiver(store, 'p', 'r'))?.state).toBe('gone');
      await saveReceiver(store, change(NOW_MS + 50));
      await markReceiverGone(store, read);
      expect((await findReceiver(store, 'p', 'r'))?.state).toBe('active');
    });

    it('can be deleted once, and starts anew', async () => {
      const key = { project: 'p', receiver: 'r', updatedBy: 'me', updatedAtMs: NOW_MS + 60 };
      expect(await deleteReceiver(store, key)).toBe(true);
      expect(await deleteReceiver(store, key)).toBe(false);
      await saveReceiver(store, change(NOW_MS + 70));
      expect((await findReceiver(store, 'p', 'r'))?.createdAtMs).toBe(NOW_MS + 70);
    });
  });

  it('keeps the newest declaration of a policy, and none when it was deleted', async () => {
    const declaration = retrainingPolicyDeclarationSchema.parse({ target: { url: 'https://a.example' } });
    const key = { project: 'p', model: 'm', policy: 'default', updatedBy: 'me' };
    await saveRetrainingPolicy(store, { ...key, declaration, updatedAtMs: NOW_MS });
    expect(await listRetrainingPolicies(store, 'p', 'm')).toEqual([
      { project: 'p', model: 'm', policy: 'default', declaration, updatedAtMs: NOW_MS },
    ]);
    await saveRetrainingPolicy(store, { ...key, declaration: undefined, updatedAtMs: NOW_MS + 1 });
    expect(await findRetrainingPolicy(store, 'p', 'm', 'default')).toBeUndefined();
  });

  it('logs an attempt once', async () => {
    const delivery: Delivery = {
      deliveryId: 'id',
      project: 'p',
      model: 'm',
      receiver: 'r',
      channel: 'webhook',
      kind: 'alert',
      transitionIds: ['t1', 't2'],
      attempt: 1,
      outcome: 'retryable',
      status: 503,
      detail: 'later',
      sentAtMs: NOW_MS,
      nextAttemptAtMs: NOW_MS + 5_000,
      route: 'nights',
      incidentId: 'incident',
      memory: '',
    };
    const second: Delivery = {
      ...delivery,
      attempt: 2,
      outcome: 'delivered',
      nextAttemptAtMs: 0,
      sentAtMs: NOW_MS + 9,
    };
    await insertDelivery(store, delivery);
    await insertDelivery(store, delivery);
    await insertDelivery(store, second);
    expect(await listDeliveries(store, { project: 'p', deliveryId: 'id', limit: 10 })).toEqual([second, delivery]);
  });
});
