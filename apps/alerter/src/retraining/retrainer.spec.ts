import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configurationSchema,
  modelDeclarationSchema,
  retrainingPolicyDeclarationSchema,
  type Transition,
} from '@plumbline/contracts';
import { type OpenAlert, requestRetraining } from '@plumbline/monitoring';
import {
  insertTransitions,
  listModelsToRetrain,
  listRetrainingPolicies,
  listRetrainingRuns,
  migrate,
  saveModel,
  saveRetrainingPolicy,
  saveRetrainingRun,
  Store,
} from '@plumbline/storage';
import { createLogger, Metrics } from '@plumbline/telemetry';
import { AlerterMetrics } from '../alerter.metrics.js';
import { GuardedHttp } from '../egress/guarded-http.js';
import { Secrets } from '../secrets/secrets.js';
import { WebhookSender } from '../webhook/webhook-sender.js';
import { Retrainer } from './retrainer.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 20);

describe('Retrainer', () => {
  const configuration = configurationSchema.parse({
    alerting: { allowedAddresses: ['127.0.0.0/8'], allowHttp: true },
  });
  let dataDir: string;
  let store: Store;
  let http: GuardedHttp;
  let pipeline: Server;
  let url: string;
  let calls = 0;
  let answer = 200;
  let nextModel = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-retrainer-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    http = new GuardedHttp(configuration.alerting);
    pipeline = createServer((request, response) => {
      calls++;
      request.resume().on('end', () => response.writeHead(answer).end());
    });
    await new Promise<void>((resolve) => pipeline.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(pipeline.address() as AddressInfo).port}/run`;
  });
  beforeEach(() => {
    calls = 0;
    answer = 200;
  });
  afterAll(async () => {
    await http.close();
    pipeline.closeAllConnections();
    pipeline.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const retrain = (model: string, nowMs: number): Promise<number | undefined> =>
    new Retrainer({
      store,
      sender: new WebhookSender(http, new Secrets({}, '')),
      externalUrl: 'https://plumbline.example',
      metrics: new AlerterMetrics(new Metrics({ version: 't' })),
      logger: createLogger({ level: 'error', format: 'json', destination: { write: () => undefined } }),
      abort: new AbortController().signal,
    }).retrain('p', model, nowMs);
  const declare = (model: string, values: object, updatedAtMs: number) =>
    saveRetrainingPolicy(store, {
      project: 'p',
      model,
      policy: 'default',
      declaration: retrainingPolicyDeclarationSchema.parse({ target: { url }, ...values }),
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
      value: 1,
      threshold: 0.1,
      nCurrent: 1000,
      pValue: 0,
      reason: 'It drifted.',
      decidedAtMs,
    };
    await insertTransitions(store, [transition], transition.transitionId);
  };
  const fire = (model: string, alertId: string, atMs: number) => change(model, alertId, atMs, 'firing');
  const resolve = (model: string, alertId: string, atMs: number) => change(model, alertId, atMs, 'inactive');
  const newModel = async (values: object): Promise<string> => {
    const model = `m-${nextModel++}`;
    const declaration = modelDeclarationSchema.parse({});
    await saveModel(store, { project: 'p', model, declaration, origin: 'declared', updatedAtMs: 1, updatedBy: 't' });
    await declare(model, values, 1);
    return model;
  };
  const alert: OpenAlert = {
    alertId: '',
    monitor: 'feature-drift',
    detector: 'feature_drift',
    version: '1',
    feature: 'age',
    method: 'psi.decile',
    severity: 'critical',
    firedAtMs: 0,
  };
  const statusesOf = async (model: string) =>
    (await listRetrainingRuns(store, { project: 'p', model, limit: 10 })).map(({ status }) => status);

  it('calls for an alert that was disabled with its policy once the policy is back: nobody was called before', async () => {
    const model = await newModel({});
    await fire(model, 'a', NOW_MS);
    // A process that asked for the run and ended before it called.
    const asked = requestRetraining(
      (await listRetrainingPolicies(store, 'p', model))[0]!,
      [{ ...alert, alertId: 'a', firedAtMs: NOW_MS }],
      [],
      NOW_MS,
    )!;
    await saveRetrainingRun(store, asked);
    await declare(model, { enabled: false }, 2);
    await retrain(model, NOW_MS + 1);
    expect(await statusesOf(model)).toEqual(['cancelled']);
    expect(calls).toBe(0);
    await declare(model, {}, 3);
    await retrain(model, NOW_MS + 2);
    expect((await statusesOf(model)).sort()).toEqual(['cancelled', 'triggered']);
    expect(calls).toBe(1);
    await retrain(model, NOW_MS + 3);
    expect(calls).toBe(1);
    const runs = await listRetrainingRuns(store, { project: 'p', model, limit: 10 });
    expect(runs.find(({ status }) => status === 'cancelled')!.runId).toBe(asked.runId);
  });

  it('lets a run whose call was under way when its policy was disabled count', async () => {
    const model = await newModel({});
    await fire(model, 'a', NOW_MS);
    answer = 503;
    await retrain(model, NOW_MS);
    await declare(model, { enabled: false }, 2);
    await retrain(model, NOW_MS + 1);
    expect(await statusesOf(model)).toEqual(['failed']);
    await declare(model, {}, 3);
    await retrain(model, NOW_MS + 2);
    expect(await statusesOf(model)).toEqual(['failed']);
  });

  it('calls for an alert that a long cool-down kept waiting, though nothing has changed for weeks', async () => {
    const model = await newModel({ cool_down: '30d' });
    await fire(model, 'a', NOW_MS - 31 * DAY_MS);
    await retrain(model, NOW_MS - 31 * DAY_MS);
    await fire(model, 'b', NOW_MS - 20 * DAY_MS);
    await retrain(model, NOW_MS - 20 * DAY_MS);
    expect(calls).toBe(1);
    await resolve(model, 'a', NOW_MS - 19 * DAY_MS);
    expect(await listModelsToRetrain(store, NOW_MS - 7 * DAY_MS)).toContainEqual({ project: 'p', model });
    await retrain(model, NOW_MS);
    expect(calls).toBe(2);
    await resolve(model, 'b', NOW_MS - 10 * DAY_MS);
    expect(await listModelsToRetrain(store, NOW_MS - 7 * DAY_MS)).not.toContainEqual({ project: 'p', model });
  });
});
