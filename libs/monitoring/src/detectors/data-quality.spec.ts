import { monitorDeclarationSchema, type ReferenceProfile, type ReferenceSeries } from '@plumbline/contracts';
import { noPerformance, type SeriesData, type WindowData } from '../windows/window-data.js';
import { dataQuality } from './data-quality.js';
import { settleLevel } from './settle-level.js';

const reference = (overrides: Partial<ReferenceSeries>): ReferenceSeries => ({
  series: 'age',
  kind: 'numeric',
  binSetId: 'bins',
  edges: [0, 50, 100],
  decileEdgeIndexes: [0, 1, 2],
  categories: [],
  otherHashes: [],
  counts: [0, 500, 500, 0],
  n: 1000,
  missing: 0,
  invalid: 0,
  mean: 50,
  std: 20,
  min: 0,
  max: 99,
  ...overrides,
});

const profileOf = (...series: ReferenceSeries[]): ReferenceProfile => ({
  project: 'p',
  model: 'm',
  version: '1',
  referenceId: 'ref',
  createdAtMs: 0,
  createdBy: '',
  source: '',
  n: 1000,
  series,
  performance: {},
});

const dataOf = (...series: Partial<SeriesData>[]): WindowData => ({
  series: series.map((values) => ({
    series: 'age',
    binSetId: 'bins',
    n: 1000,
    missing: 0,
    invalid: 0,
    sum: 0,
    sumSquares: 0,
    min: 0,
    max: 99,
    counts: [0, 500, 500, 0],
    ...values,
  })),
  traffic: { n: 1000, errors: 0, latencyCount: 0, latencyBins: [], weight: 1000, weightSquares: 1000 },
  performance: noPerformance,
});

const find = (profile: ReferenceProfile | undefined, data: WindowData, values: object = {}) => {
  const declaration = settleLevel(monitorDeclarationSchema.parse({ detector: 'data_quality', ...values }));
  if (declaration.detector !== 'data_quality') throw new Error('unreachable');
  const found = dataQuality({ declaration, task: 'binary', positiveClass: '1', profile, data });
  return Object.fromEntries(found.map((raw) => [`${raw.feature}.${raw.method}`, raw]));
};

describe('data quality', () => {
  it('measures each rate against the reference’s own', () => {
    const found = find(
      profileOf(reference({ n: 900, missing: 100 })),
      dataOf({ n: 800, missing: 150, invalid: 50, counts: [20, 380, 380, 20] }),
    );
    expect(Object.keys(found)).toEqual(['age.missing_rate', 'age.invalid_rate', 'age.out_of_range_rate']);
    const missing = found['age.missing_rate']!;
    expect(missing).toMatchObject({
      state: 'measured',
      value: 0.15,
      nReference: 1000,
      nCurrent: 1000,
      referenceId: 'ref',
    });
    expect(missing.effect).toBeCloseTo(0.05, 12);
    expect(missing.pValue).toBeGreaterThan(1e-5);
    expect(missing.pValue).toBeLessThan(1e-3);
    expect(missing.lower).toBeLessThan(0.15);
    expect(missing.upper).toBeGreaterThan(0.15);
    expect(found['age.invalid_rate']).toMatchObject({ value: 0.05, effect: 0.05 });
    expect(found['age.out_of_range_rate']).toMatchObject({ value: 0.05, nCurrent: 800 });
    // Of 900 rows like those of the reference, one lies below all others and one above.
    expect(found['age.out_of_range_rate']!.effect).toBeCloseTo(0.05 - 2 / 900, 12);
  });

  it('counts unseen categories, and not those beyond the listed ones', () => {
    const found = find(
      profileOf(reference({ kind: 'categorical', edges: [], categories: ['a', 'b'], counts: [500, 400, 100, 0] })),
      dataOf({ counts: [500, 300, 150, 50] }),
    );
    expect(found['age.unseen_rate']).toMatchObject({ value: 0.05, effect: 0.05, state: 'measured' });
  });

  it('sees a feature that is no longer sent', () => {
    const found = find(profileOf(reference({})), dataOf({ n: 0, missing: 1000, counts: [0, 0, 0, 0] }));
    expect(found['age.missing_rate']).toMatchObject({ state: 'measured', value: 1, effect: 1 });
    expect(found['age.missing_rate']!.pValue).toBeLessThan(1e-100);
    expect(found['age.out_of_range_rate']).toMatchObject({ state: 'insufficient', finding: 'no value of age came' });
  });

  it.each([
    // ln(0.01)/ln(1 − 0.05) = 89.8 and ln(0.01)/ln(1 − 0.01) = 458.2
    ['missing_rate', 89, 'insufficient'],
    ['missing_rate', 90, 'measured'],
    ['invalid_rate', 458, 'insufficient'],
    ['invalid_rate', 459, 'measured'],
  ])('%s on %d rows is %s', (metric, n, state) => {
    expect(find(profileOf(reference({})), dataOf({ n }))[`age.${metric}`]!.state).toBe(state);
  });

  it('says that nothing came when there is no cell', () => {
    expect(find(profileOf(reference({})), dataOf())['age.missing_rate']).toMatchObject({
      state: 'insufficient',
      value: NaN,
    });
  });

  it('records without a reference', () => {
    const found = find(undefined, dataOf({ missing: 1000 }));
    expect(found).toMatchObject({
      'age.missing_rate': { value: 0.5, threshold: undefined, state: 'no_reference' },
      'age.invalid_rate': { value: 0, threshold: undefined, state: 'no_reference' },
    });
    const recorded = find(undefined, dataOf({ missing: 1000 }), { thresholds: {} });
    expect(recorded['age.missing_rate']).toMatchObject({ value: 0.5, state: 'measured' });
  });

  it('expects unseen categories where the reference has many that it has only once', () => {
    const counts = [600, 400, 0];
    const rare = {
      kind: 'categorical',
      edges: [],
      categories: ['a'],
      otherHashes: [1],
      counts,
      singletons: 200,
    } as const;
    const now = dataOf({ counts: [600, 200, 200] });
    expect(find(profileOf(reference(rare)), now)['age.unseen_rate']).toMatchObject({ value: 0.2, effect: 0 });
    const known = find(profileOf(reference({ ...rare, singletons: 0 })), now)['age.unseen_rate']!;
    expect(known.effect).toBe(0.2);
    expect(known.pValue).toBeLessThan(1e-20);
  });

  it('takes bounds from the spread over the chunks of the reference', () => {
    const chunk = (missing: number) => ({
      ...{ counts: [0, 50, 50, 0], n: 100 - missing, missing, invalid: 0, sum: 0, sumSquares: 0, min: 0, max: 99 },
    });
    const spread = reference({ n: 960, missing: 40, chunks: [2, 4, 6, 4].map(chunk) });
    const judged = (threshold: object, profile = profileOf(spread)) =>
      find(profile, dataOf({ n: 900, missing: 100 }), { thresholds: { missing_rate: threshold } })['age.missing_rate']!;
    const deviations = judged({ kind: 'standard_deviations', warning: 3 });
    expect(deviations).toMatchObject({ state: 'measured', effect: expect.closeTo(0.06, 12) as number });
    expect(deviations.threshold!.warning).toBeCloseTo(3 * Math.sqrt(0.0002), 12);
    expect(judged({ kind: 'quantiles', warning: 1 }).threshold!.warning).toBeCloseTo(0.02, 12);
    const auto = judged({ kind: 'auto', critical: 0.5 }).threshold!;
    expect(auto.critical).toBe(0.5);
    expect(auto.warning).toBeGreaterThan(0.01);
    expect(auto.warning).toBeLessThan(0.06);
    const none = judged({ kind: 'quantiles', warning: 1 }, profileOf(reference({})));
    expect(none.state).toBe('error');
    expect(none.finding).toContain('chunks of the reference, of which it has 0');
  });

  it('looks at the named features only', () => {
    const profile = profileOf(reference({}), reference({ series: 'fee' }));
    expect(Object.keys(find(profile, dataOf({}), { features: ['fee'] }))).toEqual([
      'fee.missing_rate',
      'fee.invalid_rate',
      'fee.out_of_range_rate',
    ]);
  });
});
