import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configurationSchema,
  isNotifiable,
  type Model,
  modelDeclarationSchema,
  monitorDeclarationSchema,
  type ReferenceSeries,
  type Transition,
} from '@plumbline/contracts';
import { monitorsOf } from '@plumbline/monitoring';
import {
  insertCells,
  insertTransitions,
  listAlerts,
  listDeclaredMonitors,
  listTouchedHours,
  listTransitions,
  markHoursDirty,
  migrate,
  resolveAlert,
  saveModel,
  saveMonitor,
  saveReference,
  Store,
} from '@plumbline/storage';
import { InProcessEventStream } from '@plumbline/stream';
import { createLogger } from '@plumbline/telemetry';
import { AlertCloser, type EvaluatedChain } from './alert-closer.js';
import { planDue, type PlanMemory } from './plan-due.js';
import { planRange } from './plan-range.js';
import { runPlans } from './run-plans.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY_0_MS = Date.UTC(2026, 4, 1);
const afterDay = (index: number): number => DAY_0_MS + (index + 1) * DAY_MS + HOUR_MS / 4;

const even = [100, 100, 100, 100, 100, 100, 100, 100, 100, 100];
const drifted = [20, 40, 60, 80, 100, 100, 120, 140, 160, 180];

const series = (name: string): ReferenceSeries => ({
  series: name,
  kind: 'numeric',
  binSetId: `bins-${name}`,
  edges: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  decileEdgeIndexes: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  categories: [],
  otherHashes: [],
  counts: even.map((n) => n * 30),
  n: 30_000,
  missing: 0,
  invalid: 0,
  mean: 5,
  std: 3,
  min: 0,
  max: 10,
});

/** Evaluates as EvaluationService does: plan, run, close. @embedded-only: libs/storage has what it reads and writes on a server, split-apps.spec and the conservation harness evaluate on one. */
describe('closing alerts whose subject is gone', () => {
  const logger = createLogger({ level: 'error', format: 'json', destination: { write: () => undefined } });
  let dataDir: string;
  let store: Store;
  let stream: InProcessEventStream;
  let nextModel = 0;
  let nextBatch = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-closer-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, DAY_0_MS);
    stream = new InProcessEventStream({ ...configurationSchema.parse({}).stream, onHandlerError: () => undefined });
    await stream.subscribe('plumbline.transitions', async () => undefined, { group: 'alerter' });
  });
  afterAll(async () => {
    await stream.stop();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const declareModel = async (model: string, updatedAtMs = 1, windows: object = {}): Promise<Model> => {
    const declaration = modelDeclarationSchema.parse({ default_monitors: false, windows });
    const declared: Model = { project: 'p', model, declaration, origin: 'declared', updatedAtMs, updatedBy: 't' };
    await saveModel(store, declared);
    return declared;
  };
  const refer = (model: string, features: readonly string[], createdAtMs = 1) =>
    saveReference(store, {
      project: 'p',
      model,
      version: '1',
      referenceId: `ref-${model}-${createdAtMs}`,
      createdAtMs,
      createdBy: 't',
      source: 'test',
      n: 30_000,
      series: features.map(series),
      performance: {},
    });
  const declare = (model: string, values: object | undefined, updatedAtMs = 1) =>
    saveMonitor(store, {
      project: 'p',
      model,
      monitor: 'drift',
      declaration: values && monitorDeclarationSchema.parse({ detector: 'feature_drift', ...values }),
      updatedBy: 't',
      updatedAtMs,
    });
  const newModel = async (values: object = {}): Promise<Model> => {
    const model = await declareModel(`model-${nextModel++}`);
    await declare(model.model, values);
    await refer(model.model, ['age', 'fee']);
    return model;
  };
  const arrive = async (model: string, day: number, age: readonly number[], version = '1') => {
    const minuteMs = DAY_0_MS + day * DAY_MS + 12 * HOUR_MS;
    const n = age.reduce((sum, count) => sum + count, 0);
    const scope = { project: 'p', model, version, segment: '', minuteMs, n };
    const cell = (name: string, counts: readonly number[]) => ({
      ...scope,
      series: name,
      binSetId: `bins-${name}`,
      missing: 0,
      invalid: 0,
      sum: 5 * n,
      sumSquares: 34 * n,
      min: 0,
      max: 10,
      binIndexes: counts.map((_, i) => i),
      binCounts: counts,
    });
    const mark = { project: 'p', model, aspect: 'prediction' as const, hourMs: minuteMs, touchedAtMs: minuteMs };
    await markHoursDirty(store, [mark], `mark-${nextBatch++}`);
    const weights = { weight: n, weightSquares: n };
    await insertCells(
      store,
      [cell('age', age), cell('fee', even)],
      [{ ...scope, idHashSum: 0, errors: 0, latencyN: 0, latencyBinIndexes: [], latencyBinCounts: [], ...weights }],
      `batch-${nextBatch++}`,
    );
  };

  /** One process: it remembers what it planned and which alerts are open. */
  const startProcess = () => {
    const closer = new AlertCloser(store);
    let memory: PlanMemory | undefined;
    return async (model: Model, nowMs: number): Promise<Transition[]> => {
      const declared = await listDeclaredMonitors(store, 'p', model.model);
      const hours = await listTouchedHours(store, 'p', model.model, memory?.touchedSinceMs ?? 0);
      const monitors = monitorsOf(model, declared);
      const due = await planDue(store, model, monitors, memory, hours, 400 * DAY_MS, nowMs, Infinity);
      const evaluated: EvaluatedChain[] = [];
      await closer.learn([model]);
      await runPlans(model, due.plans, {
        monitors,
        store,
        stream,
        logger,
        nowMs,
        references: 'in force',
        signal: new AbortController().signal,
        onConclusion: ({ monitor: { monitor }, everyMs }, { newest, transitions }) => {
          if (transitions.length > 0) closer.forget(model);
          evaluated.splice(0, 1, { ...newest, monitor, everyMs });
        },
      });
      memory = due.memory;
      return closer.close(model, declared, evaluated, nowMs);
    };
  };
  const alertsOf = async ({ model }: Model) =>
    (await listAlerts(store, { project: 'p', model, limit: 10 })).map(({ status, reason }) => [status, reason]);
  const toldOf = async ({ model }: Model) =>
    (await listTransitions(store, { project: 'p', model, limit: 1_000 }))
      .filter(isNotifiable)
      .map(({ from, to }) => `${from}>${to}`);
  /** A model whose feature age drifts on day 0. */
  const firing = async (values: object = {}) => {
    const model = await newModel(values);
    await arrive(model.model, 0, drifted);
    const tick = startProcess();
    expect(await tick(model, afterDay(0))).toEqual([]);
    expect((await alertsOf(model)).map(([status]) => status)).toEqual(['firing']);
    return { model, tick };
  };

  it.each<[string, (model: Model) => Promise<void>, RegExp]>([
    ['deleted', ({ model }) => declare(model, undefined, 2), /: the monitor was deleted\.$/],
    ['disabled', ({ model }) => declare(model, { enabled: false }, 2), /: the monitor was disabled\.$/],
    [
      'given other windows',
      ({ model }) => declare(model, { windows: { every: '2d' } }, afterDay(0) + 1),
      /: the windows of the monitor have another length now\.$/,
    ],
  ])('closes those of a monitor that was %s, by the next tick, and tells it once', async (_, change, reason) => {
    const { model, tick } = await firing();
    await change(model);
    const closed = await tick(model, afterDay(0) + HOUR_MS);
    expect(closed).toHaveLength(1);
    expect(closed[0]!.reason).toMatch(reason);
    expect(await alertsOf(model)).toEqual([['resolved', closed[0]!.reason]]);
    expect(await toldOf(model)).toEqual(['inactive>firing', 'firing>inactive']);
    expect(await tick(model, afterDay(0) + 2 * HOUR_MS)).toEqual([]);
    expect(await startProcess()(model, afterDay(0) + 2 * HOUR_MS)).toEqual([]);
  });

  it('closes one that was resolved by hand and opened once more by who did not know, and only that', async () => {
    const { model, tick } = await firing();
    const { project, model: name } = model;
    const [alert] = await listAlerts(store, { project, model: name, limit: 1 });
    const wanted = { project, model: name, alertId: alert!.alertId, author: 'ann', note: '' };
    const { transition } = (await resolveAlert(store, { ...wanted, nowMs: afterDay(0) + 1 }))!;
    expect(await tick(model, afterDay(0) + HOUR_MS)).toEqual([]);
    const again = {
      from: 'firing',
      to: 'firing',
      severity: 'critical',
      resolvedBy: '',
      reason: 'It drifted on.',
    } as const;
    const decidedAtMs = afterDay(0) + 2 * HOUR_MS;
    await insertTransitions(store, [{ ...transition, ...again, transitionId: `${name} again`, decidedAtMs }], name);
    const closed = await startProcess()(model, decidedAtMs + 1);
    expect(closed.map(({ alertId, to, reason }) => [alertId, to, reason])).toEqual([
      [alert!.alertId, 'inactive', 'Closed without a verdict: it was resolved by hand while it was being decided on.'],
    ]);
    expect((await alertsOf(model)).map(([status]) => status)).toEqual(['resolved']);
  });

  it('closes the same alert under the same id when two processes do it', async () => {
    const { model, tick } = await firing();
    const other = startProcess();
    await other(model, afterDay(0));
    await declare(model.model, undefined, 2);
    const closers = [new AlertCloser(store), new AlertCloser(store)];
    for (const closer of closers) await closer.learn([model]);
    const both = await Promise.all(closers.map((closer, i) => closer.close(model, [], [], afterDay(0) + i)));
    const ids = new Set(both.flat().map(({ transitionId }) => transitionId));
    expect(ids.size).toBe(1);
    expect(await tick(model, afterDay(0) + HOUR_MS)).toEqual([]);
    expect(await toldOf(model)).toEqual(['inactive>firing', 'firing>inactive']);
  });

  it.each<[string, (model: Model) => Promise<void>, RegExp]>([
    ['the reference no longer has', ({ model }) => refer(model, ['fee'], 2), /: age is not measured any more: /],
    ['the monitor no longer names', ({ model }) => declare(model, { features: ['fee'] }, 2), /: age is not measured/],
    [
      'the monitor judges by another method',
      ({ model }) => declare(model, { thresholds: { ks: { critical: 0.9 } } }, 2),
      /: the monitor does not judge psi\.decile any more\.$/,
    ],
  ])('closes those of a feature that %s, with the next window', async (_, change, reason) => {
    const { model, tick } = await firing();
    await change(model);
    expect(await tick(model, afterDay(0) + HOUR_MS)).toEqual([]);
    await arrive(model.model, 1, drifted);
    const closed = await tick(model, afterDay(1));
    expect(closed).toHaveLength(1);
    expect(closed[0]!).toMatchObject({ windowEndMs: DAY_0_MS + 2 * DAY_MS, from: 'firing', to: 'inactive' });
    expect(closed[0]!.reason).toMatch(reason);
    expect(await toldOf(model)).toEqual(['inactive>firing', 'firing>inactive']);
    await arrive(model.model, 2, drifted);
    expect(await tick(model, afterDay(2))).toEqual([]);
    expect((await alertsOf(model)).map(([status]) => status)).toEqual(['resolved']);
  });

  it('fires anew when the subject comes back', async () => {
    const { model, tick } = await firing();
    await declare(model.model, { enabled: false }, 2);
    await tick(model, afterDay(0) + HOUR_MS);
    await declare(model.model, {}, 3);
    await arrive(model.model, 1, drifted);
    expect(await tick(model, afterDay(1))).toEqual([]);
    expect((await alertsOf(model)).map(([status]) => status)).toEqual(['firing', 'resolved']);
    expect(await toldOf(model)).toEqual(['inactive>firing', 'firing>inactive', 'inactive>firing']);
  });

  it('closes those of a version that another replaces after a silence of the whole model', async () => {
    const { model, tick } = await firing();
    await arrive(model.model, 8, even, '2');
    const closed = await tick(model, afterDay(8));
    expect(closed.map(({ version, reason }) => [version, reason])).toEqual([
      ['1', 'Closed without a verdict: version 1 makes no predictions any more, and others do.'],
    ]);
    expect((await alertsOf(model)).map(([status]) => status)).toEqual(['resolved']);
  });

  it('closes those of a model that is silent for thirty windows, and not before', async () => {
    const { model, tick } = await firing();
    expect(await tick(model, afterDay(29))).toEqual([]);
    expect((await tick(model, afterDay(30))).map(({ reason }) => reason)).toEqual([
      'Closed without a verdict: the model has made no predictions for 30 windows or more.',
    ]);
  });

  it('keeps those of windows of another length that somebody asked for', async () => {
    const model = await newModel();
    await arrive(model.model, 0, drifted);
    const nowMs = afterDay(1);
    const request = { model: model.model, from: new Date(DAY_0_MS).toISOString(), every: '2d' };
    const monitors = monitorsOf(model, await listDeclaredMonitors(store, 'p', model.model));
    const to = new Date(DAY_0_MS + 2 * DAY_MS).toISOString();
    const plans = await planRange(store, model, monitors, { ...request, to }, nowMs);
    await runPlans(model, plans, {
      monitors,
      store,
      stream,
      logger,
      nowMs,
      signal: new AbortController().signal,
      references: 'in force',
    });
    const tick = startProcess();
    expect(await tick(model, nowMs + 1)).toEqual([]);
    expect(await tick(model, nowMs + 10 * DAY_MS)).toEqual([]);
    const alerts = await listAlerts(store, { project: 'p', model: model.model, status: 'firing', limit: 10 });
    expect(alerts.map(({ firedAtMs }) => (firedAtMs - DAY_0_MS) / DAY_MS).sort()).toEqual([1, 2]);
  });

  it('keeps those whose window late data decides again', async () => {
    const { model, tick } = await firing({ keep_firing_for: 3 });
    await arrive(model.model, 1, even);
    expect(await tick(model, afterDay(1))).toEqual([]);
    const hourMs = DAY_0_MS + 12 * HOUR_MS;
    const mark = { project: 'p', model: model.model, aspect: 'prediction' as const, hourMs };
    await markHoursDirty(store, [{ ...mark, touchedAtMs: afterDay(1) + 1 }], `mark-${nextBatch++}`);
    expect(await tick(model, afterDay(1) + HOUR_MS)).toEqual([]);
    expect((await alertsOf(model)).map(([status]) => status)).toEqual(['firing']);
  });
});
