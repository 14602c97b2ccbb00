import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelEvent, PredictionEvent } from '@plumbline/contracts';
import { listAlerts, listAlertStatesFrom, listMeasurements, listTransitions, type Store } from '@plumbline/storage';
import { z } from 'zod';
import { EvaluatedStore, Stopped } from '../support/evaluated-store.js';
import { type Arrival, labelTraffic, seededRandom, type Traffic } from '../support/label-traffic.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY_0_MS = Date.UTC(2026, 4, 1);
/** Others than those of the scenarios, which take half a minute each. */
const SEEDS = process.env.PLUMBLINE_TEST_SEEDS?.split(',').map(Number);

interface Scenario {
  readonly model: string;
  readonly declaration: object;
  readonly monitors: Record<string, object>;
  readonly days: number;
  readonly perHour: number;
  readonly latestLabelMs: number;
  readonly steps: number;
  /** From which to which day the model is worse. */
  readonly worse: readonly [number, number];
  readonly seeds: readonly number[];
}

const performance = { detector: 'performance', thresholds: { accuracy: { warning: 0.1, critical: 0.25 } } };

const daily: Scenario = {
  model: 'daily',
  declaration: { positive_class: '1', segments: [{ name: 'north', where: { region: 'north' } }] },
  monitors: {
    performance: { ...performance, for: 2, widen: [2] },
    north: { ...performance, segment: 'north', widen: [3], keep_firing_for: 0 },
  },
  days: 34,
  perHour: 4,
  latestLabelMs: 30 * DAY_MS,
  steps: 7,
  worse: [8, 14],
  seeds: [1],
};
const hourly: Scenario = {
  model: 'hourly',
  declaration: { windows: { every: '1h' } },
  monitors: {
    performance: { ...performance, for: 3, widen: [3] },
    daily: { ...performance, windows: { every: '1d' } },
  },
  days: 2,
  perHour: 60,
  latestLabelMs: 1.5 * DAY_MS,
  steps: 6,
  worse: [0.5, 1],
  seeds: [7],
};

const selectCells = {
  name: 'select performance cells',
  sql: `SELECT * EXCEPT revision FROM performance_cell FINAL WHERE model = {model:String} ORDER BY version, segment, minute`,
  params: z.object({ model: z.string() }),
};

/**
 * What labels come to does not depend on when they come. The engines are the test's own, several at a time: @embedded-only
 */
describe.each([daily, hourly])('labels of the $model model', (scenario) => {
  const folders: string[] = [];
  const newFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-late-'));
    folders.push(folder);
    return folder;
  };
  // One engine at a time in a process: one that a failure left open must not fail the next test too.
  afterEach(() => EvaluatedStore.closeAll());
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const { model, worse } = scenario;
  const endMs = DAY_0_MS + scenario.days * DAY_MS;
  const declare = (evaluated: EvaluatedStore) => evaluated.declare(model, scenario.declaration, scenario.monitors, 0.9);

  /** Evaluates until nothing is due any more. */
  const settle = async (evaluated: EvaluatedStore): Promise<void> => {
    for (let i = 1; i <= 3; i++) await evaluated.tick(endMs + (i * HOUR_MS) / 4);
  };

  it.each(SEEDS ?? scenario.seeds)(
    'come late, early, twice and corrected, under stops, to what a batch computes: seed %i',
    async (seed) => {
      const random = seededRandom(seed);
      const traffic = labelTraffic(
        {
          ...{ model, startMs: DAY_0_MS, endMs, perHour: scenario.perHour, latestLabelMs: scenario.latestLabelMs },
          accuracyAt: (atMs) =>
            atMs >= DAY_0_MS + worse[0] * DAY_MS && atMs < DAY_0_MS + worse[1] * DAY_MS ? 0.55 : 0.9,
        },
        random,
      );
      const arrived = traffic.labels.filter(({ atMs }) => atMs < endMs).map(({ event }) => event);

      const batch = await EvaluatedStore.open(await newFolder());
      await declare(batch);
      const predictions = traffic.predictions.map(({ event }) => event);
      await batch.ingest(
        predictions,
        [...arrived].sort((left, right) => left.timestampMs - right.timestampMs),
        endMs,
      );
      await settle(batch);
      const wanted = await outcome(batch.store, model);
      await batch.close();

      const { live, stops } = await liveRun(scenario, traffic, random, await newFolder(), declare);
      await settle(live);
      const found = await outcome(live.store, model);
      const retrospective = (await listTransitions(live.store, { project: 'p', model, limit: 10_000 })).filter(
        ({ revision }) => revision > 0,
      );
      await live.close();

      console.log(
        `${model}, seed ${seed}: ${predictions.length} predictions, ${arrived.length} labels, ${stops} stops, ` +
          `${found.revised} measurements revised, ${retrospective.length} corrections, ${found.open.length} open alerts`,
      );
      expect(found.measurements).toEqual(wanted.measurements);
      expect(found.cells).toEqual(wanted.cells);
      expect(found.states).toEqual(wanted.states);
      expect(found.open).toEqual(wanted.open);
      // What it is about did happen.
      expect(found.revised).toBeGreaterThan(0);
      expect(retrospective.length).toBeGreaterThan(0);
      expect(retrospective.every(({ reason }) => reason.startsWith('In retrospect, since '))).toBe(true);
      expectAccuracies(wanted.accuracies, predictions, arrived);
    },
    600_000,
  );
});

/** Sends everything as it comes, with stops and restarts in between. */
async function liveRun(
  scenario: Scenario,
  traffic: Traffic,
  random: () => number,
  folder: string,
  declare: (evaluated: EvaluatedStore) => Promise<void>,
) {
  let live = await EvaluatedStore.open(folder);
  await declare(live);
  let stops = 0;
  const lengthMs = scenario.days * DAY_MS;
  for (let step = 1, fromMs = -Infinity; step <= scenario.steps; step++) {
    const toMs =
      DAY_0_MS + Math.round((lengthMs * (step - (step < scenario.steps ? random() * 0.9 : 0))) / scenario.steps);
    const batch = <T>(arrivals: readonly Arrival<T>[]): T[] =>
      shuffled(
        arrivals.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ event }) => event),
        random,
      );
    const [predictions, labels] = [batch<PredictionEvent>(traffic.predictions), batch<LabelEvent>(traffic.labels)];
    fromMs = toMs;
    const half = labels.length >> 1;
    // Anywhere from the first mark of an hour to the mark of the last window.
    if (random() < 0.5) live.stopAfter(Math.floor(random() * 40));
    const deliver = async (): Promise<void> => {
      await live.ingest([], labels.slice(0, half), toMs);
      await live.ingest(predictions, labels.slice(half), toMs + 1);
    };
    if (!(await unlessStopped(deliver))) {
      stops++;
      live = await live.restart();
      await deliver();
    }
    // A delivery again.
    const again = random() < 0.3;
    if (again && !(await unlessStopped(() => live.ingest(predictions.slice(0, 20), labels.slice(0, 50), toMs + 2)))) {
      stops++;
      live = await live.restart();
    }
    if (random() < 0.8 && !(await unlessStopped(() => live.tick(toMs + 10 * 60_000)))) stops++;
    if (random() < 0.3 || live.stopped) live = await live.restart();
    live.stopAfter(Infinity);
  }
  const late = <T>(arrivals: readonly Arrival<T>[]): T[] =>
    arrivals.filter(({ atMs }) => atMs >= DAY_0_MS + lengthMs).map(({ event }) => event);
  // Predictions that were on their way belong to both.
  await live.ingest(late(traffic.predictions), [], DAY_0_MS + lengthMs);
  return { live, stops };
}

/** Returns whether the work was done to its end. */
async function unlessStopped(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
}

/** What is left in the end, but for revisions and the times of decisions. */
async function outcome(store: Store, model: string) {
  const measured = await listMeasurements(store, { project: 'p', model, limit: 100_000 });
  const chains = [
    ...new Map(
      measured.map((each) => {
        const windowMs = each.windowEndMs - each.windowStartMs;
        return [`${each.monitor}/${windowMs}`, { project: 'p', model, monitor: each.monitor, windowMs }];
      }),
    ).values(),
  ];
  const states: unknown[] = [];
  for (const chain of chains)
    for (const { updatedAtMs: _, ...state } of await listAlertStatesFrom(store, chain, 0))
      states.push([chain.monitor, state]);
  const open = await listAlerts(store, { project: 'p', model, status: 'firing', limit: 1000 });
  return {
    measurements: measured.map(({ revision: _, evaluatedAtMs: __, supersededAtMs: ___, reason: ____, ...each }) =>
      Object.fromEntries(
        Object.entries(each).map(([name, value]) => [name, typeof value === 'number' ? rounded(value) : value]),
      ),
    ),
    revised: measured.filter(({ revision }) => revision > 0).length,
    accuracies: measured.filter(({ method, segment }) => method === 'accuracy' && segment === ''),
    cells: (await store.queryCompact(selectCells, { model })).map((row) => row.map(roundedIn)),
    states,
    open: open
      .map(({ alertId, monitor, method, severity, firedAtMs }) => [alertId, monitor, method, severity, firedAtMs])
      .sort(),
  };
}

/** Sums depend in their last digits on the order of their terms. */
function rounded(value: number): number {
  return Number.isFinite(value) && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
}

function roundedIn(value: unknown): unknown {
  return typeof value === 'number' ? rounded(value) : Array.isArray(value) ? value.map(roundedIn) : value;
}

/** Compares with what the events themselves say: the label in force of each prediction of the data of a window. */
function expectAccuracies(
  measured: Awaited<ReturnType<typeof outcome>>['accuracies'],
  predictions: readonly PredictionEvent[],
  labels: readonly LabelEvent[],
): void {
  const inForce = new Map<string, LabelEvent>();
  for (const label of labels) {
    const before = inForce.get(label.predictionId);
    if (before === undefined || label.timestampMs > before.timestampMs) inForce.set(label.predictionId, label);
  }
  expect(measured.length).toBeGreaterThan(0);
  for (const { dataStartMs, windowEndMs, value, nCurrent, nMissing } of measured) {
    const ofWindow = predictions.filter(({ timestampMs }) => timestampMs >= dataStartMs && timestampMs < windowEndMs);
    const labelled = ofWindow.filter(({ predictionId }) => inForce.has(predictionId));
    const right = labelled.filter(({ predictionId, label }) => inForce.get(predictionId)!.label === label);
    expect([nCurrent, nMissing]).toEqual([labelled.length, ofWindow.length - labelled.length]);
    if (labelled.length > 0) expect(value).toBeCloseTo(right.length / labelled.length, 12);
  }
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const copy = [...values];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
