import { monitorDeclarationSchema, type ReferenceProfile, type ReferenceSeries } from '@plumbline/contracts';
import { noPerformance, type WindowData } from '../windows/window-data.js';
import { featureDrift } from './feature-drift.js';
import { predictionDrift } from './prediction-drift.js';
import { settleLevel } from './settle-level.js';

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
  traffic: { n: 1000, errors: 0, latencyCount: 0, latencyBins: [], weight: 1000, weightSquares: 1000 },
  performance: { ...noPerformance, predicted: 1000 },
});

const declare = (values: object = {}) =>
  settleLevel(monitorDeclarationSchema.parse({ detector: 'feature_drift', ...values })) as Parameters<
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
    const small = dataOf({ age: even.map((n) => n / 10) });
    const [psi] = find(profile, small);
    expect(psi).toMatchObject({ state: 'insufficient', nCurrent: 100 });
    // χ²(9, .99) = 21.666, its mean is 9: (21.666 − 9)(1/30000 + 1/m) ≤ 0.1 from m = 128 on.
    expect(psi!.finding).toContain('; 28 rows short of the 128 it takes to tell 0.1 from chance');
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

    it('is drift when it rises, which PSI over its deciles cannot see and KS decides', () => {
      const flag = numeric('fee', [0, 950, 50, 0], {
        edges: [0, 1, 1.5],
        decileEdgeIndexes: [0],
        min: 0,
        max: 1,
      });
      const now = dataOf({ fee: [0, 500, 500, 0] });
      // 950 zeros and 50 ones; then 500 of each.
      const sums = { ...now, series: now.series.map((each) => ({ ...each, sum: 500, sumSquares: 500, max: 1 })) };
      const [psi, ks] = find(profileOf({ ...flag, mean: 0.05 }), sums);
      expect(psi!.value).toBe(0);
      expect(ks).toMatchObject({ method: 'ks', state: 'measured', threshold: { warning: 0.1, critical: 0.25 } });
      expect(ks!.value).toBeCloseTo(0.45, 12);
      expect(ks!.effect).toBeGreaterThan(0.25);
      expect(ks!.pValue).toBeLessThan(1e-12);
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
      { feature: '', method: 'reference', state: 'no_reference', threshold: undefined },
    ]);
  });

  it('looks at the named features only, and never at what the model answers', () => {
    const profile = profileOf(numeric('a', even), numeric('b', even), numeric('$score', even));
    const data = dataOf({ a: even, b: even, $score: even });
    const names = (found: readonly { feature: string }[]) => [...new Set(found.map(({ feature }) => feature))];
    expect(names(find(profile, data))).toEqual(['a', 'b']);
    expect(names(find(profile, data, { features: ['b', 'gone'] }))).toEqual(['b']);
    const declaration = settleLevel(monitorDeclarationSchema.parse({ detector: 'prediction_drift' }));
    if (declaration.detector !== 'prediction_drift') throw new Error('unreachable');
    expect(names(predictionDrift({ declaration, task: 'binary', positiveClass: '1', profile, data }))).toEqual([
      '$score',
    ]);
  });

  it('does not judge what is mostly of the wrong type: it says so, in this window', () => {
    const data = dataOf({ age: even });
    const flipped = { ...data, series: data.series.map((each) => ({ ...each, invalid: 5000 })) };
    const [psi] = find(profileOf(numeric('age', even)), flipped);
    expect(psi).toMatchObject({ state: 'error', nCurrent: 1000 });
    expect(psi!.finding).toBe(
      'PSI of age cannot be judged: 5000 of 6000 values are of the wrong type (see invalid_rate): send numeric values, or declare the feature as what it is',
    );
  });

  describe('bounds that are not given but found', () => {
    const chunk = (counts: readonly number[]) => ({
      counts,
      n: counts.reduce((sum, n) => sum + n, 0),
      missing: 0,
      invalid: 0,
      sum: 0,
      sumSquares: 0,
      min: 0,
      max: 10,
    });
    // Total variation against equal shares: .1, .2, .3 and .2.
    const chunks = [
      [60, 40, 0, 0],
      [70, 30, 0, 0],
      [80, 20, 0, 0],
      [30, 70, 0, 0],
    ].map(chunk);
    const reference = { ...categorical('country', [200, 200]), chunks };
    const judged = (threshold: object, rows = 100) => {
      const values = { categorical_methods: ['tv'], thresholds: { tv: threshold } };
      return find(profileOf(reference), dataOf({ country: [0.9 * rows, 0.1 * rows, 0, 0] }), values)[0]!;
    };

    it('are the mean and so many standard deviations over the chunks of the reference', () => {
      const found = judged({ kind: 'standard_deviations', warning: 1, critical: 3 });
      expect(found.threshold!.warning).toBeCloseTo(0.2 + Math.sqrt(0.005), 12);
      expect(found.threshold!.critical).toBeCloseTo(0.2 + 3 * Math.sqrt(0.005), 12);
      // The chunks hold what chance gives, so nothing is taken off.
      expect(found).toMatchObject({ state: 'measured', value: expect.closeTo(0.4, 12) as number });
      expect(found.effect).toBe(found.value);
    });

    it('are quantiles over them, as numpy interpolates', () => {
      const { threshold } = judged({ kind: 'quantiles', warning: 0.5, critical: 1 });
      expect(threshold!.warning).toBeCloseTo(0.2, 12);
      expect(threshold!.critical).toBeCloseTo(0.3, 12);
    });

    it('are wider for a window smaller than the chunks, and the same for a larger one', () => {
      const bound = (rows: number) => judged({ kind: 'quantiles', critical: 1 }, rows).threshold!.critical!;
      expect(bound(50) / bound(100)).toBeCloseTo(Math.sqrt((1 / 400 + 1 / 50) / (1 / 400 + 1 / 100)), 12);
      expect(bound(1000)).toBeCloseTo(bound(100), 12);
    });

    it('need chunks', () => {
      const values = { categorical_methods: ['tv'], thresholds: { tv: { kind: 'quantiles', warning: 1 } } };
      const [found] = find(profileOf(categorical('country', [200, 200])), dataOf({ country: [90, 10, 0, 0] }), values);
      expect(found!.state).toBe('error');
      expect(found!.finding).toContain('of which it has 0: post a reference of at least 3 parts again');
    });

    it('are the smallest effect that can be told from chance', () => {
      const profile = profileOf(numeric('age', even));
      const bound = (rows: number, alpha: number) => {
        const data = dataOf({ age: even.map((n) => (n * rows) / 1000) });
        return find(profile, data, { thresholds: { 'psi.decile': { kind: 'auto' } }, alpha })[0]!.threshold!.warning!;
      };
      // (χ²(9, .99) − 9)(1/1000 + 1/1000)
      expect(bound(1000, 0.01)).toBeCloseTo(0.02533, 4);
      expect(bound(1000, 0.0001)).toBeGreaterThan(bound(1000, 0.01));
      expect(bound(200, 0.01)).toBeGreaterThan(bound(1000, 0.01));
    });
  });

  it('finds the same numbers whenever it simulates', () => {
    const values = { numeric_methods: ['wasserstein.std'], thresholds: { 'wasserstein.std': { warning: 0.1 } } };
    const once = find(profileOf(numeric('age', even)), dataOf({ age: shifted }), values);
    const again = find(profileOf(numeric('age', even)), dataOf({ age: shifted }), values);
    expect(again).toEqual(once);
    expect(once[0]!.pValue).toBeLessThan(0.01);
  });
});
