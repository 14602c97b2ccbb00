import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { configurationSchema, receiverDeclarationSchema } from '@plumbline/contracts';
import { LinkKeys } from '@plumbline/platform';
import {
  insertDelivery,
  insertNotification,
  insertTransitions,
  listAlertActions,
  listNotifications,
  listSilences,
  migrate,
  saveReceiver,
  Store,
} from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '@plumbline/telemetry';
import { BrokerStream } from '../../../../test/support/broker-stream.js';
import { ApiModule } from '../api.module.js';
import { configureHttp } from '../http/configure-http.js';
import { sampleNotification } from '../registry/sample-notification.js';
import { until } from '../../../../test/support/until.js';

const KEYS = { admin: 'admin-key-0123456789', read: 'read-key-0123456789', other: 'other-key-0123456789' };

interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows what it asked for
  readonly body: any;
}

/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- replies are any, see Answer */
describe('who is told, over HTTP', () => {
  let dataDir: string;
  let store: Store;
  let app: NestFastifyApplication;
  const stream = new BrokerStream();

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-told-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
    const configuration = configurationSchema.parse({
      apiKeys: [
        { key: KEYS.admin, project: 'p', scopes: ['read', 'admin'] },
        { key: KEYS.read, project: 'p', scopes: ['read'] },
        { key: KEYS.other, project: 'other', scopes: ['read', 'admin'] },
      ],
    });
    const telemetry = TelemetryModule.forRoot({
      logger: createLogger({ level: 'error', format: 'json' }),
      metrics: new Metrics({ version: '1.2.3' }),
      health: new Health(),
      version: '1.2.3',
    });
    const providers = [
      { provide: CONFIGURATION, useValue: configuration },
      { provide: Store, useValue: store },
      { provide: EventStream, useValue: stream },
    ];
    @Global()
    @Module({ providers, exports: providers })
    class PlatformModule {}
    @Module({ imports: [telemetry, PlatformModule, ApiModule] })
    class AppModule {}
    app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    });
    configureHttp(app);
    await app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(() => void stream.kept.splice(0));

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    key: keyof typeof KEYS = 'admin',
  ): Promise<Answer> => {
    const response = await fetch((await app.getUrl()) + path, {
      method,
      headers: {
        authorization: `Bearer ${KEYS[key]}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
  };
  const hourMs = 3_600_000;
  const now = Date.now();
  const fired = {
    project: 'p',
    model: 'sample-model',
    monitor: 'feature-drift',
    version: '1',
    segment: '',
    feature: 'income',
    method: 'ks',
    transitionId: 'fired',
    alertId: 'test-message',
    windowStartMs: now - 2 * hourMs,
    windowEndMs: now - hourMs,
    revision: 0,
    from: 'inactive',
    to: 'firing',
    severity: 'warning',
    severityBefore: 'ok',
    value: 0.3,
    threshold: 0.2,
    nCurrent: 100,
    pValue: NaN,
    reason: 'drifted',
    resolvedBy: '',
    decidedAtMs: now - hourMs,
  } as const;
  /** A message about the alert `test-message`. */
  const keep = async (notificationId: string, position: number) => {
    const sample = sampleNotification('p', 'team', 'message', now + position);
    await insertNotification(store, {
      project: 'p',
      model: 'sample-model',
      notificationId,
      receiver: 'team',
      route: '',
      groupKey: '{"model":"sample-model"}',
      incidentId: 'incident',
      position,
      sequence: position - 1,
      transitionIds: ['fired'],
      told: '[]',
      open: true,
      content: { ...sample, id: notificationId, cause: 'fired' },
      decidedAtMs: now,
    });
  };
  const attempt = (deliveryId: string, outcome: 'retryable' | 'rejected' | 'delivered', nextAttemptAtMs: number) =>
    insertDelivery(store, {
      deliveryId,
      project: 'p',
      model: 'sample-model',
      receiver: 'team',
      channel: 'webhook',
      kind: 'alert',
      transitionIds: [],
      attempt: 1,
      outcome,
      status: 503,
      detail: 'no',
      sentAtMs: now + 10,
      nextAttemptAtMs,
    });

  it('declares, lists and deletes routes, and wakes those whom they concern', async () => {
    await insertTransitions(store, [fired], 'fired');
    const declaration = { matchers: ['model=~"sample.*"'], receivers: ['team'], order: 5 };
    const put = await call('PUT', '/v1/routes/samples', declaration);
    expect(put).toMatchObject({ status: 200, body: { route: 'samples', group_wait: '30s', group_by: ['model'] } });
    expect(stream.kept).toEqual([
      { project: 'p', model: 'sample-model' },
      { project: 'p', model: '' },
    ]);
    await call('PUT', '/v1/routes/first', { receivers: [], order: 1 });
    const { body } = await call('GET', '/v1/routes', undefined, 'read');
    expect(body.items.map(({ route }: { route: string }) => route)).toEqual(['first', 'samples']);
    expect(await call('GET', '/v1/routes', undefined, 'other')).toMatchObject({ body: { items: [] } });
    expect(await call('DELETE', '/v1/routes/first')).toMatchObject({ status: 204 });
    expect(await call('GET', '/v1/routes/first')).toMatchObject({ status: 404 });
    expect(await call('PUT', '/v1/routes/x', declaration, 'read')).toMatchObject({ status: 403 });
  });

  it.each([
    ['a matcher that is none', { matchers: ['colour=red'], receivers: [] }, /matchers\.0/],
    [
      'an expression that is none',
      { matchers: ['model=x', 'model=~"("'], receivers: [] },
      /matchers\.1.*missing closing/,
    ],
    ['a time zone that is none', { receivers: [], mute: [{ time_zone: 'Mars' }] }, /time_zone/],
  ])('refuses %s and names it', async (_, declaration, expected) => {
    const { status, body } = await call('PUT', '/v1/routes/bad', declaration);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toMatch(expected);
  });

  it('makes silences for a while, under a name, and ends them', async () => {
    const asked = { matchers: ['model=loan'], duration: '2h', comment: 'known' };
    const made = await call('POST', '/v1/silences', asked);
    expect(made).toMatchObject({ status: 201, body: { state: 'active', matchers: ['model=loan'], comment: 'known' } });
    const later = { starts_at: '2100-01-01T00:00:00Z', ends_at: '2100-01-02T00:00:00Z' };
    const named = { matchers: ['severity=warning'], comment: 'party', ...later };
    expect(await call('PUT', '/v1/silences/party', named)).toMatchObject({ status: 200, body: { state: 'pending' } });
    expect(await call('PUT', '/v1/silences/party', named)).toMatchObject({ status: 200 });
    const states = async (query = '') =>
      (await call('GET', `/v1/silences${query}`)).body.items.map(({ state }: { state: string }) => state) as string[];
    expect(await states()).toEqual(['pending', 'active']);
    const path = `/v1/silences/${made.body.silence_id}`;
    expect(await call('DELETE', path)).toMatchObject({ status: 204 });
    expect(await call('DELETE', '/v1/silences/party')).toMatchObject({ status: 204 });
    expect(await call('GET', path)).toMatchObject({ body: { state: 'expired' } });
    expect(await states()).toEqual([]);
    expect(await states('?state=expired')).toEqual(['expired', 'expired']);
    const backwards = { matchers: ['model=x'], comment: 'c', starts_at: later.ends_at, ends_at: later.starts_at };
    expect(await call('POST', '/v1/silences', backwards)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'ends_at' }] },
    });
    expect(await call('POST', '/v1/silences', { ...asked, matchers: [] })).toMatchObject({ status: 400 });
  });

  it('shows messages with their attempts, and sends one again that waits or was given up', async () => {
    const declaration = receiverDeclarationSchema.parse({ channel: 'webhook', url: 'https://a.example' });
    await saveReceiver(store, { project: 'p', receiver: 'team', declaration, updatedBy: 'me', updatedAtMs: now });
    await keep('message-1', 1);
    await keep('message-2', 2);
    await attempt('message-2', 'retryable', now + hourMs);
    const list = await call('GET', '/v1/notifications?receiver=team&model=sample-model&limit=1');
    expect(list.body.items).toMatchObject([
      {
        notification_id: 'message-2',
        outcome: 'waiting',
        group: { model: 'sample-model' },
        attempts: [{ attempt: 1, outcome: 'retryable', status: 503, detail: 'no' }],
        next_attempt_at: new Date(now + hourMs).toISOString(),
      },
    ]);
    const next = await call('GET', `/v1/notifications?receiver=team&limit=1&cursor=${list.body.next_cursor}`);
    expect(next.body).toMatchObject({
      items: [{ notification_id: 'message-1', outcome: 'superseded' }],
      next_cursor: null,
    });
    expect(await call('POST', '/v1/notifications/message-1/retry', {})).toMatchObject({ status: 409 });
    stream.kept.splice(0);
    const retried = await call('POST', '/v1/notifications/message-2/retry', {});
    expect(retried).toMatchObject({
      status: 202,
      body: { outcome: 'waiting', attempts: [{}, { outcome: 'requested' }] },
    });
    expect(stream.kept).toEqual([{ project: 'p', model: 'sample-model' }]);
    expect(await call('POST', '/v1/notifications/nothing/retry', {})).toMatchObject({ status: 404 });
    expect((await call('GET', '/v1/notifications?outcome=delivered')).body.items).toEqual([]);
  });

  it('tests a receiver through the alerter, and says what it answered', async () => {
    const asked = call('POST', '/v1/receivers/team/test', {});
    const message = await until('the test message', async () =>
      (await listNotifications(store, { project: 'p', limit: 9 })).find(({ route }) => route === 'test'),
    );
    expect(message).toMatchObject({ receiver: 'team', content: { cause: 'test' } });
    await insertDelivery(store, {
      deliveryId: message.notificationId,
      project: 'p',
      model: '',
      receiver: 'team',
      channel: 'webhook',
      kind: 'alert',
      transitionIds: [],
      attempt: 1,
      outcome: 'retryable',
      status: 401,
      detail: 'who are you',
      sentAtMs: now,
      nextAttemptAtMs: 0,
    });
    expect(await asked).toMatchObject({ status: 200, body: { outcome: 'failed', status: 401, detail: 'who are you' } });
    expect(await call('POST', '/v1/receivers/nobody/test', {})).toMatchObject({ status: 404 });
  });

  it('acknowledges and silences by the links of a message, and only when somebody presses the button', async () => {
    const keys = new LinkKeys(store, {});
    const link = async (action: string) =>
      `/links?token=${await keys.sign({ project: 'p', action, subject: 'message-2', expiresAtMs: Date.now() + hourMs, detail: '2h' })}`;
    const open = async (path: string, form?: string) => {
      const response = await fetch((await app.getUrl()) + path, {
        method: form === undefined ? 'GET' : 'POST',
        ...(form === undefined ? {} : { body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      });
      return { status: response.status, text: await response.text() };
    };
    expect(await open(await link('alert.show'))).toMatchObject({
      status: 200,
      text: expect.stringContaining('income') as string,
    });
    const acknowledge = await link('alert.acknowledge');
    expect((await open(acknowledge)).text).toMatch(/<button type="submit"[^>]*>Acknowledge</);
    const actions = () => listAlertActions(store, { project: 'p', alertIds: ['test-message'] });
    expect(await actions()).toEqual([]);
    for (let times = 0; times < 2; times++) {
      expect(await open(acknowledge, 'author=Ada&note=on+it')).toMatchObject({ status: 200 });
    }
    expect(await actions()).toMatchObject([{ action: 'acknowledge', author: 'Ada (by link)', note: 'on it' }]);
    const silence = await link('alert.silence');
    for (let times = 0; times < 2; times++) {
      expect((await open(silence, 'author=Ada')).text).toContain('Silenced: model=&quot;sample-model&quot;');
    }
    const silences = (await listSilences(store, ['p'], Date.now())).filter(({ author }) => author.startsWith('Ada'));
    expect(silences).toMatchObject([{ matchers: ['model="sample-model"'], author: 'Ada (by link)' }]);
  });
});
