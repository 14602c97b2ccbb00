import { readFileSync } from 'node:fs';
import {
  benjaminiHochberg,
  chiSquareContingency,
  chiSquareCritical,
  chiSquareSurvival,
  confusionMetrics,
  hellingerDistance,
  infinityDistance,
  jensenShannonDistance,
  ksFromCounts,
  ksPValue,
  ksTwoSample,
  kullbackLeibler,
  normalQuantile,
  normalSurvival,
  populationStabilityIndex,
  psiCritical,
  psiPValue,
  quantileEdges,
  regularizedGammaP,
  regularizedGammaQ,
  rocAucFromBins,
  totalVariation,
  twoProportionPValue,
  wassersteinFromSorted,
  wilsonInterval,
} from './index.js';
import { kolmogorovSurvival } from './kolmogorov-survival.js';

/** NaN and infinities are strings in the file: `Number` reads both. */
type Value = number | string;
interface Golden {
  distances: {
    reference: number[];
    current: number[];
    psi: { value: Value; bins: number; pValue: Value; critical05: Value };
    js2: Value;
    jsE: Value;
    hellinger: Value;
    tv: Value;
    linf: Value;
    kl: Value;
    ksAtEdges: Value;
  }[];
  chiSquare: {
    reference: number[];
    current: number[];
    minimumExpected: number;
    statistic: number;
    pValue: number;
    degreesOfFreedom: number;
    cramersV: number;
  }[];
  raw: { x: number[]; y: number[]; ks: number; pValue: number; wasserstein: number }[];
  ksPValues: { n?: number; m?: number; effective?: number; d: number; pValue: number }[];
  quantileEdges: { sample: number[]; bins: { binCount: number; edges: number[] }[] }[];
  tails: {
    chi2: { x: number; df: number; survival: number }[];
    chi2Critical: { alpha: number; df: number; critical: number }[];
    normal: { x: number; survival: number }[];
    normalQuantile: { p: number; quantile: number }[];
    gammaQ: { a: number; x: number; q: number; p: number }[];
  };
  families: { pValues: number[]; adjusted: number[] }[];
  wilson: { k: number; n: number; confidence: number; lower: number; upper: number }[];
  fisher: { counts: [number, number, number, number]; pValue: number }[];
  auc: { negatives: number[]; positives: number[]; auc: number }[];
  confusion: {
    cells: { label: string; predicted: string; n: number }[];
    positiveClass: string | null;
    accuracy: number;
    precision: number;
    recall: number;
    f1: number;
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/statistics.json', import.meta.url), 'utf8'),
) as Golden;

/** Compares within a relative tolerance; `floor` is the absolute error that rounding of O(1) shares cannot avoid. */
function expectClose(actual: number, expected: Value, what: string, relative = 1e-9, floor = 0): void {
  const wanted = Number(expected);
  if (Object.is(actual, wanted) || Math.abs(actual - wanted) <= Math.max(relative * Math.abs(wanted), floor)) return;
  throw new Error(`${what}: ${actual} is not ${wanted} (relative error ${Math.abs(actual / wanted - 1)})`);
}

describe('golden values of numpy, scipy and scikit-learn', () => {
  it('distances of counts', () => {
    for (const { reference, current, psi, ...expected } of golden.distances) {
      const what = `${reference.join()} | ${current.join()}`;
      const { value, bins } = populationStabilityIndex(reference, current);
      const n = reference.reduce((a, b) => a + b);
      const m = current.reduce((a, b) => a + b);
      expect(bins).toBe(psi.bins);
      expectClose(value, psi.value, `psi ${what}`);
      expectClose(psiPValue(value, bins, n, m), psi.pValue, `psi p ${what}`);
      expectClose(psiCritical(0.05, bins, n, m), psi.critical05, `psi critical ${what}`);
      // √ turns rounding of 1e-17 in the divergence into 1e-8 where the samples agree.
      expectClose(jensenShannonDistance(reference, current), expected.js2, `js2 ${what}`, 1e-9, 3e-8);
      expectClose(jensenShannonDistance(reference, current, Math.E), expected.jsE, `jsE ${what}`, 1e-9, 3e-8);
      expectClose(hellingerDistance(reference, current), expected.hellinger, `hellinger ${what}`);
      expectClose(totalVariation(reference, current), expected.tv, `tv ${what}`);
      expectClose(infinityDistance(reference, current), expected.linf, `linf ${what}`);
      expectClose(kullbackLeibler(reference, current), expected.kl, `kl ${what}`, 1e-9, 1e-15);
      expectClose(ksFromCounts(reference, current).value, expected.ksAtEdges, `ks ${what}`, 1e-9, 1e-15);
    }
  });

  it('chi-square contingency, plain and pooled', () => {
    for (const { reference, current, minimumExpected, ...expected } of golden.chiSquare) {
      const what = `${reference.join()} | ${current.join()} | ${minimumExpected}`;
      const actual = chiSquareContingency(reference, current, minimumExpected);
      expect(actual.degreesOfFreedom).toBe(expected.degreesOfFreedom);
      expectClose(actual.statistic, expected.statistic, `statistic ${what}`);
      expectClose(actual.pValue, expected.pValue, `p ${what}`);
      expectClose(actual.cramersV, expected.cramersV, `V ${what}`);
    }
  });

  it('raw Kolmogorov–Smirnov and Wasserstein distances', () => {
    for (const { x, y, ks, pValue, wasserstein } of golden.raw) {
      expectClose(ksTwoSample(x, y), ks, 'ks', 1e-15);
      expectClose(ksPValue(ks, x.length, y.length), pValue, `p ${ks} ${x.length} ${y.length}`);
      expectClose(wassersteinFromSorted(x, y), wasserstein, 'wasserstein');
    }
  });

  it.each(golden.ksPValues)('Kolmogorov–Smirnov p-value %j', ({ n, m, effective, d, pValue }) => {
    const actual = effective === undefined ? ksPValue(d, n!, m!) : kolmogorovSurvival(effective, d);
    // Below the smallest normal double a value has no nine digits to compare.
    expectClose(actual, pValue, 'p', 1e-9, 1e-305);
  });

  it('quantile edges, bit for bit', () => {
    for (const { sample, bins } of golden.quantileEdges) {
      for (const { binCount, edges } of bins) expect(quantileEdges(sample, binCount)).toEqual(edges);
    }
  });

  it('tails of the chi-square and normal distributions', () => {
    for (const { x, df, survival } of golden.tails.chi2) {
      expectClose(chiSquareSurvival(x, df), survival, `chi2 sf ${x} ${df}`, 1e-12);
    }
    for (const { alpha, df, critical } of golden.tails.chi2Critical) {
      expectClose(chiSquareCritical(alpha, df), critical, `chi2 isf ${alpha} ${df}`, 1e-12);
    }
    for (const { x, survival } of golden.tails.normal) {
      expectClose(normalSurvival(x), survival, `norm sf ${x}`, 1e-12);
    }
    for (const { p, quantile } of golden.tails.normalQuantile) {
      expectClose(normalQuantile(p), quantile, `norm ppf ${p}`, 1e-12);
    }
    for (const { a, x, q, p } of golden.tails.gammaQ) {
      expectClose(regularizedGammaQ(a, x), q, `gamma Q ${a} ${x}`, 1e-12);
      expectClose(regularizedGammaP(a, x), p, `gamma P ${a} ${x}`, 1e-12);
    }
  });

  it('Benjamini–Hochberg', () => {
    for (const { pValues, adjusted } of golden.families) {
      benjaminiHochberg(pValues).forEach((value, i) => expectClose(value, adjusted[i]!, `bh ${i}`, 1e-14));
    }
  });

  it('Wilson intervals', () => {
    for (const { k, n, confidence, lower, upper } of golden.wilson) {
      const interval = wilsonInterval(k, n, confidence);
      expectClose(interval.lower, lower, `lower ${k}/${n}`, 1e-9, 1e-15);
      expectClose(interval.upper, upper, `upper ${k}/${n}`);
    }
  });

  it('Fisher exact test of two rates', () => {
    for (const { counts, pValue } of golden.fisher) expectClose(twoProportionPValue(...counts), pValue, counts.join());
  });

  it('area under the ROC curve', () => {
    for (const { negatives, positives, auc } of golden.auc)
      expectClose(rocAucFromBins(negatives, positives), auc, 'auc');
  });

  it('confusion metrics', () => {
    for (const { cells, positiveClass, ...expected } of golden.confusion) {
      const actual = confusionMetrics(cells, positiveClass ?? undefined);
      for (const name of ['accuracy', 'precision', 'recall', 'f1'] as const) {
        expectClose(actual[name], expected[name], `${name} ${JSON.stringify(cells)} ${positiveClass}`);
      }
    }
  });
});
