import {
  averagePrecision,
  averagePrecisionInterval,
  calibrationError,
  confusionEstimates,
  confusionMetrics,
  type Estimate,
  LOG_BIN_RATIO,
  regressionEstimates,
  rocAucEstimate,
} from './index.js';

/** Draws of a sample per row of a table; the same ones in every run. */
const DRAWS = 400;
/** Of the intervals. Within what they should cover lie the normal approximations at some hundred rows. */
const CONFIDENCE = 0.95;
const LEAST = 0.91;

let state = 1;
const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

/** Share of the samples whose interval holds the truth. */
function coverage(truth: number, draw: () => Pick<Estimate, 'lower' | 'upper'>): number {
  let held = 0;
  for (let i = 0; i < DRAWS; i += 1) {
    const { lower, upper } = draw();
    if (lower <= truth && truth <= upper) held += 1;
  }
  return held / DRAWS;
}

describe('95 % intervals hold the truth in', () => {
  beforeEach(() => (state = 20_261_121));

  const P = { a: [0.3, 0.05, 0.05], b: [0.02, 0.2, 0.03], c: [0.01, 0.04, 0.3] } as const;
  const names = ['a', 'b', 'c'] as const;
  const population = names.flatMap((label) =>
    names.map((predicted, i) => ({ label, predicted, n: P[label][i]! * 1_000_000 })),
  );
  const sampleOf = (n: number) => {
    const cells = population.map((cell) => ({ ...cell, n: 0 }));
    for (let i = 0; i < n; i += 1) {
      let u = uniform() * 1_000_000;
      const place = population.findIndex((cell) => (u -= cell.n) <= 0);
      cells[Math.max(0, place)]!.n += 1;
    }
    return cells;
  };
  const truth = confusionMetrics(population);
  const ofB = confusionMetrics(population, 'b');

  it.each([
    ['accuracy', truth.accuracy, undefined],
    ['balancedAccuracy', truth.balancedAccuracy, undefined],
    ['mcc', truth.mcc, undefined],
    ['specificity', truth.specificity, undefined],
    ['specificity', ofB.specificity, 'b'],
    ['precision', ofB.precision, 'b'],
    ['recall', ofB.recall, 'b'],
    ['f1', ofB.f1, 'b'],
    ['f1', truth.f1, undefined],
  ] as const)('%s (%p, class %p)', (name, value, positive) => {
    expect(coverage(value, () => confusionEstimates(sampleOf(150), positive, CONFIDENCE)![name])).toBeGreaterThan(
      LEAST,
    );
  });

  it.each(['precision', 'recall', 'f1'] as const)('weighted %s', (name) => {
    const held = coverage(
      truth.weighted[name],
      () => confusionEstimates(sampleOf(150), undefined, CONFIDENCE)!.weighted[name],
    );
    expect(held).toBeGreaterThan(LEAST);
  });

  /** Scores of two normal classes, the positive one moved and stretched, as bins of one row each. */
  const ranked = (nNegative: number, nPositive: number, shift: number, scale: number) => {
    const rows = [
      ...Array.from({ length: nNegative }, () => [normal(), 0] as const),
      ...Array.from({ length: nPositive }, () => [shift + scale * normal(), 1] as const),
    ].sort(([left], [right]) => left - right);
    return { negatives: rows.map(([, y]) => 1 - y), positives: rows.map(([, y]) => y) };
  };
  /** Φ((shift)/√(1 + scale²)): .760250 at 1, 1; .983053 at 3, 1; .624085 at 1, 3 (scipy.stats.norm.cdf) */
  it.each([
    [60, 60, 1, 1, 0.76025],
    [200, 40, 3, 1, 0.983053],
    [200, 50, 1, 3, 0.624085],
  ])('area under the ROC curve: %p and %p rows, shift %p, scale %p', (nNegative, nPositive, shift, scale, area) => {
    const held = coverage(area, () => {
      const { negatives, positives } = ranked(nNegative, nPositive, shift, scale);
      return rocAucEstimate(negatives, positives, CONFIDENCE);
    });
    expect(held).toBeGreaterThan(LEAST);
  });

  it('average precision', () => {
    const large = ranked(80_000, 20_000, 1.5, 1);
    const { value: area } = averagePrecision(large.negatives, large.positives);
    const held = coverage(area, () => {
      const { negatives, positives } = ranked(160, 40, 1.5, 1);
      return averagePrecisionInterval(averagePrecision(negatives, positives).value, 40, CONFIDENCE);
    });
    expect(held).toBeGreaterThan(LEAST);
  });

  /** Scores that say the chance, or more than that; the error of uniform scores s that stand for s² is ∫ s − s². */
  it.each([
    ['calibrated', (s: number) => s, 0],
    ['too sure', (s: number) => s * s, 1 / 6],
  ])('calibration error of scores that are %s', (_, chance, error) => {
    const held = coverage(error, () => {
      const bins = Array.from({ length: 15 }, () => ({ n: 0, hits: 0, sumScore: 0 }));
      for (let i = 0; i < 500; i += 1) {
        const score = uniform();
        const bin = bins[Math.floor(score * 15)]!;
        bin.n += 1;
        bin.sumScore += score;
        if (uniform() < chance(score)) bin.hits += 1;
      }
      return calibrationError(bins, CONFIDENCE);
    });
    expect(held).toBeGreaterThan(LEAST);
  });

  const regression = (n: number) => {
    const truths = Array.from({ length: n }, () => 100 + 10 * normal());
    const errors = truths.map(() => 1 + 5 * normal());
    const sum = (of: (i: number) => number): number => truths.reduce((total, _, i) => total + of(i), 0);
    const truthMean = sum((i) => truths[i]!) / n;
    const counts = new Map<number, number>();
    for (const error of errors) {
      const index = Math.floor(Math.log(Math.abs(error)) / Math.log(LOG_BIN_RATIO));
      counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    return regressionEstimates(
      {
        valued: n,
        sumError: sum((i) => errors[i]!),
        sumAbsoluteError: sum((i) => Math.abs(errors[i]!)),
        sumSquaredError: sum((i) => errors[i]! ** 2),
        sumQuarticError: sum((i) => errors[i]! ** 4),
        sumPercentageError: sum((i) => Math.abs(errors[i]! / truths[i]!)),
        sumPercentageErrorSquares: sum((i) => (errors[i]! / truths[i]!) ** 2),
        truthMean,
        truthSquares: sum((i) => (truths[i]! - truthMean) ** 2),
        truthQuartics: sum((i) => (truths[i]! - truthMean) ** 4),
        squaredErrorByTruth: sum((i) => (errors[i]! * (truths[i]! - truthMean)) ** 2),
        errorBins: [...counts].map(([index, count]) => ({ index, count })),
      },
      CONFIDENCE,
    )!;
  };
  /** Errors are 1 ± 5, the truth 100 ± 10: R² is 1 − 26/100, and |error| has the folded normal distribution (scipy.stats.foldnorm). */
  it.each([
    ['bias', 1],
    ['mae', 4.06895], // foldnorm(0.2, scale=5).mean()
    ['rmse', Math.sqrt(26)],
    ['r2', 0.74],
    ['errorP50', 3.44036], // foldnorm(0.2, scale=5).ppf(0.5)
    ['errorP90', 8.38739], // foldnorm(0.2, scale=5).ppf(0.9)
  ] as const)('%s', (name, value) => {
    expect(coverage(value, () => regression(200)[name])).toBeGreaterThan(LEAST);
  });
});
