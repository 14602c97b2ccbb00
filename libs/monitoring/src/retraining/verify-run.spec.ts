import { noPerformance, type PerformanceData } from '../windows/window-data.js';
import { comparePaired, compareSideBySide } from './compare-performance.js';
import { type Answers, comparePredictions } from './compare-predictions.js';
import { type VerificationInput, verifyRun } from './verify-run.js';

/** So many of n answers of a binary model are right, half of them of each class. */
const classified = (right: number, n: number): PerformanceData => ({
  ...noPerformance,
  predicted: n,
  labelled: n,
  confusion: [
    { predicted: '1', label: '1', n: right / 2 },
    { predicted: '0', label: '0', n: right / 2 },
    { predicted: '1', label: '0', n: (n - right) / 2 },
    { predicted: '0', label: '1', n: (n - right) / 2 },
  ],
});
/** Errors of a regression of this mean size and spread. */
const valued = (mae: number, sd: number, n: number): PerformanceData => ({
  ...noPerformance,
  predicted: n,
  labelled: n,
  valued: n,
  sumAbsoluteError: mae * n,
  sumSquaredError: (mae ** 2 + sd ** 2) * n,
});

describe('compareSideBySide', () => {
  const accuracyOf = (old: number, current: number, n = 1000) =>
    compareSideBySide(classified(old, n), classified(current, n), 'binary', '1')[0]!;

  it('gives Newcombe’s interval of a difference of proportions', () => {
    // Newcombe (1998), table II, method 10: 56/70 − 48/80 is 0.2, from 0.0524 to 0.3339.
    const old = {
      ...noPerformance,
      labelled: 70,
      confusion: [
        { predicted: '1', label: '1', n: 56 },
        { predicted: '1', label: '0', n: 14 },
      ],
    };
    const current = {
      ...noPerformance,
      labelled: 80,
      confusion: [
        { predicted: '1', label: '1', n: 48 },
        { predicted: '1', label: '0', n: 32 },
      ],
    };
    const [accuracy] = compareSideBySide(old, current, 'multiclass', undefined);
    expect(accuracy!.metric).toBe('accuracy');
    expect(accuracy!.worsening).toBeCloseTo(0.2, 12);
    expect(accuracy!.lower).toBeCloseTo(0.0524, 4);
    expect(accuracy!.upper).toBeCloseTo(0.3339, 4);
  });

  it.each([
    [800, 800, 'no_difference'],
    [800, 790, 'no_difference'],
    [800, 740, 'worse'],
    [800, 860, 'better'],
  ] as const)('%i right and then %i of 1000: %s', (old, current, verdict) => {
    expect(accuracyOf(old, current).verdict).toBe(verdict);
  });

  it('does not take rates at the edge for certain', () => {
    expect(accuracyOf(100, 98, 100)).toMatchObject({ verdict: 'no_difference' });
    expect(accuracyOf(100, 80, 100)).toMatchObject({ verdict: 'worse' });
  });

  it('judges a regression by its errors, where more is worse', () => {
    const metrics = compareSideBySide(valued(1, 0.5, 500), valued(1.2, 0.5, 500), 'regression', undefined);
    expect(metrics.map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['mae', 'worse'],
      ['rmse', 'worse'],
    ]);
    expect(metrics[0]!.worsening).toBeCloseTo(0.2, 12);
    expect(metrics[0]!.lower).toBeGreaterThan(0);
    const better = compareSideBySide(valued(1.2, 0.5, 500), valued(1, 0.5, 500), 'regression', undefined);
    expect(better[0]).toMatchObject({ metric: 'mae', verdict: 'better' });
  });

  it('calls a version that is the same worse as often as it says', () => {
    // Two samples of the same truth, many times over: at most 5 %, give or take.
    let state = 7;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const draw = (): PerformanceData => {
      let right = 0;
      for (let i = 0; i < 300; i++) if (random() < 0.8) right++;
      return {
        ...noPerformance,
        labelled: 300,
        confusion: [
          { predicted: '1', label: '1', n: right },
          { predicted: '1', label: '0', n: 300 - right },
        ],
      };
    };
    const runs = 2000;
    let worse = 0;
    for (let i = 0; i < runs; i++) {
      if (compareSideBySide(draw(), draw(), 'multiclass', undefined)[0]!.verdict === 'worse') worse++;
    }
    expect(worse / runs).toBeLessThan(0.065);
    expect(worse / runs).toBeGreaterThan(0.03);
  });
});

describe('comparePaired', () => {
  /** Pairs of which the old version alone, and the new one alone, was right. */
  const pairs = (lost: number, gained: number, n = 1000, both = 700) => ({
    metric: 'accuracy' as const,
    n,
    oldSum: both + lost,
    newSum: both + gained,
    differenceSum: gained - lost,
    differenceSquares: gained + lost,
  });

  it('is the sign test of those on which the two disagree', () => {
    // 8 of 10 disagreements are losses: P(X >= 8) = 56/1024.
    const [few] = comparePaired([pairs(8, 2)]);
    expect(few!.p_value).toBeCloseTo(56 / 1024, 12);
    expect(few).toMatchObject({ verdict: 'no_difference', worsening: 0.006 });
    expect(comparePaired([pairs(9, 1)])[0]!.verdict).toBe('worse');
    expect(comparePaired([pairs(1, 9)])[0]!.verdict).toBe('better');
    expect(comparePaired([pairs(0, 0)])[0]).toMatchObject({ verdict: 'no_difference', p_value: 1, worsening: 0 });
  });

  it('sees on the same requests what apart is lost in their difficulty', () => {
    expect(comparePaired([pairs(25, 5)])[0]!.verdict).toBe('worse');
    const apart = compareSideBySide(classified(724, 1000), classified(704, 1000), 'binary', '1');
    expect(apart[0]!.verdict).toBe('no_difference');
  });

  it('shares the level among metrics', () => {
    const mae = { metric: 'mae' as const, n: 100, oldSum: 100, newSum: 118, differenceSum: 18, differenceSquares: 104 };
    // z = 0.18 / sqrt((1.04 - 0.0324) / 100) = 1.793: below 5 %, above 2.5 %.
    expect(comparePaired([mae])[0]).toMatchObject({ verdict: 'worse' });
    expect(comparePaired([mae])[0]!.p_value).toBeCloseTo(0.0365, 4);
    expect(comparePaired([mae, pairs(0, 0)])[0]).toMatchObject({ verdict: 'no_difference' });
  });
});

const answersOf = (performance: PerformanceData, scores = { n: 0, sum: 0, sumSquares: 0 }): Answers => ({
  scores,
  values: { n: 0, sum: 0, sumSquares: 0 },
  performance,
});

describe('comparePredictions', () => {
  it('tells means of scores apart in standard deviations', () => {
    // Means 0.4 and 0.5, both with variance 0.04.
    const old = answersOf(noPerformance, { n: 100, sum: 40, sumSquares: 100 * (0.16 + 0.04) });
    const current = answersOf(noPerformance, { n: 200, sum: 100, sumSquares: 200 * (0.25 + 0.04) });
    const compared = comparePredictions(old, current)!;
    expect(compared.distance).toBeCloseTo(0.5, 12);
    expect(compared.sentence).toBe('The mean score is 0.5, it was 0.4: 0.5 standard deviations higher.');
  });

  it('tells shares of classes apart where there are no numbers', () => {
    const shares = (ones: number): Answers =>
      answersOf({
        ...noPerformance,
        confusion: [
          { predicted: '1', label: '1', n: ones },
          { predicted: '0', label: '1', n: 100 - ones },
        ],
      });
    expect(comparePredictions(shares(60), shares(50))).toMatchObject({
      what: 'class',
      distance: expect.closeTo(0.1, 12) as number,
    });
    expect(comparePredictions(shares(60), answersOf(noPerformance))).toBeNull();
  });
});

describe('verifyRun', () => {
  const input = (values: Partial<VerificationInput> = {}): VerificationInput => ({
    oldVersion: '1',
    newVersion: '2',
    fromMs: 0,
    toMs: 1,
    current: answersOf(classified(820, 1000)),
    beside: answersOf(classified(800, 1000)),
    before: answersOf(classified(780, 1000)),
    paired: [],
    causes: [{ alertId: 'a', what: 'feature-drift on age', severity: 'ok' }],
    task: 'binary',
    positiveClass: '1',
    leastLabels: 100,
    ...values,
  });
  const few = answersOf(classified(80, 98));
  const cause = (severity: 'ok' | 'warning' | undefined) => [{ alertId: 'a', what: 'drift on age', severity }];
  it.each<[string, Partial<VerificationInput>, string, string]>([
    ['as good as the old one, and healed', {}, 'verified', 'side_by_side'],
    ['without a cause, as when a schedule asked', { causes: [] }, 'verified', 'side_by_side'],
    ['worse', { current: answersOf(classified(700, 1000)) }, 'rejected', 'side_by_side'],
    ['as good, but not healed', { causes: cause('warning') }, 'rejected', 'side_by_side'],
    ['as good, and nobody knows whether healed', { causes: cause(undefined) }, 'open', 'side_by_side'],
    ['with too few labels', { current: few }, 'open', 'none'],
    ['with too few labels, and not healed', { current: few, causes: cause('warning') }, 'open', 'none'],
    ['beside an old one with too few', { beside: few }, 'verified', 'before_after'],
    ['beside an old one that never had labels', { beside: few, before: few }, 'open', 'none'],
    [
      'worse on the same requests, whatever the windows say',
      { paired: [{ metric: 'accuracy', n: 200, oldSum: 160, newSum: 140, differenceSum: -20, differenceSquares: 30 }] },
      'rejected',
      'paired',
    ],
    [
      'with too few requests in common',
      { paired: [{ metric: 'accuracy', n: 99, oldSum: 80, newSum: 10, differenceSum: -70, differenceSquares: 70 }] },
      'verified',
      'side_by_side',
    ],
  ])('a version %s', (_, values, verdict, mode) => {
    const verification = verifyRun(input(values));
    expect(verification).toMatchObject({ verdict, comparison: { mode, verified: verdict === 'verified' } });
  });

  it('says what it found in sentences', () => {
    expect(verifyRun(input()).comparison.sentence).toBe(
      'accuracy of version 2 is 0.82 on 1000 labels, of version 1 0.8 on 1000 in the same windows (no difference beyond chance, p = 0.8727). What led to the retraining is over.',
    );
    expect(verifyRun(input({ current: few, causes: cause(undefined) })).comparison.sentence).toBe(
      'Not verified: version 2 has 98 labelled predictions of the 100 that a comparison takes, and it is not known yet whether drift on age is over.',
    );
  });
});
