import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configurationSchema,
  modelDeclarationSchema,
  retrainingPolicyDeclarationSchema,
  type RetrainingRun,
  type Transition,
  withoutLabels,
} from '@plumbline/contracts';
import { changeRun, reportChange, type RunChange } from '@plumbline/monitoring';
import { LinkKeys, readLink } from '@plumbline/platform';
import {
  insertMeasurements,
  insertRetrainingEvent,
  insertTransitions,
  listAlertActions,
  listAlerts,
  listDeliveries,
  listModelsToRetrain,
  listRetrainingEvents,
  listRetrainingRuns,
  listRunNotices,
  migrate,
  saveModel,
  saveRetrainingPolicy,
  Store,
} from '@plumbline/storage';
import { createLogger, Metrics } from '@plumbline/telemetry';
import { seedVersions, type SeededAnswer } from '../../../../test/support/seed-versions.js';
import { AlerterMetrics } from '../alerter.metrics.js';
import { GuardedHttp } from '../egress/guarded-http.js';
import { Secrets } from '../secrets/secrets.js';
import { Retrainer } from './retrainer.js';
import { settleAlerts } from './settle-alerts.js';
import { RetrainingCaller } from './targets/retraining-caller.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 20);
const LINK_KEY = 'k'.repeat(40);

/** A pipeline that keeps the keys it was called with. */
class Pipeline {
  readonly keys: string[] = [];
  readonly bodies: Record<string, unknown>[] = [];
  /** A status, or that the answer is lost after the call was taken. */
  answer: number | 'lost' = 200;
  private readonly server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      this.keys.push(String(request.headers['idempotency-key']));
      this.bodies.push(JSON.parse(text) as Record<string, unknown>);
      if (this.answer === 'lost') request.socket.destroy();
      else response.writeHead(this.answer, { 'content-type': 'application/json' }).end('{"id":7}');
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/run`;
  }

  reset(): void {
    this.keys.length = 0;
    this.bodies.length = 0;
    this.answer = 200;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

class Crash extends Error {}

/** The store as a process sees it that ends at its n-th write, before or after it was made. */
function crashingStore(store: Store, atWrite: number, when: 'before' | 'after'): Store {
  let writes = 0;
  return new Proxy(store, {
    get(target, name) {
      if (name !== 'insert') {
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value as (...rest: unknown[]) => unknown).bind(target) : value;
      }
      return async (...rest: Parameters<Store['insert']>): Promise<void> => {
        writes++;
        if (writes === atWrite && when === 'before') throw new Crash();
        await target.insert(...rest);
        if (writes === atWrite) throw new Crash();
      };
    },
  });
}

/** @embedded-only: its tables are tested on a server by libs/storage. */
describe('Retrainer', () => {
  const configuration = configurationSchema.parse({
    alerting: { allowedAddresses: ['127.0.0.0/8'], allowHttp: true, linkKey: LINK_KEY },
  });
  const pipeline = new Pipeline();
  const woken: string[] = [];
  let dataDir: string;
  let store: Store;
  let http: GuardedHttp;
  let url: string;
  let nextModel = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-retrainer-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    http = new GuardedHttp(configuration.alerting);
    url = await pipeline.start();
  });
  beforeEach(() => {
    pipeline.reset();
    woken.length = 0;
  });
  afterAll(async () => {
    await http.close();
    pipeline.stop();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const newRetrainer = (over: Store = store): Retrainer =>
    new Retrainer({
      store: over,
      caller: new RetrainingCaller({ http, secrets: new Secrets({}, '') }),
      links: new LinkKeys(over, configuration.alerting),
      externalUrl: 'https://plumbline.example',
      metrics: new AlerterMetrics(new Metrics({ version: 't' })),
      logger: createLogger({ level: 'error', format: 'json', destination: { write: () => undefined } }),
      abort: new AbortController().signal,
      wake: async ({ model }) => void woken.push(model),
    });

  /** What a lane does: as long as there is something to do now, with a new process each time. */
  const retrain = async (model: string, nowMs: number, retrainer = newRetrainer()): Promise<number | undefined> => {
    for (let round = 0; round < 20; round++) {
      const nextAtMs = await retrainer.retrain('p', model, nowMs);
      if (nextAtMs === undefined || nextAtMs > nowMs) return nextAtMs;
    }
    throw new Error('it never comes to rest');
  };

  const declare = (model: string, values: object, updatedAtMs: number): Promise<void> =>
    saveRetrainingPolicy(store, {
      project: 'p',
      model,
      policy: 'default',
      declaration: retrainingPolicyDeclarationSchema.parse({ when: { alerts: {} }, target: { url }, ...values }),
      updatedBy: 't',
      updatedAtMs,
    });
  const change = async (model: string, alertId: string, decidedAtMs: number, to: 'firing' | 'inactive') => {
    const transition: Transition = {
      transitionId: `${model}-${alertId}-${to}`,
      project: 'p',
      model,
      monitor: 'feature-drift',
      version: '1',
      segment: '',
      feature: 'age',
      method: 'psi.decile',
      alertId,
      windowStartMs: decidedAtMs - DAY_MS,
      windowEndMs: decidedAtMs,
      revision: 0,
      from: to === 'firing' ? 'inactive' : 'firing',
      to,
      severity: 'critical',
      severityBefore: to === 'firing' ? 'ok' : 'critical',
      value: 1,
      threshold: 0.1,
      nCurrent: 1000,
      pValue: 0,
      reason: 'It drifted.',
      resolvedBy: '',
      decidedAtMs,
    };
    await insertTransitions(store, [transition], transition.transitionId);
  };
  const fire = (model: string, alertId: string, atMs: number) => change(model, alertId, atMs, 'firing');
  const resolve = (model: string, alertId: string, atMs: number) => change(model, alertId, atMs, 'inactive');
  const newModel = async (values: object): Promise<string> => {
    const model = `m-${nextModel++}`;
    const declaration = modelDeclarationSchema.parse({ task: 'binary', positive_class: '1' });
    await saveModel(store, { project: 'p', model, declaration, origin: 'declared', updatedAtMs: 1, updatedBy: 't' });
    await declare(model, values, 1);
    return model;
  };
  const runsOf = (model: string): Promise<RetrainingRun[]> =>
    listRetrainingRuns(store, { project: 'p', model, limit: 10 });
  const statusesOf = async (model: string) => (await runsOf(model)).map(({ status }) => status);
  const historyOf = async (run: RetrainingRun) =>
    (await listRetrainingEvents(store, 'p', run.runId)).map(({ from, to, who }) => [from, to, who]);
  /** What the API does when somebody decides, or a pipeline reports. */
  const say = async (model: string, told: (run: RetrainingRun) => RunChange, nowMs: number): Promise<boolean> => {
    const [run] = await runsOf(model);
    const event = changeRun(run!, told(run!), nowMs);
    if (event !== undefined) await insertRetrainingEvent(store, event);
    return event !== undefined;
  };
  const report = (model: string, status: 'running' | 'succeeded' | 'failed', nowMs: number, version?: string) =>
    say(model, (run) => reportChange(run, { status, version, detail: '' }, 'pipeline'), nowMs);

  describe('asks for approval', () => {
    it('and calls when a person approves', async () => {
      const model = await newModel({ approval: { within: '2d' } });
      await fire(model, 'a', NOW_MS);
      expect(await retrain(model, NOW_MS)).toBe(NOW_MS + 2 * DAY_MS);
      expect(await statusesOf(model)).toEqual(['awaiting_approval']);
      expect(woken).toContain(model);
      expect(await retrain(model, NOW_MS + 1)).toBe(NOW_MS + 2 * DAY_MS);
      expect(pipeline.keys).toEqual([]);
      await say(model, () => ({ to: 'approved', who: 'anna', detail: 'do it' }), NOW_MS + 2);
      // A round that began before the approval may find it all the same.
      await retrain(model, NOW_MS + 1);
      const [run] = await runsOf(model);
      expect(run).toMatchObject({ status: 'triggered', runId: pipeline.keys[0] });
      expect(await historyOf(run!)).toEqual([
        ['requested', 'awaiting_approval', 'plumbline'],
        ['awaiting_approval', 'approved', 'anna'],
        ['approved', 'triggered', 'plumbline'],
      ]);
      const notices = await listRunNotices(store, { project: 'p', model, sinceMs: NOW_MS });
      expect(notices.map(({ event }) => event.to)).toEqual(['awaiting_approval', 'triggered']);
      expect(notices[0]!.run.runId).toBe(run!.runId);
    });

    it('and calls nobody when a person refuses, or nobody answers', async () => {
      for (const answered of [true, false]) {
        const model = await newModel({ approval: { within: '2d' }, cool_down: '1s' });
        await fire(model, 'a', NOW_MS);
        await retrain(model, NOW_MS);
        if (answered) await say(model, () => ({ to: 'refused', who: 'anna' }), NOW_MS + 2);
        await retrain(model, NOW_MS + 2 * DAY_MS);
        expect(await statusesOf(model)).toEqual(['refused']);
        const [run] = await runsOf(model);
        expect((await historyOf(run!)).at(-1)![2]).toBe(answered ? 'anna' : 'plumbline');
        // Not asked again for the same alerts, but for others.
        await retrain(model, NOW_MS + 3 * DAY_MS);
        expect(await statusesOf(model)).toEqual(['refused']);
        await resolve(model, 'a', NOW_MS + 3 * DAY_MS);
        await fire(model, 'b', NOW_MS + 4 * DAY_MS);
        await retrain(model, NOW_MS + 4 * DAY_MS);
        expect(await statusesOf(model)).toEqual(['awaiting_approval', 'refused']);
      }
      expect(pipeline.keys).toEqual([]);
    });

    it('and takes the question back when the policy is disabled', async () => {
      const model = await newModel({ approval: {} });
      await fire(model, 'a', NOW_MS);
      await retrain(model, NOW_MS);
      await declare(model, { approval: {}, enabled: false }, 2);
      await retrain(model, NOW_MS + 1);
      expect(await statusesOf(model)).toEqual(['cancelled']);
    });
  });

  describe('calls', () => {
    it('with the address for reports, signed for this run alone, and keeps what the target says of its own run', async () => {
      const model = await newModel({ target: { url, external_id: '/id' } });
      await fire(model, 'a', NOW_MS);
      await retrain(model, NOW_MS);
      const [run] = await runsOf(model);
      expect(run).toMatchObject({ status: 'triggered', externalId: '7' });
      const callback = new URL(String(pipeline.bodies[0]!['callback_url']));
      expect(`${callback.origin}${callback.pathname}`).toBe(
        `https://plumbline.example/v1/retraining-runs/${run!.runId}/status`,
      );
      const links = new LinkKeys(store, configuration.alerting);
      expect(await links.read(callback.searchParams.get('token')!, NOW_MS)).toMatchObject({
        ok: true,
        claims: { project: 'p', action: 'retraining.report', subject: run!.runId },
      });
      expect(readLink([], callback.searchParams.get('token')!, NOW_MS)).toEqual({ ok: false, reason: 'forged' });
    });

    it('nobody in a dry run, and shows what would have been sent', async () => {
      const model = await newModel({ dry_run: true });
      await fire(model, 'a', NOW_MS);
      await retrain(model, NOW_MS);
      const [run] = await runsOf(model);
      expect(run!.status).toBe('dry_run');
      expect(run!.detail).toContain(`POST ${url}`);
      expect(run!.detail).not.toContain('token=');
      expect(pipeline.keys).toEqual([]);
      await declare(model, {}, 2);
      await retrain(model, NOW_MS + 1);
      expect(await statusesOf(model)).toEqual(['dry_run']);
    });

    it('when the schedule is due, once for each time', async () => {
      const model = await newModel({ when: undefined, schedule: { every: '7d' }, cool_down: '1d' });
      expect(await listModelsToRetrain(store, NOW_MS)).toContainEqual({ project: 'p', model });
      await retrain(model, NOW_MS);
      await retrain(model, NOW_MS + 6 * DAY_MS);
      await retrain(model, NOW_MS + 7 * DAY_MS);
      expect(new Set(pipeline.keys).size).toBe(pipeline.keys.length);
      expect(pipeline.keys).toHaveLength(2);
      expect((await runsOf(model)).every(({ scheduledForMs }) => scheduledForMs % (7 * DAY_MS) === 0)).toBe(true);
    });

    it('for an alert that was disabled with its policy once the policy is back: nobody was called before', async () => {
      const model = await newModel({ approval: {} });
      await fire(model, 'a', NOW_MS);
      await retrain(model, NOW_MS);
      const [asked] = await runsOf(model);
      await declare(model, { enabled: false }, 2);
      await retrain(model, NOW_MS + 1);
      await declare(model, {}, 3);
      await retrain(model, NOW_MS + 2);
      expect((await statusesOf(model)).sort()).toEqual(['cancelled', 'triggered']);
      await retrain(model, NOW_MS + 3);
      expect(pipeline.keys).toHaveLength(1);
      expect((await runsOf(model)).find(({ status }) => status === 'cancelled')!.runId).toBe(asked!.runId);
    });

    it('no more when the policy was disabled while its call was under way, and that counts', async () => {
      const model = await newModel({});
      await fire(model, 'a', NOW_MS);
      pipeline.answer = 503;
      await retrain(model, NOW_MS);
      await declare(model, { enabled: false }, 2);
      await retrain(model, NOW_MS + 1);
      expect(await statusesOf(model)).toEqual(['failed']);
      await declare(model, {}, 3);
      await retrain(model, NOW_MS + 2);
      expect(await statusesOf(model)).toEqual(['failed']);
    });

    it('for an alert that a long cool-down kept waiting, though nothing has changed for weeks', async () => {
      const model = await newModel({ cool_down: '30d', timeout: '1d' });
      await fire(model, 'a', NOW_MS - 31 * DAY_MS);
      await retrain(model, NOW_MS - 31 * DAY_MS);
      await fire(model, 'b', NOW_MS - 20 * DAY_MS);
      await retrain(model, NOW_MS - 20 * DAY_MS);
      expect(pipeline.keys).toHaveLength(1);
      await resolve(model, 'a', NOW_MS - 19 * DAY_MS);
      expect(await listModelsToRetrain(store, NOW_MS - 7 * DAY_MS)).toContainEqual({ project: 'p', model });
      await retrain(model, NOW_MS);
      expect(pipeline.keys).toHaveLength(2);
      await report(model, 'failed', NOW_MS);
      await resolve(model, 'b', NOW_MS - 10 * DAY_MS);
      expect(await listModelsToRetrain(store, NOW_MS - 7 * DAY_MS)).not.toContainEqual({ project: 'p', model });
    });
  });

  describe('takes reports', () => {
    const triggered = async (values: object = {}): Promise<string> => {
      const model = await newModel(values);
      await fire(model, 'a', NOW_MS);
      await retrain(model, NOW_MS);
      return model;
    };

    it('in any order and as often as they come', async () => {
      const model = await triggered();
      expect(await report(model, 'running', NOW_MS + 1)).toBe(true);
      expect(await report(model, 'running', NOW_MS + 2)).toBe(false);
      expect(await report(model, 'succeeded', NOW_MS + 3, '2')).toBe(true);
      expect(await report(model, 'succeeded', NOW_MS + 4, '2')).toBe(false);
      expect(await report(model, 'running', NOW_MS + 5)).toBe(false);
      expect(await report(model, 'failed', NOW_MS + 6)).toBe(false);
      expect((await runsOf(model))[0]).toMatchObject({ status: 'succeeded', newVersion: '2' });
    });

    it('before the call is recorded, and keeps what the target said of its run', async () => {
      const model = await newModel({ target: { url, external_id: '/id' } });
      await fire(model, 'a', NOW_MS);
      const crashing = newRetrainer(crashingStore(store, 3, 'before'));
      await expect(retrain(model, NOW_MS, crashing)).rejects.toThrow(Crash);
      expect(pipeline.keys).toHaveLength(1);
      await report(model, 'running', NOW_MS + 1);
      await retrain(model, NOW_MS + 2);
      expect(await statusesOf(model)).toEqual(['running']);
      expect(pipeline.keys).toHaveLength(1);
    });

    it('as timed out when none comes, and a late one says that it was late', async () => {
      const model = await triggered({ timeout: '1d' });
      await report(model, 'running', NOW_MS + DAY_MS / 2);
      expect(await retrain(model, NOW_MS + DAY_MS)).toBe(NOW_MS + 1.5 * DAY_MS);
      // A sign of life counts, though it says the same.
      await report(model, 'running', NOW_MS + DAY_MS);
      await retrain(model, NOW_MS + 1.5 * DAY_MS);
      expect(await statusesOf(model)).toEqual(['running']);
      await retrain(model, NOW_MS + 2 * DAY_MS);
      expect((await runsOf(model))[0]).toMatchObject({
        status: 'timed_out',
        detail: 'The pipeline has not reported for 1d.',
      });
      await report(model, 'running', NOW_MS + 2 * DAY_MS + 1);
      expect(await statusesOf(model)).toEqual(['timed_out']);
      await report(model, 'succeeded', NOW_MS + 2 * DAY_MS + 2, '2');
      expect((await runsOf(model))[0]).toMatchObject({
        status: 'succeeded',
        newVersion: '2',
        detail: 'Reported after the run had timed out.',
      });
    });
  });

  /** Version 1 is right in so many of a hundred answers, version 2 in so many. */
  const shadow = (right1: number, right2: number, trace: boolean, n = 400): SeededAnswer[] =>
    Array.from({ length: n }, (_, index) => {
      const truth = String(index % 2);
      const wrong = String(1 - (index % 2));
      const request = { minute: 60 + Math.floor(index / 4), truth, ...(trace ? { traceId: `t-${index}` } : {}) };
      return [
        { ...request, version: '1', label: index % 100 < right1 ? truth : wrong },
        { ...request, version: '2', label: index % 100 < right2 ? truth : wrong },
      ];
    }).flat();

  /** What the monitor of the alert found of the new version. */
  const measured = (model: string, severity: 'ok' | 'critical') =>
    insertMeasurements(
      store,
      [
        {
          project: 'p',
          model,
          monitor: 'feature-drift',
          version: '2',
          segment: '',
          feature: 'age',
          method: 'psi.decile',
          windowStartMs: NOW_MS,
          windowEndMs: NOW_MS + DAY_MS,
          dataStartMs: NOW_MS,
          revision: 0,
          value: 0,
          effect: 0,
          errorBound: 0,
          pValue: 1,
          adjustedPValue: 1,
          alpha: 0.01,
          nReference: 1000,
          nCurrent: 400,
          nMissing: 0,
          thresholdWarning: 0.1,
          thresholdCritical: 0.25,
          lower: NaN,
          upper: NaN,
          ...withoutLabels,
          referenceId: 'r',
          severity,
          decides: true,
          reason: '',
          evaluatedAtMs: NOW_MS + DAY_MS,
        },
      ],
      `${model}-${severity}`,
    );

  const succeeded = async (values: object = {}): Promise<string> => {
    const model = await newModel(values);
    await fire(model, 'a', NOW_MS);
    await retrain(model, NOW_MS);
    await report(model, 'succeeded', NOW_MS + 1, '2');
    return model;
  };

  describe('verifies', () => {
    it.each([
      ['on the same requests', true, 'paired'],
      ['in the same windows', false, 'side_by_side'],
    ] as const)('a version that is not worse %s, and resolves the alerts', async (_, trace, mode) => {
      const model = await succeeded();
      await seedVersions(store, 'p', model, NOW_MS, shadow(80, 82, trace));
      await measured(model, 'ok');
      await retrain(model, NOW_MS + DAY_MS);
      const [run] = await runsOf(model);
      expect(run).toMatchObject({ status: 'verified', comparison: { verified: true, mode, new_version: '2' } });
      expect(run!.comparison!.metrics[0]).toMatchObject({
        metric: 'accuracy',
        old: { value: 0.8, n: 400 },
        new: { value: 0.82, n: 400 },
      });
      expect(run!.comparison!.causes).toEqual([{ alert_id: 'a', what: 'feature-drift on age', state: 'healed' }]);
      const [alert] = await listAlerts(store, { project: 'p', model, limit: 1 });
      expect(alert).toMatchObject({ status: 'resolved', resolvedBy: `retraining run ${run!.runId}` });
      expect(alert!.reason).toContain(run!.comparison!.sentence);
      expect(woken).toContain(model);
    });

    it.each([
      ['is worse beyond chance', 70, 'ok', /accuracy of version 2 is 0.7 .* \(worse, p = /],
      ['drifts as well', 82, 'critical', /feature-drift on age stands for version 2 too\./],
    ] as const)('and rejects a version that %s, with a note on the alert', async (_, right, severity, sentence) => {
      const model = await succeeded();
      await seedVersions(store, 'p', model, NOW_MS, shadow(80, right, true));
      await measured(model, severity);
      await retrain(model, NOW_MS + DAY_MS);
      const [run] = await runsOf(model);
      expect(run!.status).toBe('rejected');
      expect(run!.comparison!.sentence).toMatch(sentence);
      expect(await listAlerts(store, { project: 'p', model, limit: 1 })).toMatchObject([{ status: 'firing' }]);
      expect(await listAlertActions(store, { project: 'p', model })).toMatchObject([
        { action: 'note', author: `retraining run ${run!.runId}`, note: run!.comparison!.sentence },
      ]);
      await retrain(model, NOW_MS + DAY_MS + 1);
      expect(await listAlertActions(store, { project: 'p', model })).toHaveLength(1);
    });

    it('and opens the incident again where its alerts ended meanwhile, until a later run is verified', async () => {
      const model = await succeeded();
      await resolve(model, 'a', NOW_MS + 2);
      await seedVersions(store, 'p', model, NOW_MS, shadow(80, 70, true));
      await measured(model, 'ok');
      await retrain(model, NOW_MS + DAY_MS);
      const [run] = await runsOf(model);
      expect(run!.status).toBe('rejected');
      expect(await listAlertActions(store, { project: 'p', model })).toMatchObject([{ alertId: 'a', action: 'note' }]);
      const reopened = async () => listAlerts(store, { project: 'p', model, monitor: run!.policy, limit: 5 });
      expect(await reopened()).toMatchObject([
        { status: 'firing', severity: 'warning', version: '2', method: 'retraining_rejected' },
      ]);
      expect((await reopened())[0]!.reason).toContain(run!.comparison!.sentence);
      await retrain(model, NOW_MS + DAY_MS + 1);
      expect(await reopened()).toHaveLength(1);
      const later = { ...run!, runId: 'later', status: 'verified', alertIds: [] } as const;
      const open = (await reopened()).map(({ alertId, monitor, method }) => ({ alertId, monitor, method }));
      expect(await settleAlerts(store, later, open, NOW_MS + DAY_MS + 2)).toBe(true);
      expect(await reopened()).toMatchObject([{ status: 'resolved', resolvedBy: 'retraining run later' }]);
    });

    it('against the time before, where the old version has stopped answering', async () => {
      const model = await succeeded();
      const before = shadow(80, 0, false).filter(({ version }) => version === '1');
      const after = shadow(0, 90, false).filter(({ version }) => version === '2');
      await seedVersions(store, 'p', model, NOW_MS - DAY_MS, before);
      await seedVersions(store, 'p', model, NOW_MS, after);
      await measured(model, 'ok');
      await retrain(model, NOW_MS + DAY_MS);
      expect((await runsOf(model))[0]).toMatchObject({ status: 'verified', comparison: { mode: 'before_after' } });
    });

    it('nothing without data, and says so when the time is up', async () => {
      const model = await succeeded({ verify_within: '14d' });
      expect(await retrain(model, NOW_MS + DAY_MS)).toBe(NOW_MS + 1 + 14 * DAY_MS);
      expect(await statusesOf(model)).toEqual(['succeeded']);
      await seedVersions(store, 'p', model, NOW_MS, shadow(80, 80, false, 20));
      await retrain(model, NOW_MS + 14 * DAY_MS);
      expect(await statusesOf(model)).toEqual(['succeeded']);
      await retrain(model, NOW_MS + 1 + 14 * DAY_MS);
      const [run] = await runsOf(model);
      expect(run).toMatchObject({ status: 'succeeded', comparison: { verified: false, mode: 'none' } });
      expect(run!.detail).toBe(
        'Not verified: version 2 has 20 labelled predictions of the 100 that a comparison takes, and it is not known yet whether feature-drift on age is over. Nothing more is waited for after 14d.',
      );
      expect(await retrain(model, NOW_MS + 30 * DAY_MS)).toBeUndefined();
      expect(await listAlerts(store, { project: 'p', model, limit: 1 })).toMatchObject([{ status: 'firing' }]);
    });

    it('nothing of a version that never came', async () => {
      const model = await succeeded({ verify_within: '1d' });
      await retrain(model, NOW_MS + 2 * DAY_MS);
      expect((await runsOf(model))[0]!.comparison!.sentence).toBe('Not verified: version 2 has made no prediction.');
    });
  });

  describe('is ended at any write, and another process goes on', () => {
    /** From the alert to the verified run; what a person and the pipeline say is said once each. */
    const wholeLife = async (model: string, crash: { atWrite: number; when: 'before' | 'after' }): Promise<boolean> => {
      let process = newRetrainer(crashingStore(store, crash.atWrite, crash.when));
      let crashed = false;
      const step = async (nowMs: number): Promise<void> => {
        try {
          await retrain(model, nowMs, process);
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          crashed = true;
          process = newRetrainer();
          await retrain(model, nowMs, process);
        }
      };
      await step(NOW_MS);
      await say(model, () => ({ to: 'approved', who: 'anna' }), NOW_MS + 1);
      await step(NOW_MS + 2);
      await report(model, 'succeeded', NOW_MS + 3, '2');
      await step(NOW_MS + DAY_MS);
      await step(NOW_MS + 2 * DAY_MS);
      return crashed;
    };

    it('with one key at the target, one run and its alert resolved once', async () => {
      for (const when of ['before', 'after'] as const) {
        let crashed = true;
        let atWrite = 0;
        while (crashed) {
          atWrite++;
          pipeline.reset();
          const model = await newModel({ approval: {}, cool_down: '1s' });
          await fire(model, 'a', NOW_MS);
          await seedVersions(store, 'p', model, NOW_MS, shadow(80, 82, true, 120));
          await measured(model, 'ok');
          crashed = await wholeLife(model, { atWrite, when });
          const where = `${when} write ${atWrite}`;
          expect([where, new Set(pipeline.keys).size]).toEqual([where, 1]);
          expect([where, await statusesOf(model)]).toEqual([where, ['verified']]);
          const [run] = await runsOf(model);
          expect([where, pipeline.keys[0]]).toEqual([where, run!.runId]);
          expect([where, (await historyOf(run!)).map(([, to]) => to)]).toEqual([
            where,
            ['awaiting_approval', 'approved', 'triggered', 'succeeded', 'verified'],
          ]);
          expect([where, (await listAlerts(store, { project: 'p', model, limit: 1 }))[0]!.status]).toEqual([
            where,
            'resolved',
          ]);
          expect(await listAlertActions(store, { project: 'p', model })).toHaveLength(1);
        }
        // Every write was tried: the run, four events, the delivery, the action and its transition.
        expect(atWrite).toBeGreaterThan(6);
      }
    }, 900_000);

    it('with the same body under the same key when an answer was lost', async () => {
      const model = await newModel({});
      await fire(model, 'a', NOW_MS);
      pipeline.answer = 'lost';
      const nextAtMs = await retrain(model, NOW_MS);
      pipeline.answer = 200;
      await retrain(model, nextAtMs!);
      expect(await statusesOf(model)).toEqual(['triggered']);
      expect(pipeline.keys).toHaveLength(2);
      expect(new Set(pipeline.keys).size).toBe(1);
      expect(pipeline.bodies[1]).toEqual(pipeline.bodies[0]);
    });

    it('with no second call to a target that keeps no keys', async () => {
      const target = { target: { url, idempotent: false } };
      for (let atWrite = 1; atWrite <= 4; atWrite++) {
        for (const when of ['before', 'after'] as const) {
          pipeline.reset();
          const model = await newModel(target);
          await fire(model, 'a', NOW_MS);
          const crashing = newRetrainer(crashingStore(store, atWrite, when));
          await expect(retrain(model, NOW_MS, crashing)).rejects.toThrow(Crash);
          await retrain(model, NOW_MS + 1);
          expect(pipeline.keys.length).toBeLessThanOrEqual(1);
          const [run] = await runsOf(model);
          const where = `${when} write ${atWrite}: ${run!.status} after ${pipeline.keys.length} calls`;
          const called = (await listDeliveries(store, { project: 'p', deliveryId: run!.runId, limit: 9 })).length;
          // What it does not know it says.
          if (run!.status === 'failed') expect(run!.detail).toContain('is not known');
          else expect([where, called, pipeline.keys.length]).toEqual([where, 1, 1]);
        }
      }
    });
  });
});
