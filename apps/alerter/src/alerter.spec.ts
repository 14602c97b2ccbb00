import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  configurationSchema,
  receiverDeclarationSchema,
  modelDeclarationSchema,
  recordKey,
  retrainingPolicyDeclarationSchema,
  routeDeclarationSchema,
  type Transition,
} from '@plumbline/contracts';
import {
  findReceiver,
  insertAlertAction,
  insertTransitions,
  listDeliveries,
  listRetrainingRuns,
  listNotifications,
  migrate,
  saveModel,
  saveReceiver,
  saveRetrainingPolicy,
  saveRoute,
  saveSilence,
  Store,
} from '@plumbline/storage';
import { LinkKeys } from '@plumbline/platform';
import { EventStream, InProcessEventStream } from '@plumbline/stream';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '@plumbline/telemetry';
import { Webhook } from 'standardwebhooks';
import { AlerterMetrics } from './alerter.metrics.js';
import { AlerterModule } from './alerter.module.js';
import { EmailTransports } from './channels/email-transports.js';
import { GuardedHttp } from './egress/guarded-http.js';
import { Notifier } from './notify/notifier.js';
import { Secrets } from './secrets/secrets.js';
import { WebhookSender } from './webhook/webhook-sender.js';

/** Fewer where every statement goes over HTTP, which is not what they are about. */
const RESTARTS = process.env.PLUMBLINE_TEST_STORE === 'server' ? 50 : 200;

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
  /** False where messages are sent at instants that are not now: such signatures are too old, or too new. */
  verifies = true;
  private readonly server = createServer((request, response) => {
    void text(request).then((body) => {
      this.received.push({ headers: request.headers, body: JSON.parse(body) as Record<string, unknown> });
      if (this.verifies) new Webhook(SECRET).verify(body, request.headers as Record<string, string>);
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

/** @embedded-only: acceptance.spec tells the same on a server. */
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
    await declareRoute();
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

  /** Without pauses, or each test would take half a minute. */
  async function declareRoute(values: object = {}): Promise<void> {
    const timing = { group_wait: '0s', group_interval: '0s' };
    const declaration = routeDeclarationSchema.parse({
      receivers: ['team', 'broken', 'console'],
      ...timing,
      ...values,
    });
    await saveRoute(store, { project, route: 'all', declaration, updatedBy: 'me', updatedAtMs: Date.now() });
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
  /** How alerts stand in a message: "car_value firing". */
  const toldIn = ({ body }: Received) =>
    (body['alerts'] as { labels: { feature: string }; status: string }[])
      .map(({ labels, status }) => `${labels.feature} ${status}`)
      .sort();
  const settled = () =>
    untilAsync(async () => (await listNotifications(store, { project, outcome: 'waiting', limit: 9 })).length === 0);

  it('tells a receiver once, in one signed message, how the alerts of a model stand', async () => {
    await declareReceiver();
    const alerter = await start();
    await insert(fired('car_value'), fired('salary', { value: 0.9 }));
    await wake(alerter);
    await receiver.reached(1);
    expect(receiver.received[0]!.body).toMatchObject({
      status: 'firing',
      receiver: 'team',
      cause: 'fired',
      groupLabels: { model: 'loan' },
      features: ['salary', 'car_value'],
      links: {
        alert: expect.stringMatching(/^https:\/\/plumbline\.example\/alerts\/[^/]+$/) as string,
        acknowledge: expect.stringContaining('https://plumbline.example/links?token=') as string,
      },
    });
    await delivered(1);
    await wake(alerter);
    await insert(resolved('salary'));
    await wake(alerter);
    await receiver.reached(2);
    expect(receiver.received.map(toldIn)).toEqual([
      ['car_value firing', 'salary firing'],
      ['car_value firing', 'salary resolved'],
    ]);
    await insert(resolved('car_value'));
    await wake(alerter);
    await receiver.reached(3);
    expect(receiver.received[2]!.body).toMatchObject({
      status: 'resolved',
      cause: 'resolved',
      alerts: [{ startsAt: '2026-01-08T00:00:00.000Z' }],
    });
    expect(new Set(receiver.received.map(idOf)).size).toBe(3);
    expect(new Set(receiver.received.map(({ body }) => body['incident_id'])).size).toBe(1);
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
    expect(receiver.received.map(toldIn)).toEqual([['car_value firing'], ['car_value firing', 'salary firing']]);
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
    await declareRoute();
    await insert(fired('salary'));
    await wake(alerter);
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
    const second = await start();
    receiver.status = 200;
    await wake(second);
    await delivered(2);
    await insert(fired('salary', { monitor: 'other' }));
    await wake(first);
    await wake(second);
    await delivered(3);
    await stop(running.pop()!);
    await stop(running.pop()!);
    expect(receiver.received.map(toldIn)).toEqual([
      ['car_value firing'],
      ['car_value firing'],
      ['car_value firing', 'salary firing'],
    ]);
    expect(idOf(receiver.received[1]!)).toBe(idOf(receiver.received[0]!));
    expect((await deliveries()).map(({ outcome }) => outcome).sort()).toEqual(['delivered', 'delivered', 'retryable']);
  });

  it('is harmless when two work on one model at once: one content per key, one retraining', async () => {
    await declareReceiver();
    await declarePolicy();
    const [first, second] = [await start(), await start()];
    await insert(fired('car_value'), fired('salary'), fired('income', { monitor: 'other' }));
    await Promise.all([wake(first), wake(second)]);
    // The call for a retraining is logged too, and may be made before.
    await until(() => receiver.received.some(({ body }) => 'status' in body));
    await settled();
    await runIs('triggered');
    await insert(resolved('salary'));
    await Promise.all([wake(first), wake(second)]);
    const keysOf = (of: (each: Received) => boolean) => [
      ...new Set(receiver.received.filter(of).map((each) => String(idOf(each)))),
    ];
    await until(() => keysOf(({ body }) => 'status' in body).length >= 2);
    await settled();
    await stop(running.pop()!);
    await stop(running.pop()!);
    const contentsOf = (id: string) =>
      new Set(receiver.received.filter((each) => idOf(each) === id).map(({ body }) => JSON.stringify(body)));
    const notifications = keysOf(({ body }) => 'status' in body);
    // However often each was sent, a key always stands for one content.
    expect(notifications).toHaveLength(2);
    expect(notifications.map((id) => contentsOf(id).size)).toEqual([1, 1]);
    expect(keysOf(({ body }) => 'run_id' in body)).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
  });

  it('gathers all models of a project in one message where the route names no model', async () => {
    await declareReceiver();
    await declareRoute({ group_by: ['severity'], group_wait: '1s' });
    const alerter = await start();
    await insert(fired('car_value'), fired('salary', { model: 'churn' }), fired('age', { model: 'fraud' }));
    await wake(alerter);
    await receiver.reached(1);
    expect(toldIn(receiver.received[0]!)).toEqual(['age firing', 'car_value firing', 'salary firing']);
    expect(receiver.received[0]!.body).toMatchObject({ groupLabels: { severity: 'critical' }, model: null });
  });

  describe('at given instants', () => {
    let http: GuardedHttp;
    let notifier: Notifier;
    let nowMs: number;

    const newNotifier = (from: Store = store) => {
      const logger = newLogger();
      const secrets = new Secrets({}, '');
      const email = new EmailTransports({ allowedAddresses: [], allowHttp: false });
      return new Notifier({
        store: from,
        hasConsole: true,
        logger,
        channels: { logger, http, email, secrets, sender: new WebhookSender(http, secrets), externalUrl: '' },
        links: new LinkKeys(store, {}),
        metrics: new AlerterMetrics(new Metrics({ version: 'test' })),
        abort: new AbortController().signal,
      });
    };
    /** Tells the team what is due at an instant. Returns when there is more to do. */
    const notifyAt = async (atMs: number, key = { project, model: 'loan' }): Promise<number | undefined> => {
      for (;;) {
        const nextAtMs = await notifier.notify(key, 'team', atMs);
        if (nextAtMs === undefined || nextAtMs > atMs) return nextAtMs;
      }
    };

    beforeEach(() => {
      // After what a test decides, however long that takes.
      nowMs = Date.now() + 3_600_000;
      receiver.verifies = false;
      http = new GuardedHttp({ allowedAddresses: ['127.0.0.1'], allowHttp: true });
      notifier = newNotifier();
    });
    afterEach(() => http.close());

    it('tries again after a pause that grows, under one id', async () => {
      await declareReceiver();
      await insert(fired('car_value'));
      receiver.status = 503;
      const nextAtMs = await notifyAt(nowMs);
      const [first] = await deliveries();
      expect(first).toMatchObject({ attempt: 1, outcome: 'retryable', status: 503, nextAttemptAtMs: nextAtMs });
      expect(await notifyAt(nextAtMs! - 1)).toBe(nextAtMs);
      expect(receiver.received).toHaveLength(1);
      receiver.status = 200;
      await notifyAt(nextAtMs!);
      expect(receiver.received.map(idOf)).toEqual([first!.deliveryId, first!.deliveryId]);
      expect(receiver.received[1]!.body).toEqual(receiver.received[0]!.body);
      expect((await deliveries(first!.deliveryId)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
        [2, 'delivered'],
        [1, 'retryable'],
      ]);
    });

    it('lets a message that waits give way to how things stand by then', async () => {
      await declareReceiver();
      await insert(fired('car_value'));
      receiver.status = 503;
      await notifyAt(nowMs);
      receiver.status = 200;
      await insert(resolved('car_value'), fired('salary'));
      await notifyAt(nowMs + 60_000);
      expect(receiver.received.map(toldIn)).toEqual([['car_value firing'], ['car_value resolved', 'salary firing']]);
      expect(receiver.received[1]!.body).toMatchObject({
        incident_id: receiver.received[0]!.body['incident_id'],
        sequence: 1,
      });
      await notifyAt(nowMs + 3_600_000);
      expect(receiver.received).toHaveLength(2);
      const outcomes = (await listNotifications(store, { project, limit: 9 })).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['delivered', 'superseded']);
    });

    it('sends a resolve again, the same, so that one that got lost heals', async () => {
      await declareReceiver();
      await insert(fired('car_value'));
      await notifyAt(nowMs);
      await insert(resolved('car_value'));
      await notifyAt(nowMs + 60_000);
      for (let minutes = 2; minutes <= 30; minutes++) await notifyAt(nowMs + minutes * 60_000);
      const [, resolve, ...again] = receiver.received;
      expect(again).toHaveLength(3);
      for (const each of again) expect([idOf(each), each.body]).toEqual([idOf(resolve!), resolve!.body]);
    });

    it('gives up what is refused, and leaves alone a receiver that is gone', async () => {
      await declareReceiver();
      await insert(fired('car_value'));
      receiver.status = 400;
      await notifyAt(nowMs);
      await notifyAt(nowMs + 3_600_000);
      expect(receiver.received).toHaveLength(1);
      receiver.status = 410;
      await insert(fired('salary'), fired('income', { monitor: 'other' }));
      await notifyAt(nowMs + 3_600_001);
      const sent = receiver.received.length;
      expect((await findReceiver(store, project, 'team'))?.state).toBe('gone');
      await insert(fired('age', { monitor: 'another' }));
      expect(await notifyAt(nowMs + 7_200_000)).toBeUndefined();
      expect(receiver.received).toHaveLength(sent);
    });

    it('says nothing while a silence lasts, settles what ended meanwhile, and tells what still fires after it', async () => {
      await declareReceiver();
      const silence = { project, silenceId: 's', author: 'ada', comment: 'known', updatedAtMs: nowMs };
      const endsAtMs = nowMs + 3_600_000;
      await saveSilence(store, { ...silence, matchers: ['model=loan'], startsAtMs: nowMs - 1, endsAtMs });
      await insert(fired('car_value'), fired('salary'));
      expect(await notifyAt(nowMs)).toBe(endsAtMs);
      await insert(resolved('salary'));
      await notifyAt(nowMs + 60_000);
      expect((await deliveries()).map(({ outcome, detail }) => [outcome, detail])).toEqual([
        ['suppressed', 'silenced by ada: known'],
      ]);
      expect(receiver.received).toEqual([]);
      await notifyAt(endsAtMs);
      expect(receiver.received.map(toldIn)).toEqual([['car_value firing']]);
    });

    it('tells that somebody has acknowledged', async () => {
      await declareReceiver();
      await insert(fired('car_value'));
      await notifyAt(nowMs);
      const alertId = `${project} car_value`;
      const by = { author: 'ada', note: 'on it', nowMs: nowMs + 1 };
      await insertAlertAction(store, { project, model: 'loan', alertId, action: 'acknowledge', ...by });
      await notifyAt(nowMs + 60_000);
      expect(receiver.received[1]!.body).toMatchObject({ cause: 'acknowledged', acknowledged_by: 'ada' });
      await notifyAt(nowMs + 100 * 3_600_000);
      expect(receiver.received).toHaveLength(2);
    });

    it('tells the others that a receiver has failed for long, and that it works again', async () => {
      await declareReceiver();
      await declareReceiver('broken', url);
      receiver.status = 503;
      const key = { project, model: 'loan' };
      await insert(fired('car_value'));
      await notifier.notify(key, 'broken', nowMs);
      await notifier.notify(key, 'broken', nowMs + 10_000);
      receiver.status = 200;
      await notifyAt(nowMs);
      const whole = { project, model: '' };
      expect(await notifyAt(nowMs + 14 * 60_000, whole)).toBe(nowMs + 15 * 60_000);
      const before = receiver.received.length;
      await notifyAt(nowMs + 16 * 60_000, whole);
      await notifyAt(nowMs + 17 * 60_000, whole);
      expect(receiver.received.slice(before).map(toldIn)).toEqual([['broken firing']]);
      expect(JSON.stringify(receiver.received[before]!.body)).toContain('Receiver broken has taken nothing since');
      await notifier.notify(key, 'broken', nowMs + 20 * 60_000);
      await notifyAt(nowMs + 30 * 60_000, whole);
      expect(toldIn(receiver.received.at(-1)!)).toEqual(['broken resolved']);
    });

    it(`misses no episode and no end in ${RESTARTS} restarts at random, and says nothing twice to who knows its keys`, async () => {
      const seed = Number(process.env.PLUMBLINE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
      const random = seededRandom(seed);
      await declareReceiver();
      const believed = new Map<string, { status: string; sequence: [string, number] }>();
      const contents = new Map<string, string>();
      const problems: string[] = [];
      const listen = (): void => {
        for (const each of receiver.received.splice(0)) {
          const [id, body] = [String(idOf(each)), JSON.stringify(each.body)];
          if ((contents.get(id) ?? body) !== body) problems.push(`${id} came with two contents`);
          if (contents.has(id)) continue;
          contents.set(id, body);
          const sequence: [string, number] = [String(each.body['incident_id']), Number(each.body['sequence'])];
          for (const { fingerprint, status } of each.body['alerts'] as { fingerprint: string; status: string }[]) {
            const before = believed.get(fingerprint);
            if (before?.sequence[0] === sequence[0] && before.sequence[1] > sequence[1]) continue;
            if (before?.status === 'resolved' && status === 'firing')
              problems.push(`${fingerprint} fires after its end`);
            believed.set(fingerprint, { status, sequence });
          }
        }
      };
      const open: string[] = [];
      let episodes = 0;
      let killed = 0;
      for (let restart = 0; restart < RESTARTS; restart++) {
        if (random() < 0.5) {
          const feature = `f${episodes++}`;
          open.push(feature);
          await insert(fired(feature, { decidedAtMs: nowMs }));
        }
        if (open.length > 0 && random() < 0.4) {
          const feature = open.splice(Math.floor(random() * open.length), 1)[0]!;
          await insert({ ...resolved(feature), decidedAtMs: nowMs + 1 });
        }
        receiver.status = random() < 0.2 ? 503 : 200;
        notifier = newNotifier(dyingAfter(store, Math.floor(random() * 30)));
        await notifyAt(nowMs + 2).catch((error: unknown) => {
          if (!(error instanceof Error) || error.message !== 'killed') throw error;
          killed += 1;
        });
        listen();
        nowMs += 1_000 + Math.floor(random() * 120_000);
      }
      for (const feature of open) await insert({ ...resolved(feature), decidedAtMs: nowMs });
      receiver.status = 200;
      notifier = newNotifier();
      for (let i = 0; i < 3; i++) await notifyAt((nowMs += 600_000));
      listen();
      const wrong = Array.from({ length: episodes }, (_, i) => `${project} f${i}`).filter(
        (alertId) => believed.get(alertId)?.status !== 'resolved',
      );
      expect({ seed, problems, wrong }).toEqual({ seed, problems: [], wrong: [] });
      expect(killed).toBeGreaterThan(RESTARTS / 4);
    }, 900_000);

    it.each(['insert notification', 'select notification to send', 'insert delivery'])(
      'loses nothing and says nothing twice when it dies at: %s',
      async (step) => {
        await declareReceiver();
        await insert(fired('car_value'));
        for (const when of ['before', 'after'] as const) {
          notifier = newNotifier(failingOnce(store, step, when));
          nowMs += 60_000;
          await expect(notifyAt(nowMs)).rejects.toThrow('killed');
          notifier = newNotifier();
          await notifyAt(nowMs + 30_000);
          await insert(when === 'before' ? resolved('car_value') : fired('salary'));
        }
        await notifyAt(nowMs + 60_000);
        const distinct = new Map(receiver.received.map((each) => [idOf(each), each]));
        for (const each of receiver.received) expect(each.body).toEqual(distinct.get(idOf(each))!.body);
        expect([...distinct.values()].map(toldIn)).toEqual([
          ['car_value firing'],
          ['car_value resolved'],
          ['salary firing'],
        ]);
      },
    );
  });

  // In the manner of Alertmanager's acceptance tests: pushed at an instant, expected not before another. There is no instant after which
  // it is too late, as a busy machine takes its time.
  describe('in time', () => {
    const createdAtMs = ({ body }: Received): number => Date.parse(String(body['created_at']));

    it('waits for a group to fill, keeps the interval between its messages, repeats them, and begins anew after the end', async () => {
      await declareReceiver();
      await declareRoute({ group_wait: '2s', group_interval: '4s', repeat_interval: '8s' });
      const alerter = await start();
      const caused = (cause: string) => receiver.received.filter(({ body }) => body['cause'] === cause);
      const firedAtMs = Date.now();
      await insert(fired('age', { decidedAtMs: firedAtMs }), fired('salary', { decidedAtMs: firedAtMs + 1 }));
      await wake(alerter);
      await receiver.reached(1);
      await insert(fired('income'));
      await wake(alerter);
      await until(() => caused('changed').length > 0);
      // Nothing happens any more: it is repeated.
      const quiet = caused('repeated').length;
      await until(() => caused('repeated').length > quiet);
      await insert(resolved('age'), resolved('salary'), resolved('income'));
      await wake(alerter);
      await until(() => caused('resolved').length > 0);
      const againAtMs = Date.now();
      await insert(fired('again', { decidedAtMs: againAtMs }));
      await wake(alerter);
      await until(() => caused('fired').length > 1);
      const [opened, next] = caused('fired');
      expect(toldIn(opened!)).toEqual(['age firing', 'salary firing']);
      expect(createdAtMs(opened!)).toBeGreaterThanOrEqual(firedAtMs + 2_000);
      expect(toldIn(caused('changed')[0]!)).toEqual(['age firing', 'income firing', 'salary firing']);
      expect(caused('resolved').map(toldIn)).toEqual([['age resolved', 'income resolved', 'salary resolved']]);
      expect(toldIn(next!)).toEqual(['again firing']);
      expect(createdAtMs(next!)).toBeGreaterThanOrEqual(againAtMs + 2_000);
      const incident = receiver.received.filter(({ body }) => body['incident_id'] === opened!.body['incident_id']);
      for (const [i, each] of incident.entries()) {
        expect(each.body['sequence']).toBe(i);
        const pauseMs = each.body['cause'] === 'repeated' ? 8_000 : 4_000;
        if (i > 0) expect(createdAtMs(each)).toBeGreaterThanOrEqual(createdAtMs(incident[i - 1]!) + pauseMs);
      }
      expect(incident).toHaveLength(receiver.received.length - 1);
    });

    it('tells what still fires as soon as a silence is over', async () => {
      await declareReceiver();
      const alerter = await start();
      const nowMs = Date.now();
      const silence = { project, silenceId: 's', author: 'ada', comment: 'known', updatedAtMs: nowMs };
      const endsAtMs = nowMs + 3_000;
      await saveSilence(store, { ...silence, matchers: ['feature=age'], startsAtMs: nowMs - 1, endsAtMs });
      await insert(fired('age'));
      await wake(alerter);
      await receiver.reached(1);
      expect(toldIn(receiver.received[0]!)).toEqual(['age firing']);
      expect(createdAtMs(receiver.received[0]!)).toBeGreaterThanOrEqual(endsAtMs);
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

/** Numbers in [0, 1) that depend on the seed alone. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** The store of a process that is killed after so many statements, half of the time when the last one was carried out. */
function dyingAfter(store: Store, statements: number): Store {
  let left = statements;
  const act = async <T>(work: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left < 0 && statements % 2 === 0) throw new Error('killed');
    const result = await work();
    if (left < 0) throw new Error('killed');
    return result;
  };
  return new Proxy(store, {
    get(target, property) {
      if (property === 'query') {
        return (query: Parameters<Store['query']>[0], params: object) =>
          act(() => target.query(query, params as never));
      }
      if (property === 'insert') {
        return (table: string, ...rest: [Parameters<Store['insert']>[1], string]) =>
          act(() => target.insert(table, ...rest));
      }
      return Reflect.get(target, property) as unknown;
    },
  });
}

/** The store of a process that is killed once, before or after it did something. */
function failingOnce(store: Store, step: string, when: 'before' | 'after'): Store {
  let failed = false;
  const act = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const strikes = !failed && name === step;
    if (strikes) failed = true;
    if (strikes && when === 'before') throw new Error('killed');
    const result = await work();
    if (strikes) throw new Error('killed');
    return result;
  };
  return new Proxy(store, {
    get(target, property) {
      if (property === 'query') {
        return (query: Parameters<Store['query']>[0], params: object) =>
          act(query.name, () => target.query(query, params as never));
      }
      if (property === 'insert') {
        return (table: string, ...rest: [Parameters<Store['insert']>[1], string]) =>
          act(`insert ${table}`, () => target.insert(table, ...rest));
      }
      return Reflect.get(target, property) as unknown;
    },
  });
}

/** Between two looks: the processor is for the alerter, and for the other suite. */
const PAUSE_MS = 5;

/** Resolves when the condition holds; the time-out of the test is the only clock. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(PAUSE_MS);
}

async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(4 * PAUSE_MS);
}
