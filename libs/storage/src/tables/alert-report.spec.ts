import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  AlertReportScope,
  FeatureCell,
  Measurement,
  ReferenceProfile,
  ReferenceSeries,
  TrafficCell,
} from '@plumbline/contracts';
import { buildAlertReport } from '@plumbline/monitoring';
import { migrate } from '../migrate.js';
import { Store } from '../store.js';
import { MAX_REPORT_FINDINGS, readAlertReportRows } from './alert-report.js';
import { insertCells, rollUpHours } from './cells.js';
import { markHoursDirty } from './dirty-hour.js';
import { insertMeasurements } from './measurement.js';
import { saveReferenceSegments } from './reference-segment.js';
import { saveReference } from './reference.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const END_MS = Date.UTC(2026, 0, 30, 6, 30);
const START_MS = END_MS - DAY_MS;
const SUMMED_MS = Date.UTC(2026, 0, 29, 12);
const MARKED_MS = Date.UTC(2026, 0, 29, 13);
const key = { project: 'p', model: 'loan' };

const scopeOf = (values: Partial<AlertReportScope> = {}): AlertReportScope => ({
  ...key,
  version: '7',
  windowStartMs: START_MS,
  windowEndMs: END_MS,
  alerts: [],
  ...values,
});

const measurementOf = (values: Partial<Measurement> = {}): Measurement => ({
  ...key,
  version: '7',
  monitor: 'feature-drift',
  segment: '',
  feature: 'income',
  method: 'psi.decile',
  windowStartMs: START_MS,
  windowEndMs: END_MS,
  dataStartMs: START_MS,
  revision: 0,
  value: 0.4,
  effect: 0.4,
  errorBound: 0,
  pValue: 1e-9,
  adjustedPValue: 1e-8,
  alpha: 0.01,
  nReference: 1000,
  nCurrent: 100,
  nMissing: 0,
  thresholdWarning: 0.1,
  thresholdCritical: 0.25,
  lower: NaN,
  upper: NaN,
  coverage: NaN,
  lagP50Ms: NaN,
  lagP95Ms: NaN,
  finalFromMs: 0,
  referenceId: 'r',
  severity: 'critical',
  decides: true,
  reason: 'because',
  evaluatedAtMs: END_MS,
  ...values,
});

const seriesOf = (series: string): ReferenceSeries => ({
  series,
  kind: 'numeric',
  binSetId: `bins of ${series}`,
  edges: [10, 20],
  decileEdgeIndexes: [0, 1],
  categories: [],
  otherHashes: [],
  counts: [400, 300, 300],
  n: 1000,
  missing: 0,
  invalid: 0,
  mean: 14,
  std: 5,
  min: 0,
  max: 30,
});

const cellOf = (series: string, minuteMs: number, values: Partial<FeatureCell> = {}): FeatureCell => ({
  ...key,
  version: '7',
  segment: '',
  series,
  binSetId: `bins of ${series}`,
  minuteMs,
  n: 50,
  missing: 0,
  invalid: 0,
  sum: 1250,
  sumSquares: 31_300,
  min: 20,
  max: 30,
  binIndexes: [2],
  binCounts: [50],
  ...values,
});

const trafficOf = (minuteMs: number, values: Partial<TrafficCell> = {}): TrafficCell => ({
  ...key,
  version: '7',
  segment: '',
  minuteMs,
  n: 50,
  weight: values.n ?? 50,
  weightSquares: values.n ?? 50,
  idHashSum: 1,
  errors: 0,
  latencyN: 0,
  latencyBinIndexes: [],
  latencyBinCounts: [],
  ...values,
});

describe('readAlertReportRows', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-report-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
    await migrate(store, END_MS);
    const profile: ReferenceProfile = {
      ...key,
      version: '7',
      referenceId: 'r',
      createdAtMs: START_MS - DAY_MS,
      createdBy: 'me',
      source: 'file',
      n: 1000,
      performance: { accuracy: 0.9 },
      series: ['income', 'age', 'gone'].map(seriesOf),
    };
    await saveReference(store, profile);
    const minutes = [START_MS, END_MS - 60_000];
    await insertCells(
      store,
      [
        ...minutes.flatMap((minuteMs) => [
          cellOf('income', minuteMs),
          cellOf('age', minuteMs),
          cellOf('new', minuteMs),
        ]),
        // Just outside of the window on either side, and of another version.
        cellOf('income', START_MS - 60_000),
        cellOf('age', START_MS - 60_000),
        cellOf('income', END_MS),
        cellOf('gone', START_MS - 60_000, { version: '6' }),
        cellOf('turned', START_MS - 60_000, { version: '6' }),
        cellOf('turned', START_MS, { n: 5, invalid: 45 }),
      ],
      [
        ...minutes.map((minuteMs) => trafficOf(minuteMs, { errors: 5 })),
        trafficOf(START_MS - 60_000),
        trafficOf(START_MS - 60_000, { version: '6', n: 70 }),
        trafficOf(START_MS - 7 * DAY_MS, { version: '6', n: 9 }),
        trafficOf(END_MS - 7 * DAY_MS, { version: '6', n: 1000 }),
      ],
      'cells',
    );
    // An hour in the middle, of which the sum is read, and one that is marked, of which the minutes are.
    await insertCells(store, [cellOf('income', SUMMED_MS), cellOf('income', MARKED_MS)], [], 'hours');
    await rollUpHours(store, 'p', 'loan', [SUMMED_MS, MARKED_MS], END_MS);
    await insertCells(store, [cellOf('income', MARKED_MS + 60_000)], [], 'late');
    await markHoursDirty(store, [{ ...key, aspect: 'prediction', hourMs: MARKED_MS, touchedAtMs: END_MS }], 'late');
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('reads the window, the one before it, and nothing else', async () => {
    await insertMeasurements(
      store,
      [
        measurementOf({ feature: 'age', value: 0.2, effect: 0.1, severity: 'warning' }),
        measurementOf(),
        measurementOf({ feature: 'quiet', severity: 'ok', effect: 0.3 }),
        measurementOf({ feature: 'calm', severity: 'ok', effect: -0.3 }),
        measurementOf({ feature: 'recorded', severity: 'ok', decides: false }),
        measurementOf({ feature: 'old', windowStartMs: START_MS - DAY_MS, windowEndMs: START_MS }),
        measurementOf({ feature: 'other version', version: '6' }),
        measurementOf({ feature: 'hourly', windowStartMs: END_MS - 2 * HOUR_MS, windowEndMs: END_MS - HOUR_MS }),
        measurementOf({ feature: 'hourly', windowStartMs: END_MS - HOUR_MS, severity: 'ok', effect: 0 }),
      ],
      'first',
    );
    const alerts = [{ alertId: 'a', monitor: 'feature-drift', segment: '', feature: 'quiet', method: 'psi.decile' }];
    const rows = await readAlertReportRows(store, scopeOf({ alerts }));
    expect(rows.measurements.map(({ feature, severity, effectOfAll }) => ({ feature, severity, effectOfAll }))).toEqual(
      [
        { feature: 'income', severity: 'critical', effectOfAll: 0.8 },
        { feature: 'age', severity: 'warning', effectOfAll: 0.8 },
        { feature: 'quiet', severity: 'ok', effectOfAll: 0.8 },
      ],
    );
    expect(rows).toMatchObject({
      measurementCount: 3,
      references: [
        { referenceId: 'r', performance: { accuracy: 0.9 }, series: [{ series: 'age' }, { series: 'income' }] },
      ],
      cells: [
        {
          segment: '',
          dataStartMs: START_MS,
          windowEndMs: END_MS,
          series: [{ series: 'age' }, { series: 'income', n: 250, sum: 6250 }],
        },
      ],
      predictions: 100,
      failed: 10,
      labelled: 0,
      predictionsBefore: 120,
      volume: { weight: 100, weightSquares: 100 },
      volumeBefore: { weight: 120, weightSquares: 120 },
      volumeWeekBefore: { weight: 9, weightSquares: 9 },
      versionStartMs: START_MS - 60_000,
      versionsBefore: ['6'],
      retraining: undefined,
    });
    expect(rows.presence.map(({ series, n, nBefore, invalid }) => ({ series, n, nBefore, invalid }))).toEqual([
      { series: 'new', n: 100, nBefore: 0, invalid: 0 },
      { series: 'gone', n: 0, nBefore: 50, invalid: 0 },
      { series: 'turned', n: 5, nBefore: 50, invalid: 45 },
    ]);
  });

  it('gives what a report is built of', async () => {
    const report = buildAlertReport(scopeOf(), await readAlertReportRows(store, scopeOf()));
    expect(report.headline).toBe('loan (version 7): 2 features drifted, most of all income');
    expect(report.findings[0]).toMatchObject({
      change: 'mean 14 → 25 (+2.2 standard deviations)',
      share: 0.5,
      distribution: { labels: ['< 10', '10 – 20', '≥ 20'], reference: [0.4, 0.3, 0.3], current: [0, 0, 1] },
    });
    expect(report.recentChanges.map(({ kind }) => kind).sort()).toEqual([
      'schema',
      'schema',
      'schema',
      'version',
      'volume',
    ]);
  });

  it('does not call a version new that made predictions long ago', async () => {
    await insertCells(store, [], [trafficOf(END_MS - 60 * DAY_MS)], 'long ago');
    const rows = await readAlertReportRows(store, scopeOf());
    expect(rows).toMatchObject({ versionStartMs: undefined, versionsBefore: [] });
  });

  it('is bounded, whatever breaches', async () => {
    const many = Array.from({ length: 50 }, (_, index) => measurementOf({ version: '9', feature: `f${index}` }));
    await insertMeasurements(store, many, 'many');
    const rows = await readAlertReportRows(store, scopeOf({ version: '9' }));
    expect(rows.measurements).toHaveLength(MAX_REPORT_FINDINGS);
    expect(rows.measurementCount).toBe(50);
  });

  it('reads of a reference what the segment of the finding has in it', async () => {
    const of = { version: '8', segment: 'country=DE' };
    await insertMeasurements(store, [measurementOf(of), measurementOf({ ...of, feature: 'age' })], 'segment');
    const counts = { counts: [3, 0, 4], n: 7, missing: 2, invalid: 0, sum: 70, sumSquares: 1000, min: 1, max: 30 };
    const rows = [{ segment: 'country=DE', series: 'income', counts }];
    await saveReferenceSegments(store, { ...key, referenceId: 'r' }, rows, END_MS);
    const { references } = await readAlertReportRows(store, scopeOf({ version: '8' }));
    expect(references).toMatchObject([
      {
        referenceId: 'r',
        segment: 'country=DE',
        series: [
          { series: 'age', counts: [0, 0, 0], n: 0 },
          { series: 'income', counts: [3, 0, 4], n: 7, missing: 2, mean: 10, min: 1, max: 30 },
        ],
      },
    ]);
  });

  it('reads nothing of a model without rows', async () => {
    expect(await readAlertReportRows(store, scopeOf({ model: 'unknown' }))).toMatchObject({
      measurements: [],
      measurementCount: 0,
      references: [],
      cells: [],
      predictions: 0,
      presence: [],
      versionStartMs: undefined,
    });
  });
});
