import { monitorDeclarationSchema, type ReferenceProfile, type ReferenceSeries } from '@plumbline/contracts';
import { decidingSeries } from './deciding-series.js';
import { falseAlarmLevel } from './false-alarm-level.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const series = (name: string, kind: ReferenceSeries['kind']): ReferenceSeries => ({
  ...{ series: name, kind, binSetId: name, edges: [], decileEdgeIndexes: [], categories: [], otherHashes: [] },
  ...{ counts: [], n: 1000, missing: 0, invalid: 0, mean: 0, std: 1, min: 0, max: 1 },
});

const profile: ReferenceProfile = {
  ...{ project: 'p', model: 'm', version: '1', referenceId: 'r', createdAtMs: 0, createdBy: '', source: '', n: 1000 },
  series: [
    series('age', 'numeric'),
    series('fee', 'numeric'),
    series('country', 'categorical'),
    series('$score', 'numeric'),
  ],
  performance: { accuracy: 0.9, roc_auc: 0.8 },
};

const share = (values: object, everyMs = DAY_MS) => ({ declaration: monitorDeclarationSchema.parse(values), everyMs });
const drift = share({ detector: 'feature_drift' });

describe('decidingSeries', () => {
  it.each([
    ['features, by the method with a threshold', { detector: 'feature_drift' }, 3],
    ['the named features', { detector: 'feature_drift', features: ['fee'] }, 1],
    ['answers', { detector: 'prediction_drift' }, 1],
    [
      'methods of the kind',
      { detector: 'feature_drift', thresholds: { ks: { warning: 0.1 }, 'psi.decile': { warning: 0.1 } } },
      5,
    ],
    ['three rates each', { detector: 'data_quality' }, 12],
    [
      'metrics that the reference has',
      { detector: 'performance', thresholds: { accuracy: { warning: 0.05 }, mae: { warning: 0.1 } } },
      1,
    ],
    ['nothing of traffic', { detector: 'traffic' }, 0],
  ])('counts %s', (_, values, expected) => {
    expect(decidingSeries(monitorDeclarationSchema.parse(values), profile)).toBe(expected);
    expect(decidingSeries(monitorDeclarationSchema.parse(values), undefined)).toBe(0);
  });
});

describe('falseAlarmLevel', () => {
  it('divides the budget among the windows of a month and the series', () => {
    const { alpha, seriesAlpha } = falseAlarmLevel(1, drift, [drift], profile);
    expect(alpha).toBeCloseTo(1 / 30, 12);
    expect(seriesAlpha).toBeCloseTo(1 / 90, 12);
  });

  it('gives hourly windows a stricter level', () => {
    const hourly = share({ detector: 'feature_drift' }, HOUR_MS);
    expect(falseAlarmLevel(1, hourly, [hourly], profile).alpha).toBeCloseTo(1 / 720, 12);
  });

  it('shares the budget among the monitors by what they decide, a rate as a twentieth', () => {
    const quality = share({ detector: 'data_quality' });
    const both = [drift, quality];
    const driftAlpha = falseAlarmLevel(1, drift, both, profile).alpha;
    const qualityAlpha = falseAlarmLevel(1, quality, both, profile).alpha;
    expect(driftAlpha / qualityAlpha).toBeCloseTo(3 / 0.6, 12);
    expect(driftAlpha + qualityAlpha).toBeCloseTo(1 / 30, 12);
  });

  it('leaves the budget to the others where a monitor declares its level', () => {
    const own = share({ detector: 'data_quality', alpha: 0.02 });
    expect(falseAlarmLevel(1, own, [drift, own], profile).alpha).toBe(0.02);
    expect(falseAlarmLevel(1, drift, [drift, own], profile).alpha).toBeCloseTo(1 / 30, 12);
  });

  it('divides the level among versions and segments, not the budget', () => {
    const { alpha, seriesAlpha } = falseAlarmLevel(1, drift, [drift], profile, 4);
    expect(alpha).toBeCloseTo(1 / 30, 12);
    expect(seriesAlpha).toBeCloseTo(1 / 360, 12);
  });

  it('asks less of each window where several in a row have to breach', () => {
    const patient = share({ detector: 'feature_drift', for: 3, windows: { every: '1h' } }, HOUR_MS);
    // (b/(W·F)) to the power of 2/(1 + 3)
    expect(falseAlarmLevel(1, patient, [patient], profile).seriesAlpha).toBeCloseTo(
      Math.min(0.05 / 3, Math.sqrt(1 / 2160)),
      12,
    );
  });

  it('is never weaker than 5 %, and never 0 without a reference', () => {
    expect(falseAlarmLevel(1000, drift, [drift], profile).alpha).toBe(0.05);
    expect(falseAlarmLevel(1, drift, [drift], undefined).alpha).toBeGreaterThan(0);
  });
});
