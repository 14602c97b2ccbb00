import { monitorDeclarationSchema, type ReferenceProfile, type ReferenceSeries } from '@plumbline/contracts';
import { noPerformance, type WindowData } from '../windows/window-data.js';
import { featureDrift } from './feature-drift.js';
import { predictionDrift } from './prediction-drift.js';

const numeric = (
  series: string,
  counts: readonly number[],
  overrides: Partial<ReferenceSeries> = {},
): ReferenceSeries => ({
  series,
  kind: 'numeric',
  binSetId: `bins of ${series}`,
  edges: counts.slice(1).map((_, i) => i + 1),
  decileEdgeIndexes: counts.slice(1).map((_, i) => i),
  categories: [],
  otherHashes: [],
  counts,
  n: counts.reduce((sum, n) => sum + n, 0),
  missing: 0,
  invalid: 0,
  mean: 0,
  std: 1,
  min: 0,
  max: counts.length,
  ...overrides,
});

const categorical = (series: string, counts: readonly number[]): ReferenceSeries => ({
  ...numeric(series, [...counts, 0, 0]),
  kind: 'categorical',
  edges: [],
  decileEdgeIndexes: [],
  categories: counts.map((_, i) => `c${i}`),
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

const dataOf = (counts: Record<string, readonly number[]>, binSetId?: string): WindowData => ({
  series: Object.entries(counts).map(([series, bins]) => ({
    series,
    binSetId: binSetId ?? `bins of ${series}`,
    n: bins.reduce((sum, n) => sum + n, 0),
    missing: 3,
    invalid: 0,
    sum: 0,
    sumSquares: 0,
    min: 0,
    max: bins.length,
    counts: bins,
  })),
  traffic: { n: 1000, errors: 0, latencyCount: 0, latencyBins: [] },
  performance: { ...noPerformance, predicted: 1000 },
});

const declare = (values: object = {}) =>
  monitorDeclarationSchema.parse({ detector: 'feature_drift', ...values }) as Parameters<
    typeof featureDrift
  >[0]['declaration'];
const find = (profile: ReferenceProfile | undefined, data: WindowData, values: object = {}) =>
  featureDrift({ declaration: declare(values), task: 'binary', positiveClass: '1', profile, data });

const even = [100, 100, 100, 100, 100, 100, 100, 100, 100, 100];
const shifted = [20, 40, 60, 80, 100, 100, 120, 140, 160, 180];

describe('feature drift', () => {
  it('measures PSI and KS of a numeric feature, and lets PSI decide by default', () => {
    const [psi, ks] = find(profileOf(numeric('age', even)), dataOf({ age: shifted }));
    // PSI with (c+½)/(n+½B) and B = 10, computed with Python.
    expect(psi).toMatchObject({
      feature: 'age',
      method: 'psi.decile',
      state: 'measured',
      nReference: 1000,
      nCurrent: 1000,
    });
    expect(psi!.value).toBeCloseTo(0.29692975697248214, 9);
    expect(psi!.effect).toBeCloseTo(psi!.value - 9 * (1 / 1000 + 1 / 1000), 12);
    expect(psi!.pValue).toBeLessThan(1e-20);
    expect(psi!.nMissing).toBe(3);
    expect(psi!.referenceId).toBe('ref');
    expect(psi!.threshold).toEqual({ warning: 0.1, critical: 0.25 });
    expect(ks).toMatchObject({ method: 'ks', state: 'measured', threshold: undefined });
    expect(ks!.value).toBeCloseTo(0.2, 12);
    expect(ks!.errorBound).toBeCloseTo(0.1, 12);
    expect(ks!.effect).toBeLessThan(0.1);
  });

  it('lets a category nobody knew weigh in, as a bin of its own', () => {
    const reference = categorical('country', [600, 400]);
    const [psi, chi2] = find(profileOf(reference), dataOf({ country: [500, 300, 0, 200] }));
    expect(psi!.value).toBeGreaterThan(1);
    expect(Number.isFinite(psi!.value)).toBe(true);
    expect(chi2).toMatchObject({ method: 'chi2.contingency', state: 'measured', threshold: undefined });
    expect(chi2!.pValue).toBeLessThan(1e-20);
    expect(chi2!.effect).toBeCloseTo(Math.sqrt((chi2!.value - 2) / 2000), 9);
  });

  it.each(['psi.decile', 'ks', 'chi2.contingency', 'js.base2', 'wasserstein.std', 'hellinger', 'tv'] as const)(
    '%s: no effect and no significance without drift, an effect with it',
    (method) => {
      const profile = profileOf(numeric('age', even));
      const values = { numeric_methods: [method], thresholds: { [method]: { warning: 0.05 } } };
      const [same] = find(profile, dataOf({ age: even }), values);
      const [moved] = find(profile, dataOf({ age: shifted.map((n) => n * 10) }), values);
      expect(same!.value).toBeCloseTo(0, 12);
      expect(same!.effect).toBeLessThan(0.05);
      expect(same!.pValue).toBeGreaterThan(0.9);
      expect(moved!.pValue).toBeLessThan(1e-12);
      expect(moved!.value).toBeGreaterThan(0.05);
    },
  );

  it('has a minimum of rows that grows as the threshold falls', () => {
    const profile = profileOf(
      numeric(
        'age',
        even.map((n) => n * 30),
      ),
    );
    const small = dataOf({ age: even.map((n) => n / 5) });
    const [psi] = find(profile, small);
    expect(psi).toMatchObject({ state: 'insufficient', nCurrent: 200 });
    // χ²(9, .99) = 21.666: 21.666 (1/30000 + 1/m) ≤ 0.1 from m = 219 on.
    expect(psi!.finding).toContain('it takes 219 rows to tell 0.1 from chance');
    const [looser] = find(profile, small, { thresholds: { 'psi.decile': { critical: 0.25 } } });
    expect(looser!.state).toBe('measured');
  });

  it.each([
    ['no cells of the feature', dataOf({}), 'no value of age came'],
    ['only missing values', dataOf({ age: even.map(() => 0) }), 'no value of age came'],
    ['cells of other bins', dataOf({ age: even }, 'older bins'), 'no value of age came'],
  ])('%s: insufficient, never drift', (_, data, finding) => {
    const [psi] = find(profileOf(numeric('age', even)), data);
    expect(psi).toMatchObject({ state: 'insufficient', finding, value: NaN, nCurrent: 0 });
  });

  it('says that a reference too small can show nothing', () => {
    const [psi] = find(profileOf(numeric('age', [10, 10, 10, 10])), dataOf({ age: [500, 500, 500, 500] }));
    expect(psi!.state).toBe('insufficient');
    expect(psi!.finding).toContain('the reference is too small');
  });

  it('says that a reference without values can show nothing', () => {
    const [psi] = find(profileOf(numeric('age', [0, 0])), dataOf({ age: [500, 500] }));
    expect(psi).toMatchObject({ state: 'insufficient', finding: 'the reference holds no value of age' });
  });

  describe('a constant reference', () => {
    // Bins of the constant 5: below it, from it on.
    const constant = numeric('fee', [0, 1000], { edges: [5], decileEdgeIndexes: [0], min: 5, max: 5, std: 0 });
    const methods = { numeric_methods: ['psi.decile', 'ks', 'wasserstein.std'] };

    it('is no drift while the value stays', () => {
      const all = find(profileOf(constant), dataOf({ fee: [0, 1000] }), methods);
      expect(all.map(({ state, value, effect }) => [state, value, effect <= 0])).toEqual([
        ['measured', 0, true],
        ['measured', 0, true],
        ['measured', 0, true],
      ]);
    });

    it('is drift when it falls', () => {
      const [psi, ks] = find(profileOf(constant), dataOf({ fee: [300, 700] }), methods);
      expect(psi!.effect).toBeGreaterThan(0.25);
      expect(psi!.pValue).toBeLessThan(1e-12);
      expect(ks!.value).toBeCloseTo(0.3, 12);
    });

    it('is not judged on a handful of rows', () => {
      expect(find(profileOf(constant), dataOf({ fee: [0, 3] }))[0]!.state).toBe('insufficient');
    });
  });

  it('lets one bad series cost only itself', () => {
    const data = dataOf({ bad: [1, 2, 3], good: even });
    const found = find(profileOf(numeric('bad', even), numeric('good', even)), data);
    expect(found.map(({ feature, method, state }) => [feature, method, state])).toEqual([
      ['bad', 'psi.decile', 'error'],
      ['bad', 'ks', 'error'],
      ['good', 'psi.decile', 'measured'],
      ['good', 'ks', 'measured'],
    ]);
    expect(found[0]!.finding).toMatch(/^PSI of bad could not be computed: /);
  });

  it('refuses an ordered method for categories, by name', () => {
    const [ks] = find(profileOf(categorical('country', [600, 400])), dataOf({ country: [600, 400, 0, 0] }), {
      categorical_methods: ['ks'],
    });
    expect(ks).toMatchObject({
      state: 'error',
      finding: 'KS of country is not defined: the values of a categorical feature have no order',
    });
  });

  it('says so when the version has no reference', () => {
    expect(find(undefined, dataOf({ age: even }))).toMatchObject([
      { feature: '', method: 'reference', state: 'insufficient', threshold: undefined },
    ]);
  });

  it('looks at the named features only, and never at what the model answers', () => {
    const profile = profileOf(numeric('a', even), numeric('b', even), numeric('$score', even));
    const data = dataOf({ a: even, b: even, $score: even });
    const names = (found: readonly { feature: string }[]) => [...new Set(found.map(({ feature }) => feature))];
    expect(names(find(profile, data))).toEqual(['a', 'b']);
    expect(names(find(profile, data, { features: ['b', 'gone'] }))).toEqual(['b']);
    const declaration = monitorDeclarationSchema.parse({ detector: 'prediction_drift' });
    if (declaration.detector !== 'prediction_drift') throw new Error('unreachable');
    expect(names(predictionDrift({ declaration, task: 'binary', positiveClass: '1', profile, data }))).toEqual([
      '$score',
    ]);
  });
});
