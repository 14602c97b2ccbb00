import type { AlertReportScope, ReferenceSeries } from '@plumbline/contracts';
import { buildAlertReport } from './build-alert-report.js';
import type { AlertReportInput, ReportedMeasurement, SparseSeries, Volume } from './report-input.js';

/** Of a service that sends every prediction. */
const all = (n: number): Volume => ({ weight: n, weightSquares: n });

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 0, 8);
const START_MS = END_MS - DAY_MS;

const scope: AlertReportScope = {
  project: 'p',
  model: 'loan',
  version: '7',
  windowStartMs: START_MS,
  windowEndMs: END_MS,
  alerts: [{ alertId: 'a-1', monitor: 'feature-drift', segment: '', feature: 'income', method: 'psi.decile' }],
};

const measurementOf = (values: Partial<ReportedMeasurement> = {}): ReportedMeasurement => ({
  monitor: 'feature-drift',
  segment: '',
  feature: 'income',
  method: 'psi.decile',
  windowEndMs: END_MS,
  dataStartMs: START_MS,
  value: 0.41,
  effect: 0.4,
  adjustedPValue: 1e-9,
  pValue: 1e-10,
  nReference: 1000,
  nCurrent: 400,
  thresholdWarning: 0.1,
  thresholdCritical: 0.25,
  referenceId: 'r',
  severity: 'critical',
  reason: 'PSI of income is 0.41.',
  effectOfAll: 0.5,
  ...values,
});

/** Values 0 to 100 spread evenly over as many bins as there are edges, and one more. */
function numericReference(series: string, bins: number): ReferenceSeries {
  const edges = Array.from({ length: bins - 1 }, (_, index) => ((index + 1) * 100) / bins);
  return {
    series,
    kind: 'numeric',
    binSetId: `bins of ${series}`,
    edges,
    decileEdgeIndexes: edges.map((_, index) => index).filter((index) => (index + 1) % (bins / 10) === 0),
    categories: [],
    otherHashes: [],
    counts: Array.from({ length: bins }, () => 1000 / bins),
    n: 1000,
    missing: 0,
    invalid: 0,
    mean: 50,
    std: 29,
    min: 0,
    max: 100,
  };
}

function categoryReference(series: string, counts: Readonly<Record<string, number>>): ReferenceSeries {
  const n = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    ...numericReference(series, 10),
    kind: 'categorical',
    edges: [],
    decileEdgeIndexes: [],
    categories: Object.keys(counts),
    counts: [...Object.values(counts), 0, 0],
    n,
  };
}

/** Counts of a window; mean and standard deviation are those given. */
function currentOf(reference: ReferenceSeries, counts: readonly number[], mean = 0, std = 0): SparseSeries {
  const n = counts.reduce((sum, count) => sum + count, 0);
  return {
    series: reference.series,
    binSetId: reference.binSetId,
    n,
    missing: 0,
    invalid: 0,
    sum: mean * n,
    sumSquares: (std ** 2 + mean ** 2) * n,
    min: 0,
    max: 100,
    binIndexes: counts.flatMap((count, index) => (count > 0 ? [index] : [])),
    binCounts: counts.filter((count) => count > 0),
  };
}

const inputOf = (
  measurements: readonly ReportedMeasurement[],
  pairs: readonly (readonly [ReferenceSeries, SparseSeries])[] = [],
  values: Partial<AlertReportInput> = {},
): AlertReportInput => ({
  measurements,
  measurementCount: measurements.length,
  references: [
    { referenceId: 'r', performance: { accuracy: 0.9, bias: 0.1, mae: 2 }, series: pairs.map(([left]) => left) },
  ],
  cells: [{ segment: '', dataStartMs: START_MS, windowEndMs: END_MS, series: pairs.map(([, right]) => right) }],
  predictions: 400,
  failed: 0,
  labelled: 124,
  predictionsBefore: 400,
  volume: all(400),
  volumeBefore: all(400),
  volumeWeekBefore: all(400),
  versionStartMs: undefined,
  versionsBefore: [],
  presence: [],
  retraining: undefined,
  ...values,
});

/** Forty bins of which only the upper half holds anything. */
const income = numericReference('income', 40);
const upperHalf = currentOf(income, [...Array<number>(20).fill(0), ...Array<number>(20).fill(20)], 75, 15);

describe('buildAlertReport', () => {
  it('compares a segment with its own part of the reference', () => {
    const whole = numericReference('income', 40);
    const own = { ...whole, counts: whole.counts.map((_, bin) => (bin < 20 ? 50 : 0)) };
    const segment = 'country=DE';
    const input = inputOf([measurementOf({ segment })], [[whole, upperHalf]]);
    const [{ referenceId, performance, series }] = input.references as [(typeof input.references)[number]];
    const report = buildAlertReport(scope, {
      ...input,
      references: [
        { referenceId, performance, series, segment: '' },
        { referenceId, performance, series: [own], segment },
      ],
      cells: input.cells.map((cells) => ({ ...cells, segment })),
    });
    const { reference } = report.findings[0]!.distribution!;
    expect(reference.slice(reference.length / 2).reduce((sum, share) => sum + share, 0)).toBe(0);
  });

  it('tells what happened in one look', () => {
    const report = buildAlertReport(scope, inputOf([measurementOf()], [[income, upperHalf]]));
    expect(report).toMatchObject({
      model: 'loan',
      version: '7',
      headline: 'loan (version 7): income drifted (mean 50 → 75 (+0.86 standard deviations), median 50 → 75)',
      predictions: 400,
      labelCoverage: 0.31,
      moreFindings: 0,
      recentChanges: [],
    });
    expect(report.findings).toEqual([
      {
        alertId: 'a-1',
        monitor: 'feature-drift',
        segment: '',
        feature: 'income',
        method: 'psi.decile',
        severity: 'critical',
        value: 0.41,
        threshold: 0.25,
        pValue: 1e-9,
        nCurrent: 400,
        nReference: 1000,
        direction: 'up',
        change: 'mean 50 → 75 (+0.86 standard deviations), median 50 → 75',
        share: 0.8,
        reason: 'PSI of income is 0.41.',
        distribution: {
          labels: [
            '< 10',
            '10 – 20',
            '20 – 30',
            '30 – 40',
            '40 – 50',
            '50 – 60',
            '60 – 70',
            '70 – 80',
            '80 – 90',
            '≥ 90',
          ],
          reference: Array(10).fill(0.1),
          current: [...Array<number>(5).fill(0), ...Array<number>(5).fill(0.2)],
        },
      },
    ]);
  });

  it('says that an alert which no longer breaches is back within its bounds', () => {
    const calm = measurementOf({ severity: 'ok', value: 0.01, effect: -0.02, adjustedPValue: NaN, pValue: 0.4 });
    const report = buildAlertReport(scope, inputOf([calm]));
    expect(report.headline).toBe('loan (version 7): back within its bounds');
    expect(report.findings[0]).toMatchObject({
      share: NaN,
      threshold: 0.1,
      pValue: 0.4,
      change: '',
      direction: undefined,
    });
  });

  it('is bounded: twenty findings, three charts of different features, in twelve bars', () => {
    const categories = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`c${index}`, 20]));
    const names = Array.from({ length: 30 }, (_, index) => `f${index}`);
    const pairs = names.map((name) => {
      const reference = categoryReference(name, categories);
      return [reference, currentOf(reference, [...Array<number>(49).fill(0), 300, 50, 50])] as const;
    });
    const measurements = names.flatMap((feature) => [
      measurementOf({ feature }),
      measurementOf({ feature, method: 'chi2.contingency' }),
    ]);
    const report = buildAlertReport(scope, inputOf(measurements, pairs, { measurementCount: 500 }));
    expect(report.findings).toHaveLength(20);
    expect(report.moreFindings).toBe(480);
    const charts = report.findings.flatMap(({ distribution }) => distribution ?? []);
    expect(charts).toHaveLength(3);
    expect(charts[0]!.labels).toHaveLength(12);
    expect(charts[0]!.labels).toContain('c49');
    expect(charts[0]!.labels.slice(-2)).toEqual(['other categories', 'unseen categories']);
    for (const { reference, current } of charts) {
      expect(reference.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
      expect(current.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    }
    expect(report.headline).toBe('loan (version 7): more than 9 features drifted, most of all f0');
  });

  it('leaves out the chart of a series whose counts do not fit its bins', () => {
    const report = buildAlertReport(
      scope,
      inputOf([measurementOf()], [[income, { ...upperHalf, binIndexes: [99], binCounts: [5] }]]),
    );
    expect(report.findings[0]).toMatchObject({ change: '', distribution: undefined });
  });
});

describe('the change of a finding', () => {
  const changeOf = (values: Partial<ReportedMeasurement>, pair?: readonly [ReferenceSeries, SparseSeries]) => {
    const { direction, change } = buildAlertReport(
      scope,
      inputOf([measurementOf(values)], pair === undefined ? [] : [pair], { volumeBefore: all(5_000) }),
    ).findings[0]!;
    return { direction, change };
  };
  const answers = categoryReference('income', { no: 880, yes: 120 });
  const countries = categoryReference('income', { DE: 500, FR: 400, '': 100 });
  const spread = currentOf(income, Array<number>(40).fill(10), 50, 58);
  const bimodal = currentOf(income, [...Array<number>(4).fill(50), ...Array<number>(36).fill(5)], 50, 29);
  const constant = { ...numericReference('income', 10), mean: 5, std: 0 };

  it.each<[string, readonly [ReferenceSeries, SparseSeries], 'up' | 'down' | undefined, string]>([
    ['spread of numbers', [income, spread], undefined, 'spread (standard deviation) 29 → 58, mean nearly the same'],
    ['shape of numbers alone', [income, bimodal], undefined, 'share of < 10 10 % → 53 %'],
    ['a number that was constant', [constant, currentOf(constant, [400], 6)], 'up', 'mean 5 → 6'],
    [
      'a mean that hardly differs',
      [{ ...income, std: 1e-9, mean: 1 }, currentOf(income, [400], 1.00004)],
      'up',
      'mean 1 → 1.00004 (+40,000 standard deviations), median 50 → 1.25',
    ],
    ['one of two categories', [answers, currentOf(answers, [276, 124])], 'up', 'share of yes 12 % → 31 %'],
    ['a category of several', [countries, currentOf(countries, [40, 320, 40])], undefined, 'share of DE 50 % → 10 %'],
    [
      'categories that are new',
      [countries, currentOf(countries, [100, 80, 20, 0, 200])],
      undefined,
      'share of unseen categories 0 % → 50 %',
    ],
    ['no values', [income, currentOf(income, [])], undefined, ''],
  ])('of %s', (_, pair, direction, change) => {
    expect(changeOf({}, pair)).toEqual({ direction, change });
  });

  it.each<[Partial<ReportedMeasurement>, 'up' | 'down' | undefined, string]>([
    [{ method: 'missing_rate', value: 0.31, effect: 0.307 }, 'up', 'missing: 0.3 % → 31 %'],
    [{ method: 'invalid_rate', value: 0.02, effect: NaN }, undefined, '2 % of the wrong type'],
    [{ method: 'unseen_rate', value: 0.2, effect: 0.2 }, 'up', 'unknown to the reference: 0 % → 20 %'],
    [{ method: 'accuracy', feature: '', value: 0.81, effect: 0.1 }, 'down', 'accuracy 0.9 → 0.81 (10 % worse)'],
    [{ method: 'mae', feature: '', value: 3, effect: 0.5 }, 'up', 'mae 2 → 3 (50 % worse)'],
    [{ method: 'bias', feature: '', value: -0.4, effect: 0.2 }, 'down', 'bias 0.1 → −0.4'],
    [{ method: 'f1', feature: '', value: 0.7 }, undefined, 'f1 0.7'],
    [{ method: 'accuracy', feature: '', value: NaN }, undefined, ''],
    [{ method: 'volume', feature: '', value: 12 }, 'down', '12 predictions, 5,000 in the window before'],
    [{ method: 'error_rate', feature: '', value: 0.071 }, 'up', '7.1 % of the predictions failed'],
    [{ method: 'latency_p99_ms', feature: '', value: 2345.6 }, 'up', '99th percentile of latency 2,346 ms'],
    [{ method: 'accuracy', feature: '', value: NaN, severity: 'no_data' }, 'down', 'no predictions came'],
  ])('of %j', (values, direction, change) => {
    expect(changeOf(values)).toEqual({ direction, change });
  });
});

describe('the headline', () => {
  const headlineOf = (...values: readonly Partial<ReportedMeasurement>[]): string =>
    buildAlertReport(scope, inputOf(values.map(measurementOf))).headline.replace('loan (version 7): ', '');

  it.each<[string, readonly Partial<ReportedMeasurement>[]]>([
    [
      '2 features drifted, most of all age',
      [{ feature: 'age' }, { feature: 'income' }, { feature: 'income', method: 'ks' }],
    ],
    ['age in DE drifted', [{ feature: 'age', segment: 'DE' }]],
    ['its predictions drifted', [{ feature: '$prediction' }]],
    ['its scores drifted', [{ feature: '$score' }]],
    [
      'age has bad values (missing: 0 % → 41 %)',
      [{ feature: 'age', method: 'missing_rate', value: 0.41, effect: 0.41 }],
    ],
    [
      '2 features have bad values, most of all age',
      [{ feature: 'age', method: 'missing_rate' }, { method: 'unseen_rate' }],
    ],
    [
      'accuracy 0.9 → 0.41 (54 % worse); income drifted',
      [{ feature: '', method: 'accuracy', monitor: 'performance' }, {}, { feature: '', method: 'error_rate' }],
    ],
    ['no predictions came', [{ feature: '', method: 'volume', severity: 'no_data' }]],
    ['the evaluation of feature-drift failed', [{ severity: 'error' }]],
  ])('is "%s"', (expected, measurements) => {
    expect(headlineOf(...measurements)).toBe(expected);
  });
});

describe('recent changes', () => {
  const changesOf = (values: Partial<AlertReportInput>) =>
    buildAlertReport(scope, inputOf([], [], values)).recentChanges;
  const presence = { series: 'x', n: 400, missing: 0, invalid: 0, nBefore: 400, missingBefore: 0, invalidBefore: 0 };

  it.each<[string, Partial<AlertReportInput>, string[]]>([
    ['nothing', {}, []],
    [
      'a new version',
      { versionStartMs: START_MS + 1, versionsBefore: ['6', '5'] },
      ['first prediction of version 7; in use before: version 6, version 5'],
    ],
    [
      'a first version',
      { versionStartMs: START_MS },
      ['first prediction of version 7; no other version was in use before'],
    ],
    [
      'features that came, went and turned',
      {
        presence: [
          { ...presence, series: 'new', nBefore: 0 },
          { ...presence, series: 'gone', n: 0 },
          { ...presence, series: 'texts', n: 10, invalid: 390 },
          { ...presence, series: 'all texts', n: 0, invalid: 400 },
          { ...presence, series: 'rare', n: 19, nBefore: 0 },
        ],
      },
      [
        'features with values of another type than before: texts, all texts',
        'features without values since: gone',
        'new features: new',
      ],
    ],
    [
      'many of them',
      { presence: Array.from({ length: 7 }, (_, index) => ({ ...presence, series: `f${index}`, n: 0 })) },
      ['features without values since: f0, f1, f2, f3, f4 and 2 more'],
    ],
    [
      'features, when there was no traffic before',
      { predictionsBefore: 0, presence: [{ ...presence, nBefore: 0 }] },
      [],
    ],
    [
      'a jump of the volume',
      { volume: all(1200) },
      ['1,200 predictions, 400 in the same window a week before: 3 times as many'],
    ],
    [
      'a fall of the volume, without a week before',
      { volume: all(40), volumeBefore: all(4000), volumeWeekBefore: all(0) },
      ['40 predictions, 4,000 in the window before: 1 % of that'],
    ],
    [
      'the end of the traffic',
      { predictions: 0, volume: all(0) },
      ['0 predictions, 400 in the same window a week before: none any more'],
    ],
    ['a few predictions more or less', { volume: all(9), volumeWeekBefore: all(4) }, []],
    [
      'a few that stand for ten each, more or less',
      { volume: { weight: 90, weightSquares: 900 }, volumeWeekBefore: all(40) },
      [],
    ],
    [
      'a retraining',
      { retraining: { runId: 'run', policy: 'nightly', status: 'timed_out', newVersion: '', requestedAtMs: 5 } },
      ['retraining asked for by policy nightly: timed out'],
    ],
    [
      'a retraining with a version',
      { retraining: { runId: 'run', policy: 'nightly', status: 'succeeded', newVersion: '7', requestedAtMs: 5 } },
      ['retraining asked for by policy nightly: succeeded, with version 7'],
    ],
  ])('tell of %s', (_, values, expected) => {
    expect(changesOf(values).map(({ text }) => text)).toEqual(expected);
  });

  it('are told newest first', () => {
    const changes = changesOf({
      versionStartMs: START_MS - 5,
      volume: all(4000),
      retraining: { runId: 'run', policy: 'p', status: 'running', newVersion: '', requestedAtMs: END_MS - 1 },
    });
    expect(changes.map(({ kind }) => kind)).toEqual(['retraining', 'volume', 'version']);
  });
});
