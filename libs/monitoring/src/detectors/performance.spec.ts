import {
  monitorDeclarationSchema,
  type PerformanceSummary,
  type ReferenceProfile,
  type Task,
} from '@plumbline/contracts';
import { noPerformance, type PerformanceData, type WindowData } from '../windows/window-data.js';
import { performance } from './performance.js';

const profileOf = (values: PerformanceSummary, n = 50_000): ReferenceProfile => ({
  project: 'p',
  model: 'm',
  version: '1',
  referenceId: 'ref',
  createdAtMs: 0,
  createdBy: '',
  source: '',
  n,
  series: [],
  performance: values,
});

const confusionOf = (tp: number, fp: number, fn: number, tn: number): PerformanceData['confusion'] => [
  { predicted: '1', label: '1', n: tp },
  { predicted: '1', label: '0', n: fp },
  { predicted: '0', label: '1', n: fn },
  { predicted: '0', label: '0', n: tn },
];

const dataOf = (values: Partial<PerformanceData>): WindowData => {
  const labelled = values.confusion?.reduce((sum, { n }) => sum + n, 0) ?? 0;
  const n = values.predicted ?? labelled;
  return {
    series: [],
    traffic: { n, errors: 0, latencyCount: 0, latencyBins: [], weight: n, weightSquares: n },
    performance: {
      ...noPerformance,
      predicted: labelled,
      labelled,
      ...values,
    },
  };
};

const find = (profile: ReferenceProfile | undefined, data: WindowData, values: object = {}, task: Task = 'binary') => {
  const declaration = monitorDeclarationSchema.parse({ detector: 'performance', ...values });
  if (declaration.detector !== 'performance') throw new Error('unreachable');
  const settled = { ...declaration, alpha: 0.01 };
  const found = performance({
    declaration: settled,
    task,
    positiveClass: task === 'binary' ? '1' : undefined,
    profile,
    data,
  });
  return Object.fromEntries(found.map((raw) => [raw.method, raw]));
};

describe('performance', () => {
  it('measures the metrics of the positive class with their intervals', () => {
    const { accuracy, precision, recall, f1 } = find(
      profileOf({ accuracy: 0.9 }),
      dataOf({ confusion: confusionOf(60, 20, 40, 880) }),
    );
    expect(accuracy!.value).toBe(0.94);
    expect(precision!.value).toBe(0.75);
    expect(recall!.value).toBe(0.6);
    expect(f1!.value).toBeCloseTo(2 / 3, 12);
    // Wilson at 99 %: 940 of 1 000, by the formula in Python
    expect(accuracy!.lower).toBeCloseTo(0.9176023913622782, 9);
    expect(accuracy!.upper).toBeCloseTo(0.9565973835227239, 9);
    expect(accuracy).toMatchObject({ state: 'measured', nCurrent: 1000, nMissing: 0, nReference: 50_000 });
    expect(precision!.threshold).toBeUndefined();
  });

  it.each([
    ['a fall of a tenth', 850, 0.1005, true],
    ['a fall within chance', 940, 0.0053, false],
    ['a rise', 990, -0.0476, true],
  ])('%s', (_, correct, effect, significant) => {
    const { accuracy } = find(
      profileOf({ accuracy: 0.945 }),
      dataOf({ confusion: confusionOf(correct, 1000 - correct, 0, 0) }),
    );
    expect(accuracy!.effect).toBeCloseTo(effect, 3);
    expect(accuracy!.pValue <= 0.01).toBe(significant);
  });

  it('agrees with its interval: the p-value is below alpha where the interval excludes the reference', () => {
    for (let correct = 900; correct <= 990; correct++) {
      const reference = 0.945;
      const { accuracy } = find(
        profileOf({ accuracy: reference }, Infinity),
        dataOf({ confusion: confusionOf(correct, 1000 - correct, 0, 0) }),
      );
      const excluded = reference < accuracy!.lower || reference > accuracy!.upper;
      expect([correct, accuracy!.pValue <= 0.01]).toEqual([correct, excluded]);
    }
  });

  it('weighs the sampling error of a small reference', () => {
    const data = dataOf({ confusion: confusionOf(915, 85, 0, 0) });
    const large = find(profileOf({ accuracy: 0.945 }, 100_000), data)['accuracy']!;
    const small = find(profileOf({ accuracy: 0.945 }, 1_000), data)['accuracy']!;
    expect(small.pValue).toBeGreaterThan(large.pValue);
  });

  it.each([
    ['too few labels', { predicted: 49, confusion: confusionOf(40, 9, 0, 0) }, {}, 'it takes 50 labels'],
    [
      'too little coverage',
      { predicted: 10_000, confusion: confusionOf(500, 500, 0, 0) },
      { min_coverage: 0.2 },
      'it takes labels for 20 % of the predictions',
    ],
    [
      'too wide an interval',
      { confusion: confusionOf(55, 5, 0, 0) },
      {},
      'the interval is too wide to see a worsening of 5 %',
    ],
    ['no labels at all', { predicted: 500 }, {}, 'accuracy is unknown: 0 of 500 predictions have a label'],
  ])('%s: insufficient', (_, data, values, finding) => {
    const { accuracy } = find(profileOf({ accuracy: 0.945 }), dataOf(data), values);
    expect(accuracy!.state).toBe('insufficient');
    expect(accuracy!.finding).toContain(finding);
  });

  it('does not wait for a narrow interval once it excludes the reference', () => {
    const { accuracy } = find(profileOf({ accuracy: 0.945 }), dataOf({ confusion: confusionOf(30, 30, 0, 0) }));
    expect(accuracy).toMatchObject({ state: 'measured' });
    expect(accuracy!.effect).toBeGreaterThan(0.4);
  });

  it('records what the reference has no value for', () => {
    const { accuracy } = find(profileOf({ accuracy: NaN }), dataOf({ confusion: confusionOf(900, 100, 0, 0) }));
    expect(accuracy).toMatchObject({ state: 'measured', value: 0.9, threshold: undefined, effect: NaN });
    const { accuracy: alone } = find(undefined, dataOf({ confusion: confusionOf(900, 100, 0, 0) }));
    expect(alone).toMatchObject({ state: 'no_reference', value: 0.9, referenceId: '' });
    expect(alone!.finding).toContain('upload one');
  });

  it('reads the area under the ROC curve, log loss and Brier score from sums', () => {
    const { roc_auc, log_loss, brier } = find(
      profileOf({ roc_auc: 0.9, log_loss: 0.3, brier: 0.1 }),
      dataOf({
        confusion: confusionOf(400, 100, 100, 400),
        scored: 1000,
        probable: 1000,
        scores: [{ name: '1', exact: true, positives: [100, 400], negatives: [400, 100] }],
        sumLogLoss: 500,
        sumLogLossSquares: 600,
        sumBrier: 160,
        sumBrierSquares: 60,
      }),
    );
    expect(roc_auc!.value).toBeCloseTo(0.8, 12);
    expect(roc_auc).toMatchObject({ state: 'measured', threshold: { warning: 0.05, critical: 0.1 } });
    expect(roc_auc!.effect).toBeCloseTo(1 / 9, 9);
    expect(roc_auc!.lower).toBeLessThan(0.8);
    expect(log_loss!.value).toBe(0.5);
    expect(log_loss!.effect).toBeCloseTo(2 / 3, 9);
    expect(brier!.value).toBe(0.16);
    expect(brier!.lower).toBeLessThan(0.16);
  });

  it('measures regression by its errors', () => {
    const { mae, rmse, bias, accuracy } = find(
      profileOf({ mae: 1, rmse: 1.5, bias: 0 }),
      dataOf({
        labelled: 400,
        predicted: 400,
        valued: 400,
        sumError: 200,
        sumAbsoluteError: 480,
        sumSquaredError: 900,
      }),
      { thresholds: { mae: { warning: 0.1 }, bias: { warning: 0.2 } } },
      'regression',
    );
    expect(accuracy).toBeUndefined();
    expect(mae!.value).toBe(1.2);
    expect(mae!.effect).toBeCloseTo(0.2, 12);
    expect(rmse!.value).toBe(1.5);
    expect(rmse!.effect).toBe(0);
    expect(bias!.value).toBe(0.5);
    expect(bias!.effect).toBe(0.5);
    expect(bias!.state).toBe('measured');
  });

  it('takes the mean over classes for several classes', () => {
    const confusion = [
      { predicted: 'a', label: 'a', n: 90 },
      { predicted: 'b', label: 'a', n: 10 },
      { predicted: 'b', label: 'b', n: 100 },
      { predicted: 'c', label: 'c', n: 100 },
    ];
    const { recall, accuracy } = find(profileOf({ accuracy: 0.95 }), dataOf({ confusion }), {}, 'multiclass');
    expect(recall!.value).toBeCloseTo(0.9666666667, 9);
    expect(accuracy!.value).toBeCloseTo(290 / 300, 12);
  });

  it('says how many predictions have a label, how long these took, and when no more are expected', () => {
    const declaration = { ...monitorDeclarationSchema.parse({ detector: 'performance' }), alpha: 0.01 };
    if (declaration.detector !== 'performance') throw new Error('unreachable');
    const labelsDue = { windowEndMs: 1_000_000, horizonMs: 500_000 };
    const of = (predicted: number) => {
      const lagBins = [{ index: 465, count: 1000 }];
      const data = dataOf({ predicted, labelled: 1000, confusion: confusionOf(900, 100, 0, 0), lagBins });
      const profile = profileOf({ accuracy: 0.9 });
      return performance({ declaration, task: 'binary', positiveClass: '1', profile, data, labelsDue })[0]!;
    };
    expect(of(1250)).toMatchObject({ coverage: 0.8, nCurrent: 1000, nMissing: 250, finalFromMs: 1_500_000 });
    expect(of(1250).lagP50Ms).toBeCloseTo(1.02 ** 465.5, 6);
    expect(of(1000)).toMatchObject({ coverage: 1, nMissing: 0, finalFromMs: 1_000_000 });
  });

  it('takes off the effect what joined scores may add to it', () => {
    const scores = (exact: boolean) => [{ name: '1', exact, positives: [0, 100, 400], negatives: [400, 100, 0] }];
    const of = (exact: boolean) =>
      find(
        profileOf({ roc_auc: 0.99 }),
        dataOf({ labelled: 1000, predicted: 1000, scored: 1000, scores: scores(exact) }),
      )['roc_auc']!;
    // One bin holds a fifth of either class, so at most half of a 25th of the pairs are counted wrong.
    expect(of(false).errorBound).toBeCloseTo(0.02, 12);
    expect(of(true)).toMatchObject({ errorBound: 0, value: of(false).value });
    expect(of(true).effect).toBeCloseTo(0.01 / 0.99, 9);
    expect(of(false).effect).toBeCloseTo(0, 12);
  });

  it('counts the sampling error of a reference by the rows that have a label', () => {
    const data = dataOf({ confusion: confusionOf(915, 85, 0, 0) });
    const profile = profileOf({ accuracy: 0.945 }, 100_000);
    expect(find({ ...profile, labelled: 500 }, data)['accuracy']!.nReference).toBe(500);
    expect(find({ ...profile, labelled: 500 }, data)['accuracy']!.pValue).toBeGreaterThan(
      find(profile, data)['accuracy']!.pValue,
    );
  });

  it('does not judge what has no interval', () => {
    const { r2 } = find(
      profileOf({ r2: 0.9 }),
      dataOf({ labelled: 100, predicted: 100, valued: 100, truthMean: 5, sumSquaredError: 40 }),
      { thresholds: { r2: { warning: 0.1 } } },
      'regression',
    );
    expect(r2).toMatchObject({ state: 'insufficient', value: 0 });
    expect(r2!.finding).toContain('all the same');
  });

  it('measures several classes by each against the rest', () => {
    const { roc_auc, roc_auc_weighted, pr_auc } = find(
      undefined,
      dataOf({
        labelled: 30,
        predicted: 30,
        scored: 30,
        scores: [
          { name: 'a', exact: true, positives: [0, 10], negatives: [20, 0] },
          { name: 'b', exact: true, positives: [10, 10], negatives: [5, 5] },
          { name: 'never true', exact: true, positives: [0], negatives: [30] },
        ],
      }),
      {},
      'multiclass',
    );
    expect(roc_auc!.value).toBeCloseTo((1 + 0.5) / 2, 12);
    expect(roc_auc_weighted!.value).toBeCloseTo((10 * 1 + 20 * 0.5) / 30, 12);
    expect(pr_auc!.value).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });
});
