import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type Configuration,
  configurationSchema,
  type EvaluationTick,
  type LabelRecord,
  type Measurement,
  modelDeclarationSchema,
  type MonitorDeclaration,
  monitorDeclarationSchema,
  type ReferenceSeries,
  type TopicName,
  type Transition,
} from '@plumbline/contracts';
import {
  findEvaluationRun,
  insertCells,
  listAlerts,
  listEvaluationMarks,
  listMeasurements,
  listTransitions,
  listTransitionsOfRun,
  markHoursDirty,
  migrate,
  saveEvaluationRuns,
  saveModel,
  saveMonitor,
  saveReference,
  Store,
} from '@plumbline/storage';
import { EventStream, InProcessEventStream, StreamStoppedError } from '@plumbline/stream';
import { CONFIGURATION, createLogger, Health, Metrics, TelemetryModule } from '@plumbline/telemetry';
import { EvaluationService } from './evaluation.service.js';
import { EvaluatorMetrics } from './evaluator.metrics.js';
import { EvaluatorModule } from './evaluator.module.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY_0_MS = Date.UTC(2026, 4, 1);
/** A quarter of an hour after day `index` has ended. */
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

const logger = createLogger({ level: 'error', format: 'json', destination: { write: () => undefined } });

/** A stream some of whose keys another process owns. */
class SharedStream extends InProcessEventStream {
  others: ReadonlySet<string> = new Set();

  override owns(topic: TopicName, key: string): boolean {
    return super.owns(topic, key) && !this.others.has(key);
  }
}

/** @embedded-only: libs/storage has what it reads and writes on a server, split-apps.spec and the conservation harness evaluate on one. */
describe('evaluation on the embedded engine', () => {
  let dataDir: string;
  let store: Store;
  let stream: SharedStream;
  let configuration: Configuration;
  let service: EvaluationService;
  /** Keys that another process owns. */
  const others = new Set<string>();
  const woken: string[] = [];
  const reconciled: string[] = [];
  let afterReconcile: (() => Promise<void>) | undefined;
  let nextModel = 0;
  let nextBatch = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-evaluator-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, DAY_0_MS);
    configuration = configurationSchema.parse({});
    stream = new SharedStream({ ...configuration.stream, onHandlerError: () => undefined });
    stream.others = others;
    await stream.subscribe('plumbline.ticks', async () => undefined, { group: 'evaluator' });
    await stream.subscribe(
      'plumbline.labels',
      async ({ records }) => {
        for (const { value } of records) {
          if (value.type !== 'reconcile') continue;
          reconciled.push(value.model);
          await afterReconcile?.();
        }
      },
      { group: 'ingester' },
    );
    await stream.subscribe(
      'plumbline.transitions',
      async ({ records }) => void woken.push(...records.map(({ value }) => value.model)),
      { group: 'alerter' },
    );
    service = startProcess();
  });
  afterAll(async () => {
    await stream.stop();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** A process: what it remembers of the ticks before is gone. */
  const startProcess = (): EvaluationService =>
    new EvaluationService(store, stream, logger, new EvaluatorMetrics(new Metrics({ version: 't' })), configuration);
  const tick = (nowMs: number, evaluation = service) => evaluation.evaluateDue(nowMs, new AbortController().signal);
  const range = async (model: string, request: object, nowMs: number) => {
    const told: Transition[] = [];
    const progress = { total: 0, done: 0, told };
    await service.evaluateRange(
      'p',
      { model, from: at(DAY_0_MS), to: at(DAY_0_MS + 30 * DAY_MS), ...request },
      () => nowMs,
      {
        planned: (windows) => void (progress.total = windows),
        windowDone: () => progress.done++,
        decided: (transitions) => told.push(...transitions),
      },
      new AbortController().signal,
    );
    return progress;
  };
  const at = (ms: number): string => new Date(ms).toISOString();

  const newModel = async (monitors: Record<string, object> = {}, accuracy = 0.95): Promise<string> => {
    const model = `model-${nextModel++}`;
    const declaration = modelDeclarationSchema.parse({ task: 'binary', default_monitors: false });
    await saveModel(store, { project: 'p', model, declaration, origin: 'declared', updatedAtMs: 1, updatedBy: 't' });
    for (const [monitor, values] of Object.entries(monitors)) {
      await declare(model, monitor, monitorDeclarationSchema.parse(values));
    }
    await saveReference(store, {
      project: 'p',
      model,
      version: '1',
      referenceId: `ref-${model}`,
      createdAtMs: 1,
      createdBy: 't',
      source: 'test',
      n: 30_000,
      series: [series('age'), series('fee')],
      performance: { accuracy },
    });
    return model;
  };
  const declare = (model: string, monitor: string, declaration: MonitorDeclaration) =>
    saveMonitor(store, { project: 'p', model, monitor, declaration, updatedBy: 't', updatedAtMs: 1 });

  /** Writes the cells of some rows at noon of a day. */
  const arrive = async (model: string, day: number, age: readonly number[], version = '1') => {
    const minuteMs = DAY_0_MS + day * DAY_MS + 12 * HOUR_MS;
    const n = age.reduce((sum, count) => sum + count, 0);
    const cell = (name: string, counts: readonly number[]) => ({
      project: 'p',
      model,
      version,
      segment: '',
      series: name,
      binSetId: `bins-${name}`,
      minuteMs,
      n,
      missing: 0,
      invalid: 0,
      sum: 5 * n,
      sumSquares: 34 * n,
      min: 0,
      max: 10,
      binIndexes: counts.map((_, i) => i),
      binCounts: counts,
    });
    // As ingest does: the mark first. Nobody checks the hour here, so it stays marked and is read by its minutes.
    const mark = { project: 'p', model, aspect: 'prediction' as const, hourMs: minuteMs, touchedAtMs: minuteMs };
    await markHoursDirty(store, [mark], `mark-${nextBatch++}`);
    const fee = even.map((count) => (count * n) / 1000);
    const traffic = { project: 'p', model, version, segment: '', minuteMs, n, idHashSum: 0, errors: 0 };
    await insertCells(
      store,
      [cell('age', age), cell('fee', fee)],
      [{ ...traffic, latencyN: 0, latencyBinIndexes: [], latencyBinCounts: [], weight: n, weightSquares: n }],
      `batch-${nextBatch++}`,
    );
  };
  /** Labels of a day become known: `correct` of `labelled` predictions were right. */
  const label = async (model: string, day: number, correct: number, labelled: number, touchedAtMs: number) => {
    const hourMs = DAY_0_MS + day * DAY_MS + 12 * HOUR_MS;
    const row = {
      project: 'p',
      model,
      version: '1',
      segment: '',
      minute: at(hourMs).slice(0, 19).replace('T', ' '),
      labelled,
      // Predicted 1 and true 1; predicted 1 and true 0.
      confusion: { '1:11': correct, '1:10': labelled - correct },
      revision: touchedAtMs,
    };
    await store.insert('performance_cell', [row], `labels-${nextBatch++}`);
    const mark = { project: 'p', model, aspect: 'label' as const, hourMs, touchedAtMs };
    await markHoursDirty(store, [mark], `mark-${nextBatch++}`);
  };
  const measurementsOf = async (model: string, filter: object = {}): Promise<Measurement[]> =>
    (await listMeasurements(store, { project: 'p', model, limit: 1000, ...filter })).reverse();
  const historyOf = async (model: string): Promise<string[]> =>
    (await listTransitions(store, { project: 'p', model, limit: 100 })).map(
      ({ feature, windowEndMs, from, to }) => `${(windowEndMs - DAY_0_MS) / DAY_MS - 1}${feature}:${from}>${to}`,
    );

  const drift = { detector: 'feature_drift' };
  const performance = { detector: 'performance' };

  it('carries on where a stop interrupted it', async () => {
    const model = await newModel({ drift });
    for (let day = 0; day < 30; day++) await arrive(model, day, even);
    const abort = new AbortController();
    const stopping = startProcess();
    setImmediate(() => abort.abort());
    await stopping.evaluateDue(afterDay(29), abort.signal);
    expect((await measurementsOf(model, { method: 'ks', feature: 'age' })).length).toBeLessThan(30);
    await tick(afterDay(29), startProcess());
    expect(await measurementsOf(model, { method: 'ks', feature: 'age' })).toHaveLength(30);
  });

  it('is silent before a drift, tells it once, and says when it is over', async () => {
    const model = await newModel({ drift });
    for (const day of [0, 1, 2]) await arrive(model, day, even);
    expect(await tick(afterDay(2))).toBe(true);
    expect(await historyOf(model)).toEqual([]);
    expect((await measurementsOf(model)).map(({ severity }) => severity)).toEqual(new Array(12).fill('ok'));

    await arrive(model, 3, drifted);
    await tick(afterDay(3) - HOUR_MS);
    expect(woken).not.toContain(model);
    await tick(afterDay(3));
    expect(await historyOf(model)).toEqual(['3age:inactive>firing']);
    expect(woken.filter((name) => name === model)).toHaveLength(1);
    expect(reconciled).toContain(model);
    const [alert] = await listAlerts(store, { project: 'p', model, limit: 10 });
    expect(alert).toMatchObject({ feature: 'age', method: 'psi.decile', status: 'firing', severity: 'critical' });
    expect(alert!.reason).toMatch(
      /^PSI of age is 0\.\d+ on 1000 rows against 30000 of the reference .* critical bound 0\.25/,
    );

    await tick(afterDay(3) + 1);
    await tick(afterDay(3) + HOUR_MS, startProcess());
    expect(await measurementsOf(model)).toHaveLength(16);
    for (const day of [4, 5]) await arrive(model, day, even);
    await tick(afterDay(5));
    expect(await historyOf(model)).toEqual([
      '3age:inactive>firing',
      '4age:firing>recovering',
      '5age:recovering>inactive',
    ]);
    expect((await listAlerts(store, { project: 'p', model, limit: 10 }))[0]).toMatchObject({
      status: 'resolved',
      resolvedAtMs: DAY_0_MS + 6 * DAY_MS,
    });
  });

  it('evaluates history that is imported after a tick found nothing', async () => {
    const model = await newModel({ drift });
    const evaluation = startProcess();
    const importedAtMs = DAY_0_MS + 10 * DAY_MS;
    await tick(importedAtMs - HOUR_MS, evaluation);
    for (const day of [0, 1, 2]) {
      await arrive(model, day, even);
      const hourMs = DAY_0_MS + day * DAY_MS + 12 * HOUR_MS;
      const mark = { project: 'p', model, aspect: 'prediction' as const, hourMs, touchedAtMs: importedAtMs };
      await markHoursDirty(store, [mark], `mark-${nextBatch++}`);
    }
    await tick(importedAtMs + HOUR_MS, evaluation);
    const ends = new Set((await measurementsOf(model)).map(({ windowEndMs }) => (windowEndMs - DAY_0_MS) / DAY_MS));
    expect([...ends].filter((end) => end <= 3).sort()).toEqual([1, 2, 3]);
  });

  it('widens a window that has too little, and says so', async () => {
    const model = await newModel({ drift });
    for (const day of [0, 1, 2])
      await arrive(
        model,
        day,
        even.map((n) => n / 10),
      );
    await tick(afterDay(2));
    const psi = await measurementsOf(model, { method: 'psi.decile', feature: 'age' });
    expect(psi.map(({ nCurrent, severity }) => [nCurrent, severity])).toEqual([
      [100, 'insufficient_data'],
      [200, 'ok'],
      [300, 'ok'],
    ]);
    expect(psi[2]).toMatchObject({ dataStartMs: DAY_0_MS, windowStartMs: DAY_0_MS + 2 * DAY_MS });
    expect(psi[2]!.reason).toMatch(/over 3 windows\.$/);
    // A part of the budget of one false alarm a month, not the level that stands where nobody counts.
    expect(psi[2]!.alpha).toBeGreaterThan(0);
    expect(psi[2]!.alpha).not.toBe(0.01);
    const ks = await measurementsOf(model, { method: 'ks', feature: 'age' });
    expect(ks.map(({ nCurrent }) => nCurrent)).toEqual([100, 100, 100]);
  });

  describe('late labels', () => {
    it('raise an alert in retrospect, of the window they belong to', async () => {
      const model = await newModel({ drift, performance });
      for (const day of [0, 1, 2]) await arrive(model, day, even);
      await tick(afterDay(2));
      const before = await measurementsOf(model, { monitor: 'performance' });
      expect(before.map(({ severity, revision }) => [severity, revision])).toEqual(
        new Array(3).fill(['insufficient_data', 0]),
      );

      await label(model, 1, 700, 1000, afterDay(2) + 1000);
      await tick(afterDay(2) + 2000);
      // Not before the settle delay has passed again.
      expect(await historyOf(model)).toEqual([]);
      await tick(afterDay(2) + HOUR_MS);
      expect(await historyOf(model)).toEqual(['1:inactive>firing']);
      const [transition] = await listTransitions(store, { project: 'p', model, limit: 1 });
      expect(transition).toMatchObject({ revision: 1, severity: 'critical', value: 0.7, nCurrent: 1000 });
      expect(transition!.reason).toMatch(
        /^In retrospect, since labels that came until 2026-05-04T00:15:01\.000Z made accuracy known in this window, 0\.7 \(revision 1\): Accuracy is 0\.7 .*1000 of 1000 predictions have a label/,
      );
      const after = await measurementsOf(model, { monitor: 'performance', method: 'accuracy' });
      // The window after it has no labels of its own, and is judged by those before: it was widened.
      expect(after.map(({ windowEndMs, revision }) => [(windowEndMs - DAY_0_MS) / DAY_MS - 1, revision])).toEqual([
        [0, 0],
        [1, 1],
        [2, 1],
      ]);
      expect((await measurementsOf(model, { monitor: 'drift' })).every(({ revision }) => revision === 0)).toBe(true);

      await label(model, 1, 950, 1000, afterDay(2) + HOUR_MS + 1000);
      await tick(afterDay(2) + 2 * HOUR_MS, startProcess());
      expect(await historyOf(model)).toEqual(['1:inactive>firing', '1:firing>inactive']);
      expect((await listAlerts(store, { project: 'p', model, limit: 1 }))[0]).toMatchObject({ status: 'resolved' });
      const told = await listTransitions(store, { project: 'p', model, limit: 9 });
      expect(told.at(-1)!.reason).toMatch(
        /^In retrospect, since labels that came until .* changed accuracy in this window from 0\.7 to 0\.95 \(revision 2\): Accuracy/,
      );
      const revisions = await measurementsOf(model, {
        method: 'accuracy',
        toMs: DAY_0_MS + 2 * DAY_MS,
        revisions: 'all',
      });
      expect(revisions.map(({ revision, value }) => [revision, value])).toEqual([
        [0, NaN],
        [0, NaN],
        [1, 0.7],
        [2, 0.95],
      ]);
    });

    it('open no window again but those that were judged by their predictions', async () => {
      const model = await newModel({ performance: { ...performance, widen: [2] }, drift });
      for (const day of [0, 1, 2, 3, 4, 5]) await arrive(model, day, even);
      for (const day of [0, 1, 3, 4]) await label(model, day, 950, 1000, DAY_0_MS + day * DAY_MS + 13 * HOUR_MS);
      await tick(afterDay(5));
      const evaluations = async (monitor: string) =>
        (await listEvaluationMarks(store, { project: 'p', model, monitor, windowMs: DAY_MS }, 0)).map(
          ({ windowEndMs, evaluatedAtMs }) => [(windowEndMs - DAY_0_MS) / DAY_MS - 1, evaluatedAtMs],
        );
      const [before, driftBefore] = [await evaluations('performance'), await evaluations('drift')];
      expect(before.map(([day]) => day)).toEqual([0, 1, 2, 3, 4, 5]);
      // Day 2 and day 5 have no label of their own, and are judged by those of the day before.
      const lateMs = afterDay(5) + HOUR_MS;
      await label(model, 1, 940, 1000, lateMs);
      await tick(lateMs + HOUR_MS);
      const after = await evaluations('performance');
      expect(after.filter(([, atMs], i) => atMs !== before[i]![1]).map(([day]) => day)).toEqual([1, 2]);
      expect(await evaluations('drift')).toEqual(driftBefore);
    });

    it('are looked at though the clock was set back since the evaluation, and no window twice for nothing', async () => {
      const model = await newModel({ performance });
      await arrive(model, 0, even);
      const evaluation = startProcess();
      await tick(afterDay(4), evaluation);
      const backMs = afterDay(1);
      await label(model, 0, 700, 1000, backMs);
      await tick(backMs + 1000, evaluation);
      expect(await historyOf(model)).toContain('0:inactive>firing');
      const evaluatedAt = async () =>
        (await listEvaluationMarks(store, { project: 'p', model, monitor: 'performance', windowMs: DAY_MS }, 0)).map(
          ({ evaluatedAtMs }) => evaluatedAtMs,
        );
      const before = await evaluatedAt();
      await tick(backMs + 2000, evaluation);
      expect(await evaluatedAt()).toEqual(before);
      await label(model, 0, 950, 1000, backMs + 3000);
      await tick(backMs + 4000, startProcess());
      expect((await listAlerts(store, { project: 'p', model, limit: 1 }))[0]).toMatchObject({ status: 'resolved' });
    });

    it('are looked at when they come while a window is measured, though the clock was set back before', async () => {
      const model = await newModel({ performance });
      await arrive(model, 0, even);
      await tick(afterDay(4));
      const backMs = afterDay(1);
      await label(model, 0, 700, 1000, backMs);
      const mark = { project: 'p', model, aspect: 'label' as const, hourMs: DAY_0_MS + 12 * HOUR_MS };
      // Marked when the cells have just been made whole; its row is there only after the window was measured.
      afterReconcile = () => markHoursDirty(store, [{ ...mark, touchedAtMs: backMs + 500 }], `while-measured-${model}`);
      await tick(backMs + 1000);
      afterReconcile = undefined;
      expect(await historyOf(model)).toContain('0:inactive>firing');
      const minute = at(mark.hourMs).slice(0, 19).replace('T', ' ');
      const row = { project: 'p', model, version: '1', segment: '', minute, labelled: 1000, revision: afterDay(9) };
      await store.insert('performance_cell', [{ ...row, confusion: { '1:11': 950, '1:10': 50 } }], `late-${model}`);
      await tick(backMs + 2000);
      expect((await listAlerts(store, { project: 'p', model, limit: 1 }))[0]).toMatchObject({ status: 'resolved' });
    });

    it('that change nothing leave the revision as it is', async () => {
      const model = await newModel({ performance });
      await arrive(model, 0, even);
      await label(model, 0, 950, 1000, DAY_0_MS);
      await tick(afterDay(0));
      await label(model, 0, 950, 1000, afterDay(0) + 1000);
      await tick(afterDay(0) + HOUR_MS);
      expect(
        (await measurementsOf(model, { method: 'accuracy' })).map(({ revision, severity }) => [revision, severity]),
      ).toEqual([[0, 'ok']]);
    });
  });

  it('resolves the alerts of a version that another has replaced', async () => {
    const model = await newModel({ drift });
    await arrive(model, 0, drifted);
    for (const day of [1, 2, 3, 4, 5, 6]) await arrive(model, day, even, '2');
    await tick(afterDay(6));
    expect(await historyOf(model)).toEqual([
      '0age:inactive>firing',
      '1age:firing>recovering',
      '2age:recovering>inactive',
    ]);
    const retired = await measurementsOf(model, { version: '1', feature: 'age', method: 'psi.decile' });
    expect(retired.map(({ severity }) => severity)).toEqual(['critical', 'no_data', 'no_data']);
    expect(await measurementsOf(model, { version: '2', severity: 'ok' })).toHaveLength(24);
  });

  it('closes the alerts of a monitor that was deleted, and wakes the alerter once', async () => {
    const model = await newModel({ drift });
    await arrive(model, 0, drifted);
    await tick(afterDay(0));
    const wokenBefore = woken.filter((name) => name === model).length;
    const gone = { declaration: undefined, updatedBy: 't', updatedAtMs: 2 };
    await saveMonitor(store, { project: 'p', model, monitor: 'drift', ...gone });
    await tick(afterDay(0) + HOUR_MS);
    await tick(afterDay(0) + 2 * HOUR_MS);
    await tick(afterDay(0) + 3 * HOUR_MS, startProcess());
    expect(await historyOf(model)).toEqual(['0age:inactive>firing', '0age:firing>inactive']);
    const [alert] = await listAlerts(store, { project: 'p', model, limit: 1 });
    expect(alert).toMatchObject({
      status: 'resolved',
      severity: 'critical',
      reason: 'Closed without a verdict: the monitor was deleted.',
    });
    expect(woken.filter((name) => name === model)).toHaveLength(wokenBefore + 1);
  });

  it('keeps the alerts of a model that has fallen silent', async () => {
    const model = await newModel({ drift });
    await arrive(model, 0, drifted);
    await tick(afterDay(5));
    expect((await listAlerts(store, { project: 'p', model, limit: 1 }))[0]).toMatchObject({ status: 'firing' });
  });

  it('evaluates a range of the past in windows of its own, twice with the same result', async () => {
    const model = await newModel({ drift, performance });
    for (const day of [0, 1, 2, 3]) await arrive(model, day, day < 2 ? even : drifted);
    const nowMs = DAY_0_MS + 200 * DAY_MS;
    const request = { every: '2d', to: at(DAY_0_MS + 5 * DAY_MS) };
    const first = await range(model, request, nowMs);
    expect([first.total, first.done]).toEqual([2, 2]);
    expect(first.told.map(({ feature, from, to, windowEndMs }) => [feature, from, to, windowEndMs])).toEqual([
      ['age', 'inactive', 'firing', DAY_0_MS + 4 * DAY_MS],
    ]);
    const again = await range(model, request, nowMs + 5);
    expect([again.total, again.done, again.told.length]).toEqual([2, 2, 0]);
    const measured = await measurementsOf(model, { feature: 'age', method: 'psi.decile' });
    expect(measured.map(({ severity, revision }) => [severity, revision])).toEqual([
      ['ok', 0],
      ['critical', 0],
    ]);
  });

  it('refuses windows as long as a monitor’s own that begin elsewhere: their alerts would mix', async () => {
    const model = await newModel({ drift });
    await arrive(model, 0, even);
    const request = { every: '1d', from: at(DAY_0_MS + 6 * HOUR_MS), to: at(DAY_0_MS + 3 * DAY_MS) };
    await expect(range(model, request, DAY_0_MS + 9 * DAY_MS)).rejects.toThrow(
      `begin at ${new Date(DAY_0_MS).toISOString()}`,
    );
  });

  it('fills a gap before windows that are decided, and corrects these', async () => {
    const model = await newModel({ drift: { ...drift, for: 2 } });
    for (const day of [0, 1, 2]) await arrive(model, day, drifted);
    const nowMs = DAY_0_MS + 200 * DAY_MS;
    await range(model, { from: at(DAY_0_MS + DAY_MS), to: at(DAY_0_MS + 3 * DAY_MS) }, nowMs);
    expect(await historyOf(model)).toEqual(['1age:inactive>pending', '2age:pending>firing']);
    await range(model, { to: at(DAY_0_MS + DAY_MS) }, nowMs + 1);
    const [alert, earlier] = await listAlerts(store, { project: 'p', model, limit: 10 });
    expect(alert).toMatchObject({ status: 'resolved', firedAtMs: DAY_0_MS + 3 * DAY_MS });
    expect(earlier).toMatchObject({ status: 'firing', firedAtMs: DAY_0_MS + 2 * DAY_MS });
  });

  it.each([
    ['an unknown model', { model: 'nobody' }, 'there is no model "nobody"'],
    ['an unknown monitor', { monitors: ['nothing'] }, 'there is no monitor "nothing" in force'],
    [
      'too many windows',
      { every: '1m', to: '2030-01-01T00:00:00Z', from: '2020-01-01T00:00:00Z' },
      'ask for less at a time',
    ],
  ])('refuses %s', async (_, request, message) => {
    const model = await newModel({ drift });
    await expect(range(model, request, Date.UTC(2031, 0, 1))).rejects.toThrow(message);
  });

  it('is harmless when two processes evaluate one model at once', async () => {
    const days = [even, drifted, drifted, even, even, even];
    const told = async (evaluate: (nowMs: number) => Promise<unknown>) => {
      const model = await newModel({ drift, performance });
      for (const [day, age] of days.entries()) await arrive(model, day, age);
      await evaluate(afterDay(2));
      await evaluate(afterDay(5));
      const alerts = await listAlerts(store, { project: 'p', model, limit: 10 });
      return { history: await historyOf(model), alerts: alerts.map(({ status, feature }) => `${feature} ${status}`) };
    };
    const once = await told((nowMs) => tick(nowMs));
    const twice = await told((nowMs) => Promise.all([tick(nowMs, startProcess()), tick(nowMs + 7, startProcess())]));
    expect(once.history).toContain('1age:inactive>firing');
    expect(twice).toEqual(once);
  });

  it('evaluates only what is its own, and what it has taken over as the one before left it', async () => {
    const model = await newModel({ drift });
    await arrive(model, 0, even);
    await arrive(model, 1, drifted);
    const [first, second] = [startProcess(), startProcess()];
    await tick(afterDay(0), first);
    others.add(`p/${model}`);
    await tick(afterDay(1), first);
    expect(await historyOf(model)).toEqual([]);
    others.delete(`p/${model}`);
    await tick(afterDay(1), second);
    expect(await historyOf(model)).toEqual(['1age:inactive>firing']);
    await tick(afterDay(1) + HOUR_MS, first);
    expect(await historyOf(model)).toEqual(['1age:inactive>firing']);
  });

  describe('as a module', () => {
    const newStream = async (reconciling: (record: LabelRecord) => Promise<void> = async () => undefined) => {
      const own = new InProcessEventStream({
        ...configuration.stream,
        onHandlerError: (error) => {
          if (!(error instanceof StreamStoppedError)) throw error;
        },
      });
      await own.subscribe(
        'plumbline.labels',
        async ({ records }) => {
          for (const { value } of records) await reconciling(value);
        },
        { group: 'ingester' },
      );
      await own.subscribe('plumbline.transitions', async () => undefined, { group: 'alerter' });
      return own;
    };

    const start = async (own: EventStream, metrics = new Metrics({ version: 't' })) => {
      @Global()
      @Module({
        providers: [
          {
            provide: CONFIGURATION,
            useValue: { ...configuration, evaluation: { ...configuration.evaluation, tick: '1s' } },
          },
          { provide: Store, useValue: store },
          { provide: EventStream, useValue: own },
        ],
        exports: [CONFIGURATION, Store, EventStream],
      })
      class PlatformModule {}

      const telemetry = TelemetryModule.forRoot({ logger, metrics, health: new Health(), version: 't' });
      @Module({ imports: [telemetry, PlatformModule, EvaluatorModule] })
      class TestModule {}

      return NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
    };

    const tickOf = (model: string): EvaluationTick => ({
      type: 'evaluation',
      project: 'p',
      model,
      evaluationId: `evaluation of ${model}`,
      request: { model, from: at(DAY_0_MS), to: at(DAY_0_MS + DAY_MS) },
      requestedAtMs: DAY_0_MS,
    });
    const recordOf = (tick: EvaluationTick) => ({ key: `p/${tick.model}`, value: tick, sizeBytes: 1 });
    const until = async (done: () => Promise<boolean>) => {
      while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const runOf = ({ evaluationId }: EvaluationTick) => findEvaluationRun(store, 'p', evaluationId);

    it('ticks, and evaluates on request', async () => {
      const model = await newModel({ drift });
      await arrive(model, 0, drifted);
      const metrics = new Metrics({ version: 't' });
      const own = await newStream();
      const app = await start(own, metrics);
      const [asked, failing] = [tickOf(model), tickOf('nobody')];
      await own.publish('plumbline.ticks', [recordOf(asked), recordOf(failing)]);

      const run = (await runOf(asked))!;
      expect(run).toMatchObject({ status: 'done', windowsTotal: 1, windowsDone: 1, attempts: 1, error: '' });
      expect(await listTransitionsOfRun(store, run)).toMatchObject([
        { feature: 'age', to: 'firing', monitor: 'drift' },
      ]);
      expect(await runOf(failing)).toMatchObject({ status: 'failed', error: 'there is no model "nobody"' });
      await until(async () => /last_success_timestamp_seconds [1-9]/.test(await metrics.registry.metrics()));
      expect(await metrics.registry.metrics()).toMatch(
        /plumbline_drift_score\{project="p",model="model-\d+",version="1",feature="age",method="ks"\} 0\.2/,
      );

      // Delivered again, as by a broker whose acknowledgement was lost: what has its end keeps it.
      await own.publish('plumbline.ticks', [recordOf(asked)]);
      expect(await runOf(asked)).toEqual(run);
      await app.close();
      await own.stop();
    });

    it('does again what another process began, and tells of the transitions of both', async () => {
      const model = await newModel({ drift });
      await arrive(model, 0, drifted);
      const asked = tickOf(model);
      const died = await range(model, { to: asked.request.to }, DAY_0_MS + 9 * DAY_MS);
      expect(died.told).toHaveLength(1);
      await saveEvaluationRuns(store, [
        {
          project: 'p',
          model,
          evaluationId: asked.evaluationId,
          status: 'running',
          windowsTotal: 1,
          windowsDone: 0,
          attempts: 1,
          decidedAtMs: [DAY_0_MS + 9 * DAY_MS],
          error: '',
          requestedAtMs: DAY_0_MS,
          updatedAtMs: DAY_0_MS,
        },
      ]);
      const own = await newStream();
      const app = await start(own);
      await own.publish('plumbline.ticks', [recordOf(asked)]);
      const run = (await runOf(asked))!;
      expect(run).toMatchObject({ status: 'done', windowsDone: 1, attempts: 2 });
      expect(await listTransitionsOfRun(store, run)).toMatchObject([{ feature: 'age', to: 'firing' }]);
      await app.close();
      await own.stop();
    });

    it('says that it was interrupted when the process stops and no other has the queue', async () => {
      const model = await newModel({ drift });
      await arrive(model, 0, drifted);
      const asked = tickOf(model);
      const apps: INestApplicationContext[] = [];
      let closed: Promise<void> | undefined;
      // The process stops while the request waits for the ingester.
      const own = await newStream(async () => {
        closed ??= apps[0]!.close();
      });
      apps.push(await start(own));
      // Refused, or taken when it is delivered again before the stream stops and is found to have its end.
      const published = Promise.allSettled([own.publish('plumbline.ticks', [recordOf(asked)])]);
      await until(async () => (await runOf(asked))?.status === 'failed');
      expect((await runOf(asked))!.error).toBe('the server stopped before the evaluation was done: ask again');
      await closed;
      await own.stop();
      await published;
    });
  });
});
