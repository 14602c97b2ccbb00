import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { configurationSchema } from '@plumbline/contracts';
import { insertTransitions, migrate, Store } from '@plumbline/storage';
import { EventStream } from '@plumbline/stream';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '@plumbline/telemetry';
import { BrokerStream } from '../../../../test/support/broker-stream.js';
import { ApiModule } from '../api.module.js';
import { configureHttp } from '../http/configure-http.js';

const KEYS = { admin: 'admin-key-0123456789', read: 'read-key-0123456789', other: 'other-key-0123456789' };

interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows what it asked for
  readonly body: any;
}

/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- replies are any, see Answer */
describe('an alert over HTTP', () => {
  let dataDir: string;
  let store: Store;
  let app: NestFastifyApplication;
  const stream = new BrokerStream();

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-alerts-'));
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
    return { status: response.status, body: await response.json() };
  };
  const hourMs = 3_600_000;
  const startMs = Date.UTC(2026, 1, 1);
  let nextAlert = 0;
  /** An alert that fired in the first window and became critical in the second. */
  const fire = async (): Promise<string> => {
    const alertId = `acted-on-${nextAlert++}`;
    const fired = {
      project: 'p',
      model: 'acted',
      monitor: 'feature-drift',
      version: '1',
      segment: '',
      feature: alertId,
      method: 'ks',
      transitionId: `${alertId} fired`,
      alertId,
      windowStartMs: startMs,
      windowEndMs: startMs + hourMs,
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
      decidedAtMs: startMs + hourMs,
    } as const;
    const worse = {
      transitionId: `${alertId} worse`,
      from: 'firing',
      severity: 'critical',
      severityBefore: 'warning',
      windowStartMs: startMs + hourMs,
      windowEndMs: startMs + 2 * hourMs,
      decidedAtMs: startMs + 2 * hourMs,
    } as const;
    await insertTransitions(store, [fired, { ...fired, ...worse }], alertId);
    return alertId;
  };
  const act = (alertId: string, action: string, body: object = {}, key: keyof typeof KEYS = 'admin') =>
    call('POST', `/v1/alerts/${alertId}/${action}`, body, key);

  it('is read with its history and what was done about it', async () => {
    const id = await fire();
    expect((await act(id, 'notes', { note: ' the upstream job is late ' })).status).toBe(200);
    const { status, body } = await call('GET', `/v1/alerts/${id}`, undefined, 'read');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      alert_id: id,
      status: 'firing',
      severity: 'critical',
      resolved_by: null,
      acknowledged_by: null,
      acknowledged_at: null,
      history: [
        { from: 'inactive', to: 'firing', severity: 'warning', severity_before: 'ok', notifiable: true, p_value: null },
        { from: 'firing', to: 'firing', severity: 'critical', severity_before: 'warning', notifiable: true },
      ],
      actions: [{ action: 'note', note: 'the upstream job is late', author: expect.stringMatching(/^key \w{8}$/) }],
    });
    expect(await call('GET', '/v1/alerts/none')).toMatchObject({
      status: 404,
      body: { detail: 'there is no alert "none": GET /v1/alerts lists them' },
    });
    expect((await call('GET', `/v1/alerts/${id}`, undefined, 'other')).status).toBe(404);
    expect((await act(id, 'notes', { note: 'x' }, 'other')).status).toBe(404);
  });

  it('is acknowledged, and that is taken back; the alerter hears of both', async () => {
    const id = await fire();
    const done = await act(id, 'acknowledge', { note: 'mine' });
    expect(done).toMatchObject({ status: 200, body: { acknowledged_by: done.body.actions[0].author } });
    expect(done.body.acknowledged_at).toBe(done.body.actions[0].at);
    // Once more, as after a lost reply.
    expect((await act(id, 'acknowledge', { note: 'mine' })).body.actions).toHaveLength(1);
    const [listed] = (await call('GET', '/v1/alerts?model=acted&limit=1000')).body.items.filter(
      (alert: { alert_id: string }) => alert.alert_id === id,
    );
    expect(listed).toMatchObject({ acknowledged_by: done.body.acknowledged_by, status: 'firing' });
    const undone = await act(id, 'unacknowledge');
    expect(undone).toMatchObject({ status: 200, body: { acknowledged_by: null } });
    expect(await act(id, 'unacknowledge', { note: 'again' })).toMatchObject({
      status: 409,
      body: { detail: 'nobody has acknowledged the alert: there is nothing to take back' },
    });
    const [first, second] = undone.body.actions as { action_id: string; action: string }[];
    const wake = (each: { action_id: string; action: string }) => ({
      project: 'p',
      model: 'acted',
      action: { alertId: id, actionId: each.action_id, action: each.action },
    });
    expect(stream.kept.splice(0)).toEqual([wake(first!), wake(first!), wake(second!)]);
  });

  it('is resolved by hand once, and takes only notes from then on', async () => {
    const id = await fire();
    const done = await act(id, 'resolve', { note: 'known', idempotency_key: 'k' });
    const author = done.body.resolved_by as string;
    expect(done).toMatchObject({
      status: 200,
      body: {
        status: 'resolved',
        resolved_at: '2026-02-01T02:00:00.000Z',
        reason: `Resolved by ${author}: known`,
        history: [{}, {}, { from: 'firing', to: 'inactive', resolved_by: author, notifiable: true, value: null }],
        actions: [{ action: 'resolve', note: 'known' }],
      },
    });
    expect(await act(id, 'resolve', { note: 'known', idempotency_key: 'k' })).toEqual(done);
    for (const action of ['resolve', 'acknowledge', 'unacknowledge'])
      expect(await act(id, action, { note: 'too late' })).toMatchObject({
        status: 409,
        body: { detail: `the alert "${id}" is resolved already (by ${author}): only notes can be added to it` },
      });
    const { body } = await act(id, 'notes', { note: 'it was the upstream job' });
    expect(body.actions.map(({ action }: { action: string }) => action)).toEqual(['resolve', 'note']);
    expect((await call('GET', '/v1/alerts?model=acted&status=firing&limit=1000')).body.items).not.toContainEqual(
      expect.objectContaining({ alert_id: id }),
    );
  });

  it('needs a note to be one, known fields, and the scope admin', async () => {
    const id = await fire();
    expect(await act(id, 'notes', { note: '  ' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'note', message: 'must say something' }] },
    });
    expect(await act(id, 'acknowledge', { author: 'me' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'author' }] },
    });
    expect((await act(id, 'acknowledge', {}, 'read')).status).toBe(403);
    expect(stream.kept.splice(0)).toEqual([]);
  });
});
