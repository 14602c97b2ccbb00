import { importancePolicySchema, type Measurement, type Severity } from '@plumbline/contracts';
import { importanceOf } from './importance-of.js';
import { driftingQualityMetrics, recordUnimportant, weighByImportance } from './weigh-by-importance.js';

const measured = (feature: string, severity: Severity, change: Partial<Measurement> = {}): Measurement => ({
  project: 'p',
  model: 'm',
  monitor: 'feature-drift',
  version: '1',
  segment: '',
  feature,
  method: 'psi.decile',
  windowStartMs: 1000,
  windowEndMs: 2000,
  dataStartMs: 1000,
  revision: 0,
  value: 0.3,
  effect: 0.3,
  errorBound: 0,
  pValue: 0.001,
  adjustedPValue: 0.002,
  alpha: 0.01,
  nReference: 1000,
  nCurrent: 500,
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
  severity,
  decides: true,
  reason: `PSI of ${feature} is 0.3.`,
  evaluatedAtMs: 3000,
  ...change,
});
const policy = (change: object = {}) => importancePolicySchema.parse(change);
const IMPORTANCE = new Map([
  ['income', 0.6],
  ['age', 0.35],
  ['zip', 0.05],
]);
const summaryOf = (measurements: readonly Measurement[]) =>
  measurements.filter(({ method }) => method === 'drift_share');

describe('weighByImportance', () => {
  it('changes nothing where no importance is known', () => {
    const measurements = [measured('income', 'critical')];
    expect(weighByImportance(measurements, new Map(), policy())).toEqual(measurements);
    expect(weighByImportance(measurements, new Map([['income', 0]]), policy())).toEqual(measurements);
  });

  it('records drift of a feature of low importance as a warning at most, and alerts of the others as ever', () => {
    const [income, zip, unknown] = weighByImportance(
      [measured('income', 'critical'), measured('zip', 'critical'), measured('new', 'critical')],
      IMPORTANCE,
      policy(),
    );
    expect(income).toMatchObject({
      severity: 'critical',
      decides: true,
      reason: 'PSI of income is 0.3; its importance is 100 % of the largest.',
    });
    expect(zip).toMatchObject({
      severity: 'warning',
      decides: false,
      reason: 'PSI of zip is 0.3; recorded only, for its importance is 8.333 % of the largest.',
    });
    expect(unknown).toMatchObject({ severity: 'critical', decides: true });
  });

  it('lets all features alert, or only the most important, as the monitor says', () => {
    const of = (alert_from: number) =>
      weighByImportance(
        [measured('income', 'critical'), measured('age', 'critical'), measured('zip', 'ok')],
        IMPORTANCE,
        policy({ alert_from }),
      )
        .filter(({ feature, decides }) => feature !== '' && decides)
        .map(({ feature }) => feature);
    expect(of(0)).toEqual(['income', 'age', 'zip']);
    expect(of(1)).toEqual(['income']);
  });

  it.each<[string, readonly Measurement[], number, Severity]>([
    ['nothing', [measured('income', 'ok'), measured('age', 'ok'), measured('zip', 'ok')], 0, 'ok'],
    ['what matters little', [measured('income', 'ok'), measured('age', 'ok'), measured('zip', 'critical')], 0.05, 'ok'],
    ['what matters', [measured('income', 'ok'), measured('age', 'warning'), measured('zip', 'ok')], 0.35, 'warning'],
    [
      'what matters most',
      [measured('income', 'warning'), measured('age', 'ok'), measured('zip', 'ok')],
      0.6,
      'critical',
    ],
    [
      'what matters among those that could be judged',
      [measured('income', 'insufficient_data'), measured('age', 'warning'), measured('zip', 'ok')],
      0.875,
      'critical',
    ],
    [
      'one of unknown importance, which weighs as the mean',
      [measured('new', 'warning'), measured('income', 'ok')],
      1 / 2.8,
      'warning',
    ],
    [
      'by one method of two',
      [measured('income', 'ok'), measured('income', 'warning', { method: 'ks' }), measured('age', 'ok')],
      0.6 / 0.95,
      'critical',
    ],
  ])('sums up the drift of %s', (_, measurements, value, severity) => {
    const [summary, ...others] = summaryOf(weighByImportance(measurements, IMPORTANCE, policy()));
    expect(others).toEqual([]);
    expect(summary).toMatchObject({
      feature: '',
      severity,
      decides: true,
      thresholdWarning: 0.3,
      thresholdCritical: 0.6,
    });
    expect(summary!.value).toBeCloseTo(value, 12);
  });

  it('says which features drifted, the most important first', () => {
    const measurements = ['a', 'b', 'c', 'd', 'e'].map((feature) =>
      measured(feature, feature === 'e' ? 'ok' : 'warning'),
    );
    const importance = new Map(['a', 'b', 'c', 'd', 'e'].map((feature, i) => [feature, 1 + i]));
    const [summary] = summaryOf(weighByImportance(measurements, importance, policy()));
    expect(summary!.reason).toBe(
      'Features with 66.67 % of the importance drifted (d 26.67 %, c 20 %, b 13.33 % and 1 more); at or above the critical bound 0.6.',
    );
  });

  it('says of each version and segment by itself what most features are where none could be judged', () => {
    const summaries = summaryOf(
      weighByImportance(
        [
          measured('income', 'no_data'),
          measured('age', 'no_data'),
          measured('income', 'ok', { version: '2' }),
          measured('age', 'warning', { version: '2', segment: 'de' }),
          measured('income', 'error', { version: '3' }),
          measured('age', 'insufficient_data', { version: '3' }),
          measured('age', 'ok', { version: '4', decides: false }),
        ],
        IMPORTANCE,
        policy(),
      ),
    );
    expect(summaries.map(({ version, segment, severity }) => [version, segment, severity])).toEqual([
      ['1', '', 'no_data'],
      ['2', '', 'ok'],
      ['2', 'de', 'critical'],
      ['3', '', 'insufficient_data'],
    ]);
  });

  it('only records the sum without bounds', () => {
    const [summary] = summaryOf(
      weighByImportance([measured('income', 'critical')], IMPORTANCE, policy({ drift_share: {} })),
    );
    expect(summary).toMatchObject({ value: 1, severity: 'ok', decides: false });
  });
});

describe('recordUnimportant', () => {
  it('concerns only the methods named, and features whose importance is known', () => {
    const measurements = ['missing_rate', 'unseen_rate', 'out_of_range_rate'].flatMap((method) => [
      measured('zip', 'critical', { method }),
      measured('new', 'critical', { method }),
    ]);
    const of = (importance: ReadonlyMap<string, number>) =>
      recordUnimportant(measurements, importance, 0.1, driftingQualityMetrics)
        .filter(({ decides }) => !decides)
        .map(({ feature, method, severity }) => [feature, method, severity]);
    expect(of(IMPORTANCE)).toEqual([
      ['zip', 'unseen_rate', 'warning'],
      ['zip', 'out_of_range_rate', 'warning'],
    ]);
    expect(of(new Map())).toEqual([]);
  });
});

describe('importanceOf', () => {
  const features = [
    { name: 'income', kind: 'numeric', importance: 0.5 },
    { name: 'age', kind: 'numeric' },
  ] as const;

  it('is what was uploaded, scaled to add up to 1, else what is declared', () => {
    expect(importanceOf(features, undefined)).toEqual(new Map([['income', 0.5]]));
    expect(importanceOf(features, {})).toEqual(new Map([['income', 0.5]]));
    expect(importanceOf(features, { age: 30, zip: 10, income: 0 })).toEqual(
      new Map([
        ['age', 0.75],
        ['zip', 0.25],
        ['income', 0],
      ]),
    );
    expect(importanceOf([], { a: 1e308, b: 1e308 })).toEqual(
      new Map([
        ['a', 0.5],
        ['b', 0.5],
      ]),
    );
  });
});
