import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  configurationSchema,
  receiverDeclarationSchema,
  modelDeclarationSchema,
  recordKey,
  retrainingPolicyDeclarationSchema,
  type Transition,
} from '@plumbline/contracts';
import {
  findReceiver,
  insertTransitions,
  listDeliveries,
  listRetrainingRuns,
  listUndelivered,
  migrate,
  saveModel,
  saveReceiver,
  saveRetrainingPolicy,
  Store,
} from '@plumbline/storage';
import { EventStream, InProcessEventStream } from '@plumbline/stream';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '@plumbline/telemetry';
import { Webhook } from 'standardwebhooks';
import { AlerterMetrics } from './alerter.metrics.js';
import { AlerterModule } from './alerter.module.js';
import { GuardedHttp } from './egress/guarded-http.js';
import { Notifier } from './notify/notifier.js';
import { Secrets } from './secrets/secrets.js';
import { WebhookSender } from './webhook/webhook-sender.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const configuration = configurationSchema.parse({
  alerting: { allowedAddresses: ['127.0.0.0/8'], allowHttp: true, externalUrl: 'https://plumbline.example/' },
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** A receiver that answers with the status it is told, or never. */
class Receiver {
  readonly received: Received[] = [];
  status: number | 'hang' = 200;
  private readonly server = createServer((request, response) => {
    void text(request).then((body) => {
      this.received.push({ headers: request.headers, body: JSON.parse(body) as Record<string, unknown> });
      new Webhook(SECRET).verify(body, request.headers as Record<string, string>);
      if (this.status !== 'hang') response.writeHead(this.status).end();
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async reached(count: number): Promise<void> {
    await until(() => this.received.length >= count);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A stream whose partitions another process may own. */
class SharedStream extends InProcessEventStream {
  owned = true;

  override owns(...args: Parameters<InProcessEventStream['owns']>): boolean {
    return this.owned && super.owns(...args);
  }
}

describe('alerter', () => {
  let dataDir: string;
  let secret: { file: string };
  let store: Store;
  let project: string;
  let receiver: Receiver;
  let url: string;
  let lines: string[];
  let projects = 0;
  const running: { app: INestApplicationContext; stream: SharedStream }[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-alerter-'));
    secret = { file: join(dataDir, 'secret') };
    await writeFile(secret.file, `${SECRET}\n`);
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, Date.now());
  });
  beforeEach(async () => {
    project = `p${++projects}`;
    lines = [];
    receiver = new Receiver();
    url = await receiver.start();
  });
  afterEach(async () => {
    for (const each of running.splice(0)) await stop(each);
    receiver.close();
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const newLogger = () =>
    createLogger({ level: 'debug', format: 'json', destination: { write: (line: string) => lines.push(line) } });

  async function start(): Promise<(typeof running)[number]> {
    const stream = new SharedStream({
      partitions: 2,
      maxQueueBytes: 1_000_000,
      maxBatchRecords: 100,
      onHandlerError: (error) => {
        throw error;
      },
    });
    const metrics = new Metrics({ version: 'test' });
    const telemetry = { logger: newLogger(), metrics, health: new Health(), version: 'test' };
    const app = await NestFactory.createApplicationContext(platform(stream, telemetry), { logger: false });
    running.push({ app, stream });
    return running.at(-1)!;
  }

  function platform(stream: EventStream, telemetry: Parameters<typeof TelemetryModule.forRoot>[0]): Type {
    const provided = [
      { provide: Store, useValue: store },
      { provide: EventStream, useValue: stream },
      { provide: CONFIGURATION, useValue: configuration },
    ];
    class PlatformModule {}
    Module({})(PlatformModule);
    class TestModule {}
    Module({
      imports: [
        { module: PlatformModule, global: true, providers: provided, exports: [Store, EventStream, CONFIGURATION] },
        TelemetryModule.forRoot(telemetry),
        AlerterModule,
      ],
    })(TestModule);
    return TestModule;
  }

  async function stop({ app, stream }: (typeof running)[number]): Promise<void> {
    await app.close();
    await stream.stop();
  }

  async function declareReceiver(name = 'team', at = url): Promise<void> {
    const declaration = receiverDeclarationSchema.parse({ channel: 'webhook', url: at, secret });
    const change = { project, receiver: name, declaration, updatedBy: 'me' };
    await saveReceiver(store, { ...change, updatedAtMs: Date.now() - 60_000 });
  }

  async function insert(...transitions: Transition[]): Promise<void> {
    await insertTransitions(store, transitions, JSON.stringify(transitions));
  }

  const fired = (feature: string, values: Partial<Transition> = {}): Transition => {
    const windowEndMs = Date.UTC(2026, 0, 8);
    return {
      transitionId: `${project} ${feature} fired`,
      project,
      model: 'loan',
      monitor: 'feature-drift',
      alertId: `${project} ${feature}`,
      version: '1',
      segment: '',
      feature,
      method: 'psi.decile',
      windowStartMs: windowEndMs - 86_400_000,
      windowEndMs,
      revision: 0,
      from: 'inactive',
      to: 'firing',
      severity: 'critical',
      severityBefore: 'ok',
      value: 0.4,
      threshold: 0.25,
      nCurrent: 5_000,
      pValue: 0,
      reason: 'because',
      resolvedBy: '',
      decidedAtMs: Date.now(),
      ...values,
    };
  };
  const resolved = (feature: string): Transition =>
    fired(feature, {
      transitionId: `${project} ${feature} resolved`,
      from: 'firing',
      to: 'inactive',
      windowEndMs: Date.UTC(2026, 0, 9),
      decidedAtMs: Date.now() + 1,
    });
  const wake = ({ stream }: { stream: EventStream }) =>
    stream.publish('plumbline.transitions', [
      { key: recordKey(project, 'loan'), value: { project, model: 'loan' }, sizeBytes: 100 },
    ]);
  const deliveries = (deliveryId?: string) => listDeliveries(store, { project, deliveryId, limit: 100 });
  const delivered = async (count: number) => untilAsync(async () => (await deliveries()).length >= count);
  const idOf = ({ headers }: Received) => headers['webhook-id'];

  const declarePolicy = async (values: object = {}) => {
    const model = { project, model: 'loan', origin: 'inferred', updatedBy: 'me', updatedAtMs: Date.now() } as const;
    await saveModel(store, { ...model, declaration: modelDeclarationSchema.parse({}) });
    await saveRetrainingPolicy(store, {
      project,
      model: 'loan',
      policy: 'default',
      declaration: retrainingPolicyDeclarationSchema.parse({
        when: { alerts: {} },
        target: { url, secret, parameters: { rows: 1_000 } },
        ...values,
      }),
      updatedBy: 'me',
      updatedAtMs: Date.now(),
    });
  };
  const runs = () => listRetrainingRuns(store, { project, limit: 100 });
  const runIs = (status: string) => untilAsync(async () => (await runs())[0]?.status === status);
  const outboxOf = (name: string) => ({ project, model: 'loan', receiver: name, sinceMs: 0 });

  it('tells a receiver once, in one signed message, of all that a window changed', async () => {
    await declareReceiver();
    const alerter = await start();
    await insert(fired('car_value'), fired('salary', { value: 0.9 }));
    await wake(alerter);
    await receiver.reached(1);
    expect(receiver.received[0]!.body).toMatchObject({
      status: 'firing',
      receiver: 'team',
      features: ['salary', 'car_value'],
    });
    await delivered(1);
    await wake(alerter);
    await insert(resolved('salary'));
    await wake(alerter);
    await receiver.reached(2);
    expect(receiver.received.map(({ body }) => body['status'])).toEqual(['firing', 'resolved']);
    expect(receiver.received[1]!.body).toMatchObject({ alerts: [{ startsAt: '2026-01-08T00:00:00.000Z' }] });
    expect(idOf(receiver.received[0]!)).not.toBe(idOf(receiver.received[1]!));
  });

  it('sends nothing again after a restart when it is recorded, and finds by itself what came meanwhile', async () => {
    await declareReceiver();
    const first = await start();
    await insert(fired('car_value'));
    await wake(first);
    await receiver.reached(1);
    await delivered(1);
    await stop(running.pop()!);
    await insert(fired('salary', { monitor: 'other' }));
    await start();
    await receiver.reached(2);
    expect(receiver.received.map(({ body }) => body['features'])).toEqual([['car_value'], ['salary']]);
    await delivered(2);
  });

  it('sends again under the same id when it stopped between sending and recording', async () => {
    await declareReceiver();
    receiver.status = 'hang';
    const first = await start();
    await insert(fired('car_value'), fired('salary'));
    await wake(first);
    await receiver.reached(1);
    // Interrupted after the grace: the receiver has the message, the log does not know.
    await stop(running.pop()!);
    expect(await deliveries()).toEqual([]);
    receiver.status = 200;
    await start();
    await receiver.reached(2);
    expect(idOf(receiver.received[1]!)).toBe(idOf(receiver.received[0]!));
    expect(receiver.received[1]!.body).toEqual(receiver.received[0]!.body);
    await delivered(1);
  });

  it('lets a receiver that fails cost only itself, and a project without receivers read its log', async () => {
    await declareReceiver();
    await declareReceiver('broken', 'http://127.0.0.1:1/');
    const alerter = await start();
    await insert(fired('car_value'));
    await wake(alerter);
    await receiver.reached(1);
    await delivered(2);
    expect((await deliveries()).map((each) => [each.receiver, each.outcome]).sort()).toEqual([
      ['broken', 'retryable'],
      ['team', 'delivered'],
    ]);
    project = `p${++projects}`;
    await insert(fired('salary'));
    await wake(alerter);
    await until(() => lines.some((line) => line.includes('Critical: loan: 1 alert of feature-drift')));
    await delivered(1);
    expect((await deliveries())[0]).toMatchObject({ receiver: 'console', channel: 'console', outcome: 'delivered' });
  });

  it('leaves a model to the process that owns it, and takes it over with what is left of it', async () => {
    await declareReceiver();
    receiver.status = 503;
    const first = await start();
    await insert(fired('car_value'));
    await wake(first);
    await delivered(1);
    // Its retry is due in seconds, and then the model is another's.
    first.stream.owned = false;
    await insert(fired('salary', { monitor: 'other' }));
    await wake(first);
    const second = await start();
    receiver.status = 200;
    await wake(second);
    await delivered(3);
    await stop(running.pop()!);
    await stop(running.pop()!);
    const told = receiver.received.map((each) => `${String(each.body['features'])} ${String(idOf(each))}`);
    const [first503, ...after] = told;
    expect(after.sort()).toEqual([first503, told.find((each) => each.startsWith('salary'))].sort());
    expect((await deliveries()).map(({ outcome }) => outcome).sort()).toEqual(['delivered', 'delivered', 'retryable']);
  });

  it('is harmless when two work on one model at once: one message per key, one retraining', async () => {
    await declareReceiver();
    await declarePolicy();
    const [first, second] = [await start(), await start()];
    await insert(fired('car_value'), fired('salary'), fired('income', { monitor: 'other' }));
    await Promise.all([wake(first), wake(second)]);
    await untilAsync(async () => (await listUndelivered(store, outboxOf('team'))).length === 0);
    await runIs('triggered');
    await insert(resolved('salary'));
    await Promise.all([wake(first), wake(second)]);
    await untilAsync(async () => (await listUndelivered(store, outboxOf('team'))).length === 0);
    await stop(running.pop()!);
    await stop(running.pop()!);
    const contentsOf = (id: string) =>
      new Set(receiver.received.filter((each) => idOf(each) === id).map(({ body }) => JSON.stringify(body)));
    const keysOf = (of: (each: Received) => boolean) => [
      ...new Set(receiver.received.filter(of).map((each) => String(idOf(each)))),
    ];
    const notifications = keysOf(({ body }) => 'status' in body);
    // Two firings and one resolve, however often each was sent, and a key always stands for one content.
    expect(notifications).toHaveLength(3);
    expect(notifications.map((id) => contentsOf(id).size)).toEqual([1, 1, 1]);
    expect(keysOf(({ body }) => 'run_id' in body)).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
  });

  describe('at given instants', () => {
    let http: GuardedHttp;
    let notifier: Notifier;

    beforeEach(() => {
      http = new GuardedHttp({ allowedAddresses: ['127.0.0.1'], allowHttp: true });
      const logger = newLogger();
      const secrets = new Secrets({}, '');
      notifier = new Notifier({
        store,
        logger,
        channels: { logger, http, secrets, sender: new WebhookSender(http, secrets), externalUrl: '' },
        metrics: new AlerterMetrics(new Metrics({ version: 'test' })),
        abort: new AbortController().signal,
      });
    });
    afterEach(() => http.close());

    it('tries again after a pause that grows, under one id, and keeps "resolved" behind "firing"', async () => {
      await declareReceiver();
      await insert(fired('car_value'));
      const nowMs = Date.now();
      receiver.status = 503;
      expect(await notifier.notify(project, 'loan', 'team', nowMs)).toBe(nowMs);
      const [first] = await deliveries();
      expect(first).toMatchObject({ attempt: 1, outcome: 'retryable', status: 503 });
      expect(await notifier.notify(project, 'loan', 'team', nowMs + 1_000)).toBe(first!.nextAttemptAtMs);
      await insert(resolved('car_value'), fired('salary'));
      await notifier.notify(project, 'loan', 'team', nowMs + 2_000);
      expect(receiver.received.map(({ body }) => body['features'])).toEqual([['car_value'], ['salary']]);
      receiver.status = 200;
      await notifier.notify(project, 'loan', 'team', nowMs + 10_000);
      await notifier.notify(project, 'loan', 'team', nowMs + 10_000);
      // What waits for nothing is sent side by side, so that only its own "firing" is before a "resolved" for certain.
      const again = receiver.received.slice(2).map((each) => [each.body['status'], each.body['features']]);
      expect(new Set(again.slice(0, 2))).toEqual(
        new Set([
          ['firing', ['car_value']],
          ['firing', ['salary']],
        ]),
      );
      expect(again.slice(2)).toEqual([['resolved', ['car_value']]]);
      const ofCarValue = receiver.received.filter(
        ({ body }) => body['status'] === 'firing' && isDeepStrictEqual(body['features'], ['car_value']),
      );
      expect(new Set(ofCarValue.map(idOf)).size).toBe(1);
      expect((await deliveries(first!.deliveryId)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
        [2, 'delivered'],
        [1, 'retryable'],
      ]);
      expect(await notifier.notify(project, 'loan', 'team', nowMs + 60_000)).toBeUndefined();
      expect(receiver.received).toHaveLength(5);
    });

    it('gives up what is refused, and leaves alone a receiver that is gone', async () => {
      await declareReceiver();
      await insert(fired('car_value'));
      receiver.status = 400;
      const nowMs = Date.now();
      await notifier.notify(project, 'loan', 'team', nowMs);
      expect(await notifier.notify(project, 'loan', 'team', nowMs + 86_400_000)).toBeUndefined();
      receiver.status = 410;
      await insert(fired('salary'), fired('income', { monitor: 'other' }));
      await notifier.notify(project, 'loan', 'team', nowMs);
      const sent = receiver.received.length;
      expect((await findReceiver(store, project, 'team'))?.state).toBe('gone');
      await insert(fired('age', { monitor: 'another' }));
      expect(await notifier.notify(project, 'loan', 'team', nowMs)).toBeUndefined();
      expect(receiver.received).toHaveLength(sent);
    });
  });

  describe('retraining', () => {
    it('calls the pipeline once, signed and with an idempotency key, for all that fires', async () => {
      await declarePolicy();
      const alerter = await start();
      await insert(fired('car_value'), fired('salary'));
      await wake(alerter);
      await runIs('triggered');
      const [run] = await runs();
      const [call] = receiver.received;
      expect(call!.headers).toMatchObject({ 'idempotency-key': run!.runId, 'webhook-id': run!.runId });
      expect(call!.body).toEqual({
        run_id: run!.runId,
        project,
        model: 'loan',
        version: '1',
        policy: 'default',
        reason: expect.any(String) as string,
        alerts: expect.arrayContaining([`${project} car_value`, `${project} salary`]) as string[],
        features: expect.arrayContaining(['car_value', 'salary']) as string[],
        parameters: { rows: 1_000 },
        requested_at: new Date(run!.requestedAtMs).toISOString(),
        status_url: `https://plumbline.example/v1/retraining-runs/${run!.runId}/status`,
        callback_url: expect.stringContaining(`/v1/retraining-runs/${run!.runId}/status?token=`) as string,
      });
      await wake(alerter);
      await stop(running.pop()!);
      const again = await start();
      await declareReceiver();
      await insert(fired('income'));
      await wake(again);
      await receiver.reached(2);
      expect(receiver.received.filter(({ body }) => 'run_id' in body)).toHaveLength(1);
      expect(await runs()).toHaveLength(1);
    });

    it('calls again with the same key when it stopped between the call and its record', async () => {
      await declarePolicy();
      receiver.status = 'hang';
      const first = await start();
      await insert(fired('car_value'));
      await wake(first);
      await receiver.reached(1);
      await stop(running.pop()!);
      expect((await runs())[0]?.status).toBe('requested');
      receiver.status = 200;
      await start();
      await runIs('triggered');
      expect(receiver.received).toHaveLength(2);
      expect(receiver.received[1]!.headers['idempotency-key']).toBe(receiver.received[0]!.headers['idempotency-key']);
      expect(receiver.received[1]!.body).toEqual(receiver.received[0]!.body);
    });

    it('calls nobody in a dry run, and says why a call failed', async () => {
      await declarePolicy({ dry_run: true });
      const alerter = await start();
      await insert(fired('car_value'));
      await wake(alerter);
      await runIs('dry_run');
      expect(receiver.received).toEqual([]);
      project = `p${++projects}`;
      receiver.status = 403;
      await declarePolicy();
      await insert(fired('car_value'));
      await wake(alerter);
      await runIs('failed');
      expect((await runs())[0]!.detail).toContain('403');
    });
  });
});

/** Resolves when the condition holds; the time-out of the test is the only clock. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setImmediate();
}
