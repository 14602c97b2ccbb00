import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement, ModelReportScope, TrafficCell } from '@plumbline/contracts';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { insertCells } from './cells.js';
import { insertMeasurements } from './measurement.js';
import { listFeatureColumns, listTrafficColumns, summarizeSeries } from './series-summary.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 1);
const key = { project: 'p', model: 'loan' };

const scopeOf = (values: Partial<ModelReportScope> = {}): ModelReportScope => ({
  ...{ ...key, version: undefined, segment: '', fromMs: START_MS, toMs: START_MS + 10 * DAY_MS },
  ...values,
});

const measurementOf = (day: number, values: Partial<Measurement> = {}): Measurement => ({
  ...{ ...key, version: '1', monitor: 'feature-drift', segment: '', feature: 'income', method: 'psi.decile' },
  ...{ windowStartMs: START_MS + day * DAY_MS, windowEndMs: START_MS + (day + 1) * DAY_MS },
  ...{ dataStartMs: START_MS + day * DAY_MS, revision: 0, value: 0.02, effect: 0.01, errorBound: 0, pValue: NaN },
  ...{ adjustedPValue: NaN, alpha: 0.01, nReference: 1000, nCurrent: 100, nMissing: 0, thresholdWarning: 0.1 },
  ...{ thresholdCritical: 0.25, lower: NaN, upper: NaN, coverage: NaN, lagP50Ms: NaN, lagP95Ms: NaN, finalFromMs: 0 },
  ...{ referenceId: 'r', severity: 'ok', decides: true, reason: `day ${day}`, evaluatedAtMs: START_MS },
  ...values,
});

const trafficOf = (day: number, version: string): TrafficCell => ({
  ...{ ...key, version, segment: '', minuteMs: START_MS + day * DAY_MS + 3_600_000, n: 10, weight: 100 },
  ...{ weightSquares: 1_000, idHashSum: 1, errors: 2, latencyN: 0, latencyBinIndexes: [], latencyBinCounts: [] },
});

describe('summaries of series', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-summary-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, START_MS);
    const none = { effect: NaN, value: NaN, thresholdWarning: NaN, thresholdCritical: NaN };
    const rows = [
      measurementOf(0),
      measurementOf(1, { effect: 0.3, severity: 'critical' }),
      // A warning is less than a critical window, however large its effect.
      measurementOf(2, { effect: 9, severity: 'warning' }),
      measurementOf(3, { effect: 0.4, severity: 'critical' }),
      measurementOf(4, { severity: 'insufficient_data', ...none }),
      measurementOf(1, { version: '2', effect: 0.06 }),
      measurementOf(1, { feature: '', monitor: 'traffic', method: 'volume', decides: false, ...none, value: 5 }),
      measurementOf(1, { segment: 'country=DE', severity: 'critical' }),
      measurementOf(12, { severity: 'critical' }),
    ];
    await insertMeasurements(store, rows, 'all', [measurementOf(1, { feature: 'gone', severity: 'critical' })]);
    await insertCells(store, [], [trafficOf(0, '1'), trafficOf(0, '2'), trafficOf(3, '2')], 'traffic');
  });

  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('tells of each series its newest and its worst window, and when it was at a bound', async () => {
    const found = await summarizeSeries(store, scopeOf());
    expect(found.map(({ version, feature, method }) => [version, feature, method])).toEqual([
      ['1', 'income', 'psi.decile'],
      ['1', '', 'volume'],
      ['2', 'income', 'psi.decile'],
    ]);
    expect(found[0]).toMatchObject({
      ...{ windows: 5, breaches: 3, decides: true, segment: '' },
      firstBreachMs: START_MS + DAY_MS,
      lastBreachMs: START_MS + 4 * DAY_MS,
      newest: { severity: 'insufficient_data', reason: 'day 4', value: NaN, effect: NaN },
      worst: { severity: 'critical', effect: 0.4, reason: 'day 3', windowEndMs: START_MS + 4 * DAY_MS },
    });
    expect(found[1]).toMatchObject({ breaches: 0, firstBreachMs: undefined, decides: false, newest: { value: 5 } });
  });

  it.each([
    ['a version', scopeOf({ version: '2' }), {}, 1],
    ['a segment', scopeOf({ segment: 'country=DE' }), {}, 1],
    ['methods', scopeOf(), { methods: ['volume'] }, 1],
    ['a feature', scopeOf(), { feature: 'income' }, 2],
    ['windows that end within', scopeOf({ fromMs: START_MS + 5 * DAY_MS }), {}, 0],
    ['a model that is not there', scopeOf({ model: 'x' }), {}, 0],
  ])('can be of %s', async (_, scope, filter, expected) => {
    expect(await summarizeSeries(store, scope, filter)).toHaveLength(expected);
  });

  it('tells the worst of each column of time, over all versions', async () => {
    const columns = { startMs: START_MS, columnMs: 2 * DAY_MS, features: ['income'], methods: ['psi.decile'] };
    expect(await listFeatureColumns(store, scopeOf(), columns)).toEqual([
      { feature: 'income', column: 0, rank: 2, ratio: expect.closeTo(3) as number },
      { feature: 'income', column: 1, rank: 2, ratio: 90 },
      { feature: 'income', column: 2, rank: -1, ratio: NaN },
    ]);
    expect(await listFeatureColumns(store, scopeOf(), { ...columns, features: [] })).toEqual([]);
  });

  it('counts traffic by version and column, as the service made it', async () => {
    const found = await listTrafficColumns(store, scopeOf(), { startMs: START_MS, columnMs: DAY_MS });
    expect(
      found.map(({ version, column, predictions, stored, errors }) => [version, column, predictions, stored, errors]),
    ).toEqual([
      ['1', 0, 100, 10, 2],
      ['2', 0, 100, 10, 2],
      ['2', 3, 100, 10, 2],
    ]);
    expect(found[0]).toMatchObject({ startMs: START_MS + 3_600_000, endMs: START_MS + 3_660_000 });
  });
});
