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
  return {
    series: [],
    traffic: { n: values.predicted ?? labelled, errors: 0, latencyCount: 0, latencyBins: [] },
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
});
