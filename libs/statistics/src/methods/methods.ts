import { type BinnedPair, liesOnEdges, momentsOfSums, roundingOfMean } from '../binned-pair.js';
import { chiSquareContingency } from '../chi-square-contingency.js';
import { chiSquareGoodnessOfFit } from '../chi-square-goodness-of-fit.js';
import { hellingerDistance } from '../hellinger-distance.js';
import { infinityDistance } from '../infinity-distance.js';
import { jensenShannonDistance } from '../jensen-shannon-distance.js';
import { ksFromBins } from '../ks-from-bins.js';
import { ksPValue } from '../ks-p-value.js';
import { ksTwoSample } from '../ks-two-sample.js';
import { kullbackLeibler } from '../kullback-leibler.js';
import { mannWhitney, mannWhitneyFromCounts } from '../mann-whitney.js';
import { populationStabilityIndex } from '../population-stability-index.js';
import { psiPValue } from '../psi-null.js';
import { psiWithAddedShare } from '../psi-with-added-share.js';
import { psiWithReplacedZeros } from '../psi-with-replaced-zeros.js';
import { sampleMoments, type SampleMoments } from '../sample-moments.js';
import { totalVariation } from '../total-variation.js';
import { wassersteinFromBinned } from '../wasserstein-from-binned.js';
import { wassersteinFromSorted } from '../wasserstein-from-sorted.js';
import { welchPValue } from '../welch-test.js';
import { coarseCounts } from './coarse-counts.js';
import { equalWidthPsiOfBins, evidentlyPsiOfBins } from './foreign-bins-from-cells.js';
import type { Distance, Method, TestedDistance } from './method.js';
import { type BinRule, decileBins, doaneBins, equalWidthBins, evidentlyBins } from './numeric-bins.js';

/** A deviation below this is no unit: a constant column would make every change infinite. */
const SMALLEST_DEVIATION = 0.001;
const HOPSWORKS_SHARE = 1e-6;
const DECILES = 'deciles of the reference (numpy.quantile, linear), equal ones once, bins [a, b), outer bins open';
const NO_BINS = 'none';
const THE_VALUE = 'the value';

/** The methods by id. Ids and definitions never change; a better definition gets a new id. */
export const methods = {
  'psi.decile': {
    id: 'psi.decile',
    label: 'PSI',
    formula: 'Σ(p − q)·ln(p/q), shares (c + ½)/(n + ½B), bins empty in both samples dropped',
    bins: DECILES,
    reference: 'Siddiqi (2006); Yurdakul & Naranjo, Statistical properties of the population stability index (2020)',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.25 },
    minimumRows: 'rows at which the threshold exceeds what chance gives at level α: χ²(B−1)·(1/n + 1/m)',
    fromBins: 'exact',
    ...overDeciles(ofPsi),
  },
  'psi.evidently': {
    id: 'psi.evidently',
    label: 'PSI as Evidently',
    formula:
      'Σ(p − q)·ln(p/q), a share of 0 replaced by 1e-4, or by a millionth of the smallest share where that is ≤ 1e-4',
    bins: 'Sturges’ bins over both samples when the reference has more than 20 distinct values, else one per value',
    reference: 'Evidently 0.7.23',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.25 },
    minimumRows: 'by simulation of no drift',
    fromBins: 'bounded',
    ...overBins(evidentlyBins, (p, q) => likePsi(psiWithReplacedZeros(p, q), 1, p, q)),
    ofBins: evidentlyPsiOfBins,
  },
  'psi.equal-width-30': {
    id: 'psi.equal-width-30',
    label: 'PSI over bins of equal width',
    formula: 'as psi.decile, over other bins',
    bins: '30 bins of equal width over the range of the reference, bins [a, b), outer bins open',
    reference: 'as psi.decile; the number of bins is that of Evidently and whylogs',
    kinds: ['numeric'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.25 },
    minimumRows: 'by simulation of no drift',
    fromBins: 'bounded',
    ofNumbers: overBins(equalWidthBins, ofPsi).ofNumbers,
    ofBins: equalWidthPsiOfBins,
  },
  'psi.hopsworks': {
    id: 'psi.hopsworks',
    label: 'PSI as Hopsworks',
    formula: 'Σ(p − q)·ln(p/q), 1e-6 added to every share',
    bins: DECILES,
    reference: 'Hopsworks feature monitoring',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.25 },
    minimumRows: 'by simulation of no drift',
    fromBins: 'exact',
    ...overDeciles((p, q) => likePsi(psiWithAddedShare(p, q, HOPSWORKS_SHARE), 1, p, q)),
  },
  ks: {
    id: 'ks',
    label: 'KS',
    formula: 'sup|F − G| at all values; p exact up to 10 000 rows, then asymptotic',
    bins: NO_BINS,
    reference: 'scipy.stats.ks_2samp; Kolmogorov (1933), Smirnov (1939)',
    kinds: ['numeric'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.2 },
    minimumRows: 'rows at which the threshold exceeds what chance gives at level α by the Kolmogorov distribution',
    fromBins: 'bounded',
    ofNumbers: (reference, current) => {
      const value = ksTwoSample(reference, current);
      return exactly(value, ksPValue(value, reference.length, current.length));
    },
    ofBins: (pair) => {
      const { value, errorBound } = ksFromBins(pair);
      return { value, effectSize: value, errorBound };
    },
  },
  'wasserstein.std': {
    id: 'wasserstein.std',
    label: 'Wasserstein distance in standard deviations',
    formula: '∫|F − G| / max(σ of the reference with ddof 0, 0.001)',
    bins: NO_BINS,
    reference: 'scipy.stats.wasserstein_distance; Evidently’s default for numbers',
    kinds: ['numeric'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.25 },
    minimumRows: 'by simulation of no drift',
    fromBins: 'bounded',
    ofNumbers: (reference, current) => {
      const unit = deviationUnit(sampleMoments(reference).std);
      const raw = wassersteinFromSorted(reference, current);
      // A distance beyond the largest double is measured in standard deviations from the start.
      const scaled = (values: Float64Array) => values.map((value) => value / unit);
      const value = Number.isFinite(raw) ? raw / unit : wassersteinFromSorted(scaled(reference), scaled(current));
      return exactly(value, pValueOfKs(reference, current));
    },
    ofBins: (pair) => ofWasserstein(pair, deviationUnit(pair.reference.std)),
  },
  'wasserstein.raw': {
    id: 'wasserstein.raw',
    label: 'Wasserstein distance',
    formula: '∫|F − G|, in the unit of the values',
    bins: NO_BINS,
    reference: 'scipy.stats.wasserstein_distance; Vaserstein (1969)',
    kinds: ['numeric'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.25 },
    minimumRows: 'by simulation of no drift',
    fromBins: 'bounded',
    ofNumbers: (reference, current) =>
      exactly(wassersteinFromSorted(reference, current), pValueOfKs(reference, current)),
    ofBins: (pair) => ofWasserstein(pair, 1),
  },
  'js.base2': {
    id: 'js.base2',
    label: 'Jensen–Shannon distance',
    formula: '√(½KL(p‖m) + ½KL(q‖m)), m = (p + q)/2, logarithms to base 2: from 0 to 1',
    bins: DECILES,
    reference: 'scipy.spatial.distance.jensenshannon; Endres & Schindelin (2003)',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.2 },
    minimumRows: 'as psi.decile, with 8·ln 2·d² for PSI',
    fromBins: 'exact',
    ...overDeciles(ofJensenShannon2),
  },
  'js.e': {
    id: 'js.e',
    label: 'Jensen–Shannon distance, natural logarithms',
    formula: '√(½KL(p‖m) + ½KL(q‖m)), m = (p + q)/2, natural logarithms: from 0 to √ln 2',
    bins: DECILES,
    reference: 'scipy.spatial.distance.jensenshannon; Evidently’s default for categories',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.2 },
    minimumRows: 'as psi.decile, with 8·d² for PSI',
    fromBins: 'exact',
    ...overDeciles((p, q) => {
      const value = jensenShannonDistance(p, q, Math.E);
      return likePsi(value, 8 * value, p, q);
    }),
  },
  'js.divergence': {
    id: 'js.divergence',
    label: 'Jensen–Shannon divergence',
    formula: '½KL(p‖m) + ½KL(q‖m), m = (p + q)/2, logarithms to base 2: the square of js.base2, from 0 to 1',
    bins: DECILES,
    reference: 'Lin, Divergence measures based on the Shannon entropy (1991)',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.02, critical: 0.05 },
    minimumRows: 'as psi.decile, with 8·ln 2·d for PSI',
    fromBins: 'exact',
    ...overDeciles((p, q) => likePsi(jensenShannonDistance(p, q, 2) ** 2, 8 * Math.LN2, p, q)),
  },
  'js.doane': {
    id: 'js.doane',
    label: 'Jensen–Shannon distance as NannyML',
    formula: 'as js.base2, over other bins',
    bins: 'Doane’s bins over the reference and one for what lies outside their range',
    reference: 'NannyML 0.13; Doane (1976)',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.2 },
    minimumRows: 'as js.base2',
    fromBins: 'raw only',
    ...overBins(doaneBins, ofJensenShannon2),
    ofBins: () => {
      throw new RangeError(
        'js.doane needs the skewness of the raw values, which counts do not have: compare raw values, or use js.base2',
      );
    },
  },
  'chi2.contingency': {
    id: 'chi2.contingency',
    label: 'chi-square',
    formula: 'Σ(O − E)²/E of the 2 × K table, no Yates correction, cells with E < 5 pooled',
    bins: DECILES,
    reference: 'scipy.stats.chi2_contingency(correction=False); Pearson (1900), Cochran (1954), Cramér (1946)',
    kinds: ['numeric', 'categorical'],
    effect: 'Cramér’s V = √(χ²/(n + m))',
    defaults: { warning: 0.1, critical: 0.3 },
    minimumRows: 'rows at which V exceeds what chance gives at level α, at least 10',
    fromBins: 'exact',
    ...overDeciles((p, q) => {
      const { statistic, cramersV, pValue } = chiSquareContingency(p, q);
      return { value: statistic, effectSize: cramersV, errorBound: 0, pValue };
    }),
  },
  'chi2.gof': {
    id: 'chi2.gof',
    label: 'chi-square goodness of fit',
    formula: 'Σ(O − E)²/E of the current sample, E = m·p, cells with E < 5 pooled',
    bins: DECILES,
    reference: 'scipy.stats.chisquare; Pearson (1900), Cohen (1988)',
    kinds: ['numeric', 'categorical'],
    effect: 'Cohen’s w = √(χ²/m)',
    defaults: { warning: 0.3, critical: 0.5 },
    minimumRows: 'rows at which w exceeds what chance gives at level α, at least 10',
    fromBins: 'exact',
    ...overDeciles((p, q) => {
      const { statistic, cohensW, pValue } = chiSquareGoodnessOfFit(p, q);
      return { value: statistic, effectSize: cohensW, errorBound: 0, pValue };
    }),
  },
  hellinger: {
    id: 'hellinger',
    label: 'Hellinger distance',
    formula: '√(1 − Σ√(p·q)): from 0 to 1',
    bins: DECILES,
    reference: 'Hellinger (1909)',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.2 },
    minimumRows: 'as psi.decile, with 8·d² for PSI',
    fromBins: 'exact',
    ...overDeciles((p, q) => {
      const value = hellingerDistance(p, q);
      return likePsi(value, 8 * value, p, q);
    }),
  },
  kl: {
    id: 'kl',
    label: 'Kullback–Leibler divergence',
    formula: 'Σp·ln(p/q), nothing smoothed: Infinity where the current sample lacks what the reference has',
    bins: DECILES,
    reference: 'scipy.stats.entropy(p, q); Kullback & Leibler (1951)',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.25 },
    minimumRows: 'as psi.decile, with 2·KL for PSI',
    fromBins: 'exact',
    ...overDeciles((p, q) => exactly(kullbackLeibler(p, q), chiSquareContingency(p, q).pValue)),
  },
  tv: {
    id: 'tv',
    label: 'total variation',
    formula: '½Σ|p − q|: the share of rows that would have to change bin, from 0 to 1',
    bins: DECILES,
    reference: 'Levin & Peres, Markov chains and mixing times (2017), 4.1',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.2 },
    minimumRows: 'as psi.decile, with 4·d² for PSI',
    fromBins: 'exact',
    ...overDeciles((p, q) => exactly(totalVariation(p, q), chiSquareContingency(p, q).pValue)),
  },
  linf: {
    id: 'linf',
    label: 'L∞ distance',
    formula: 'max|p − q|: the largest change of a share, from 0 to 1',
    bins: DECILES,
    reference: 'NannyML’s l_infinity',
    kinds: ['numeric', 'categorical'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.2 },
    minimumRows: 'by simulation of no drift',
    fromBins: 'exact',
    ...overDeciles((p, q) => exactly(infinityDistance(p, q), chiSquareContingency(p, q).pValue)),
  },
  'mean-shift': {
    id: 'mean-shift',
    label: 'shift of the mean in standard deviations',
    formula: '|mean of current − mean of reference| / max(σ of the reference with ddof 0, 0.001)',
    bins: NO_BINS,
    reference: 'Glass’s Δ (1976); p-value of Welch’s test (1947), scipy.stats.ttest_ind(equal_var=False)',
    kinds: ['numeric'],
    effect: THE_VALUE,
    defaults: { warning: 0.2, critical: 0.5 },
    minimumRows: 'rows at which the threshold exceeds what chance gives at level α: z²·(1/n + 1/m)',
    fromBins: 'bounded',
    ofNumbers: (reference, current) => {
      const range = Math.max(reference.at(-1)!, current.at(-1)!) - Math.min(reference[0]!, current[0]!);
      // About one of the values: the difference of two means of 1e9 has lost nine digits.
      const origin = Number.isFinite(range) ? reference[0]! : 0;
      const [before, after] = [sampleMoments(reference, origin), sampleMoments(current, origin)];
      return exactly(meanShift(before, after), welchPValue(before, after));
    },
    ofBins: ({ reference, current }) => {
      const value = meanShift(reference, momentsOfSums(current));
      const errorBound =
        (roundingOfMean(reference.mean) + roundingOfMean(current.sum / current.n)) / deviationUnit(reference.std);
      return { value, effectSize: value, errorBound };
    },
  },
  'mann-whitney': {
    id: 'mann-whitney',
    label: 'Mann–Whitney',
    formula: '|2·P(current > reference) − 1|, ties counting half: the rank-biserial correlation, from 0 to 1',
    bins: NO_BINS,
    reference: 'scipy.stats.mannwhitneyu; Mann & Whitney (1947)',
    kinds: ['numeric'],
    effect: THE_VALUE,
    defaults: { warning: 0.1, critical: 0.3 },
    minimumRows: 'rows at which the threshold exceeds what chance gives at level α: z²·(1/n + 1/m)/3',
    fromBins: 'bounded',
    ofNumbers: (reference, current) => {
      const { value, pValue } = mannWhitney(reference, current);
      return exactly(value, pValue);
    },
    ofBins: (pair) => {
      if (pair.reference.n === 0 || pair.current.n === 0) return exactly(NaN, NaN);
      const { value, errorBound } = mannWhitneyFromCounts(pair.reference.counts, pair.current.counts);
      return { value, effectSize: value, errorBound: liesOnEdges(pair) ? 0 : errorBound };
    },
  },
} as const satisfies Readonly<Record<string, Method>>;

export type MethodId = keyof typeof methods;

/** All method ids, in the order of the table. */
export const methodIds = Object.keys(methods) as readonly MethodId[];

/** Distance of two counted samples, neither of them empty. */
type CountDistance = (reference: readonly number[], current: readonly number[]) => TestedDistance;

/** A method over the reference's deciles, which every counted sample has exactly, or over categories. */
function overDeciles(distance: CountDistance) {
  return {
    ...overBins(decileBins, distance),
    ofBins: (pair: BinnedPair): Distance => {
      const { reference, current } = coarseCounts(pair);
      return distance(reference, current);
    },
  };
}

function overBins(rule: BinRule, distance: CountDistance) {
  return {
    ofNumbers: (reference: Float64Array, current: Float64Array): TestedDistance => {
      const counted = rule(reference, current);
      return distance(counted.reference, counted.current);
    },
    ofCategories: distance,
  };
}

function exactly(value: number, pValue: number): TestedDistance {
  return { value, effectSize: value, errorBound: 0, pValue };
}

function ofPsi(reference: readonly number[], current: readonly number[]): TestedDistance {
  return likePsi(populationStabilityIndex(reference, current).value, 1, reference, current);
}

function ofJensenShannon2(reference: readonly number[], current: readonly number[]): TestedDistance {
  const value = jensenShannonDistance(reference, current, 2);
  return likePsi(value, 8 * Math.LN2 * value, reference, current);
}

/** A distance that, times `factor`, is distributed as PSI when nothing drifted and all bins are well filled. */
function likePsi(
  value: number,
  factor: number,
  reference: readonly number[],
  current: readonly number[],
): TestedDistance {
  let n = 0;
  let m = 0;
  let bins = 0;
  for (let i = 0; i < reference.length; i += 1) {
    n += reference[i]!;
    m += current[i]!;
    if (reference[i]! > 0 || current[i]! > 0) bins += 1;
  }
  return exactly(value, psiPValue(value * factor, bins, n, m));
}

/** A method without a test of its own takes that of the same values' order. */
function pValueOfKs(reference: Float64Array, current: Float64Array): number {
  return ksPValue(ksTwoSample(reference, current), reference.length, current.length);
}

function deviationUnit(std: number): number {
  return Math.max(std, SMALLEST_DEVIATION);
}

function ofWasserstein(pair: BinnedPair, unit: number): Distance {
  const { value, errorBound } = wassersteinFromBinned(pair, unit);
  return { value, effectSize: value, errorBound };
}

function meanShift(before: SampleMoments, after: SampleMoments): number {
  const unit = deviationUnit(before.std);
  return Math.abs(after.mean / unit - before.mean / unit);
}
