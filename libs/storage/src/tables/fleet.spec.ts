import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measurement, modelDeclarationSchema, type Transition } from '@plumbline/contracts';
import { dailyMeasurement } from '../../../../test/support/daily-measurement.js';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertEvaluationMarks } from './evaluation.js';
import { countPredictions, listFleet, readFleetDetails } from './fleet.js';
import { insertMeasurements } from './measurement.js';
import { saveModels } from './model.js';
import { insertTransitions } from './transition.js';

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 0, 10);
const NOW_MS = END_MS + 3_600_000;

describe('the fleet', () => {
  let dataDir: string;
  let store: Store;

  const measurement = (values: Partial<Measurement>): Measurement =>
    dailyMeasurement({ windowEndMs: END_MS, evaluatedAtMs: END_MS, ...values });
  const transition = (values: Partial<Transition>): Transition => ({
    transitionId: `${values.alertId}-${values.to}`,
    project: 'p',
    model: 'm',
    monitor: 'feature-drift',
    alertId: 'a',
    version: '1',
    segment: '',
    feature: 'age',
    method: 'psi.decile',
    windowStartMs: END_MS - DAY_MS,
    windowEndMs: END_MS,
    revision: 0,
    from: 'inactive',
    to: 'firing',
    severity: 'warning',
    severityBefore: 'ok',
    value: 0.2,
    threshold: 0.1,
    nCurrent: 100,
    pValue: NaN,
    reason: '',
    resolvedBy: '',
    decidedAtMs: END_MS,
    ...values,
  });
  const evaluated = async (
    model: string,
    monitor: string,
    endsMs: readonly number[],
    { project = 'p', windowMs = DAY_MS } = {},
  ): Promise<void> =>
    insertEvaluationMarks(
      store,
      { project, model, monitor, windowMs },
      endsMs.map((windowEndMs) => ({
        windowEndMs,
        dataStartMs: windowEndMs - windowMs,
        revision: 0,
        evaluatedAtMs: END_MS + 1_000,
      })),
      `${model}/${monitor}`,
    );
  const model = (name: string, project = 'p') => ({
    project,
    model: name,
    declaration: modelDeclarationSchema.parse(name === 'm' ? { task: 'binary' } : {}),
    origin: 'declared' as const,
    updatedAtMs: END_MS,
    updatedBy: 'test',
  });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-fleet-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, NOW_MS);
    await saveModels(
      store,
      ['m', 'new', 'replaced', 'silent', 'unknown'].map((name) => model(name)),
    );
    await saveModels(store, [model('foreign', 'q')]);
    for (const name of ['m', 'replaced', 'silent', 'unknown'])
      await evaluated(name, 'feature-drift', [END_MS - DAY_MS, END_MS]);
    await insertTransitions(
      store,
      [
        transition({ alertId: 'a' }),
        transition({ alertId: 'b', severity: 'critical' }),
        transition({ alertId: 'over' }),
        transition({ alertId: 'over', to: 'inactive', from: 'firing', severity: 'ok', decidedAtMs: END_MS + 1 }),
        transition({ alertId: 'foreign', project: 'q' }),
      ],
      'seed',
    );
    await insertMeasurements(
      store,
      [
        measurement({ feature: 'age', severity: 'warning' }),
        measurement({ feature: 'age', method: 'ks', severity: 'critical' }),
        measurement({ feature: 'income' }),
        measurement({ feature: 'country', severity: 'warning', decides: false }),
        measurement({ feature: 'city', segment: 'country=DE', severity: 'warning' }),
        measurement({ feature: '$prediction', monitor: 'prediction-drift', severity: 'warning' }),
        measurement({ feature: 'income', windowEndMs: END_MS - DAY_MS, severity: 'critical' }),
        ...[0.7, 0.8].flatMap((value, day) =>
          [1, 2].map((version) =>
            measurement({
              monitor: 'performance',
              feature: '',
              method: 'accuracy',
              version: String(version),
              value: value + version / 100,
              nCurrent: version === 1 ? 100 : 10,
              windowEndMs: END_MS - DAY_MS * (1 - day),
            }),
          ),
        ),
        measurement({ model: 'unknown', severity: 'no_reference' }),
        measurement({ model: 'unknown', feature: 'income', severity: 'ok' }),
        measurement({ model: 'silent', severity: 'no_data' }),
        measurement({ model: 'replaced', severity: 'no_data', version: '1' }),
        measurement({ model: 'replaced', severity: 'ok', version: '2' }),
        measurement({
          model: 'm',
          monitor: 'data-quality',
          method: 'missing_rate',
          severity: 'error',
          windowEndMs: END_MS - DAY_MS,
        }),
      ],
      'seed',
    );
    // Late data: what was there at first does not count any more.
    await insertMeasurements(
      store,
      [
        measurement({ feature: 'income', severity: 'warning', revision: 1, evaluatedAtMs: END_MS + 5 }),
        measurement({ model: 'silent', severity: 'ok', revision: 1, evaluatedAtMs: END_MS + 5 }),
      ],
      'later',
    );
    for (const monitor of ['performance', 'prediction-drift', 'data-quality']) {
      await evaluated('m', monitor, [END_MS - DAY_MS, END_MS]);
    }
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('tells of each model of the project what fires and what could not be judged, as it stands', async () => {
    const fleet = await listFleet(store, 'p', NOW_MS);
    expect(fleet.map(({ model }) => model)).toEqual(['m', 'new', 'replaced', 'silent', 'unknown']);
    const of = (name: string) => fleet.find(({ model }) => model === name);
    expect(of('m')).toMatchObject({ task: 'binary', firing: 2, evaluatedAtMs: END_MS + 1_000, unjudged: [] });
    expect([...of('m')!.firingSeverities].sort()).toEqual(['critical', 'warning']);
    expect(of('new')).toEqual({
      model: 'new',
      task: '',
      firing: 0,
      firingSeverities: [],
      evaluatedAtMs: 0,
      evaluations: '',
      unjudged: [],
    });
    expect(of('unknown')).toMatchObject({ unjudged: ['no_reference'] });
    // A version that was replaced has no data for ever, and late data has come since.
    expect(of('replaced')).toMatchObject({ unjudged: [] });
    expect(of('silent')).toMatchObject({ unjudged: [] });
  });

  it('tells what the newest windows found, and the trend of the version with the most labels', async () => {
    const minute = '2026-01-09 23:00:00';
    await store.insert(
      'traffic_cell',
      [
        { project: 'p', model: 'm', version: '1', segment: '', minute, n: 3, sum_weight: 30 },
        { project: 'p', model: 'm', version: '1', segment: 's', minute, n: 3, sum_weight: 30 },
        { project: 'p', model: 'm', version: '1', segment: '', minute: '2026-01-08 23:00:00', n: 3, sum_weight: 3 },
      ],
      'traffic',
    );
    expect(await countPredictions(store, 'p', ['m', 'new'], NOW_MS - DAY_MS)).toEqual(new Map([['m', 30]]));
    const details = await readFleetDetails(store, 'p', ['m', 'new']);
    expect(details.get('m')).toEqual({
      driftedFeatures: 2,
      measuredFeatures: 2,
      performance: [{ metric: 'accuracy', decides: true, severity: 'ok', windowEndMs: END_MS, values: [0.71, 0.81] }],
    });
    expect(details.get('new')).toEqual({ driftedFeatures: 0, measuredFeatures: 0, performance: [] });
    expect(await readFleetDetails(store, 'p', ['new'])).toEqual(new Map([['new', details.get('new')]]));
    expect(await readFleetDetails(store, 'p', [])).toEqual(new Map());
  });

  it('takes the trend of each model from windows of its own length', async () => {
    const lengths = { hourly: DAY_MS / 24, weekly: 7 * DAY_MS };
    await saveModels(
      store,
      Object.keys(lengths).map((name) => model(name, 'mixed')),
    );
    for (const [name, lengthMs] of Object.entries(lengths)) {
      const ends = [2, 1, 0].map((back) => END_MS - back * lengthMs);
      await insertMeasurements(
        store,
        ends.map((windowEndMs, index) =>
          measurement({
            project: 'mixed',
            model: name,
            monitor: 'performance',
            feature: '',
            method: 'accuracy',
            value: 0.7 + index / 100,
            windowStartMs: windowEndMs - lengthMs,
            windowEndMs,
          }),
        ),
        `trend of ${name}`,
      );
      await evaluated(name, 'performance', ends, { project: 'mixed', windowMs: lengthMs });
    }
    const details = await readFleetDetails(store, 'mixed', Object.keys(lengths));
    for (const name of Object.keys(lengths)) {
      expect(details.get(name)!.performance).toMatchObject([{ values: [0.7, 0.71, 0.72], windowEndMs: END_MS }]);
    }
  });

  it('says of each model whether a window was evaluated since, if at the same instant', async () => {
    const evaluations = async () =>
      new Map((await listFleet(store, 'p', NOW_MS)).map((each) => [each.model, each.evaluations]));
    const before = await evaluations();
    await evaluated('m', 'another', [END_MS]);
    const after = await evaluations();
    expect(after.get('m')).not.toBe(before.get('m'));
    expect(after.get('silent')).toBe(before.get('silent'));
  });
});
