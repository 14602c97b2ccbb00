import type { DriftMethod, ReferenceSeries } from '@plumbline/contracts';
import {
  chiSquareContingency,
  chiSquareCritical,
  chiSquareGoodnessOfFit,
  chiSquareSurvival,
  coarseCounts,
  compareBins,
  type Distance,
  kolmogorovLimitCritical,
  kolmogorovLimitSurvival,
  ksPValue,
  mannWhitneyFromCounts,
  type Method,
  methods,
  momentsOfSums,
  normalQuantile,
  psiNull,
  psiPValue,
  rowsForScale,
  welchPValue,
} from '@plumbline/statistics';
import type { SeriesData } from '../windows/window-data.js';

export type { Distance } from '@plumbline/statistics';

/**
 * The distance read from bins is itself a lower bound, so beyond this size an exact p-value buys nothing, and it costs up to
 * 90 ms a feature; the asymptotic one is within a few percent there.
 */
const LARGEST_EXACT_SAMPLE = 1_000;

const LARGEST_DECIDING_P = 0.2;

/** A reference series and the same series in a window, counted over the same bins. */
export interface SeriesPair {
  readonly reference: ReferenceSeries;
  readonly current: SeriesData;
}

/** What chance alone explains of a distance. */
export interface Chance {
  /** The effect size without its error bound and without its expectation when nothing drifted. */
  readonly effect: number;
  /** Probability of such a distance when nothing drifted. */
  readonly pValue: number;
}

export interface DriftMethodDefinition {
  readonly label: string;
  /** Whether the bins must have an order: not for categories. */
  readonly ordered: boolean;
  /** @throws RangeError when the counts do not fit the bins, or the moments of the values are no finite numbers */
  readonly distance: (pair: SeriesPair) => Distance;
  /** The distribution when nothing drifted in closed form. Where it is absent, it has to be simulated. */
  readonly chance?: (pair: SeriesPair, distance: Distance) => Chance;
  /**
   * Rows of the window from which an effect of `threshold`, beyond what chance gives, can be told from chance at level `alpha` of one series;
   * Infinity when no number suffices.
   */
  readonly minimumCurrent: (threshold: number, alpha: number, pair: SeriesPair) => number;
}

/** Mean of the Kolmogorov distribution, √(π/2)·ln 2: what √(nm/(n+m))·D averages when nothing drifted. */
const KOLMOGOROV_MEAN = Math.sqrt(Math.PI / 2) * Math.LN2;
/** Mean of |z| of a standard normal z. */
const MEAN_SIZE_OF_NORMAL = Math.sqrt(2 / Math.PI);
/** A pool of categories holds the five expected rows that χ² needs, and so does the rest. */
const FEWEST_ROWS_OF_CHI_SQUARE = 10;

/** The two parts of a definition that say what chance gives. */
type Calibration = Pick<DriftMethodDefinition, 'chance' | 'minimumCurrent'>;

/**
 * What chance gives, by method.
 *
 * Where chance adds to the square of a distance (Jensen–Shannon, Hellinger), its expectation is taken off the square: in small
 * windows both behave as PSI does, √(PSI/8) in natural units. Total variation and Kullback–Leibler take the p-value of the test of
 * homogeneity on the same counts.
 */
const calibrations: Readonly<Record<DriftMethod, Calibration>> = {
  'psi.decile': linearInPsi(1),
  // Their zero rules make sparse bins jump, which χ² does not describe.
  'psi.evidently': simulated((threshold) => threshold),
  'psi.equal-width-30': simulated((threshold) => threshold),
  'psi.hopsworks': simulated((threshold) => threshold),
  ks: {
    chance({ reference, current }, { value, errorBound }) {
      const noise = Math.sqrt(psiNull(2, reference.n, current.n).scale);
      // The accurate p-value takes many times as long as all else here, and none that is as large as this decides anything.
      const limit = kolmogorovLimitSurvival(value / noise);
      const pValue = limit > LARGEST_DECIDING_P ? limit : ksPValue(value, reference.n, current.n, LARGEST_EXACT_SAMPLE);
      return { effect: value - errorBound - KOLMOGOROV_MEAN * noise, pValue };
    },
    minimumCurrent: (threshold, alpha, { reference }) =>
      rowsForScale((kolmogorovLimitCritical(alpha) - KOLMOGOROV_MEAN) ** 2, threshold ** 2, reference.n),
  },
  'wasserstein.std': simulated((threshold) => 4 * threshold ** 2),
  'wasserstein.raw': simulated((threshold, { reference }) => 4 * (threshold / Math.max(reference.std, 0.001)) ** 2),
  'js.base2': squareInPsi(8 * Math.LN2),
  'js.e': squareInPsi(8),
  'js.divergence': linearInPsi(8 * Math.LN2),
  hellinger: squareInPsi(8),
  'chi2.contingency': {
    chance(pair) {
      const { reference, current } = coarseCounts(pair);
      const { statistic, degreesOfFreedom, pValue } = chiSquareContingency(reference, current);
      // Cramér's V of what exceeds the expectation of the statistic, which is its degrees of freedom.
      const excess = Math.max(0, statistic - degreesOfFreedom);
      return { effect: Math.sqrt(excess / (pair.reference.n + pair.current.n)), pValue };
    },
    minimumCurrent(threshold, alpha, pair) {
      const rows = Math.ceil(surplusOfChiSquare(alpha, pair) / threshold ** 2 - pair.reference.n);
      return Math.max(FEWEST_ROWS_OF_CHI_SQUARE, rows);
    },
  },
  'chi2.gof': {
    chance(pair) {
      const { reference, current } = coarseCounts(pair);
      const { statistic, degreesOfFreedom } = chiSquareGoodnessOfFit(reference, current);
      // The textbook p-value takes the reference for the truth; as a sample, it makes the statistic larger by this factor.
      const inflation = 1 + pair.current.n / pair.reference.n;
      const excess = Math.max(0, statistic - degreesOfFreedom * inflation);
      return {
        effect: Math.sqrt(excess / pair.current.n),
        pValue: chiSquareSurvival(statistic / inflation, degreesOfFreedom),
      };
    },
    minimumCurrent(threshold, alpha, pair) {
      const rows = rowsForScale(surplusOfChiSquare(alpha, pair), threshold ** 2, pair.reference.n);
      return Math.max(FEWEST_ROWS_OF_CHI_SQUARE, rows);
    },
  },
  kl: {
    chance(pair, { effectSize }) {
      const { reference, current } = coarseCounts(pair);
      const { expected } = psiNull(occupied(pair), pair.reference.n, pair.current.n);
      return { effect: effectSize - expected / 2, pValue: chiSquareContingency(reference, current).pValue };
    },
    minimumCurrent: minimumByPsi((threshold) => 2 * threshold),
  },
  tv: {
    chance(pair, { value }) {
      const { reference, current } = coarseCounts(pair);
      const { n } = pair.reference;
      const { n: m } = pair.current;
      const { scale } = psiNull(2, n, m);
      // ½Σ E|p − q|, each difference nearly normal with variance p(1 − p)(1/n + 1/m) around the pooled share.
      const expected = reference.reduce((sum, count, i) => {
        const share = (count + current[i]!) / (n + m);
        return sum + Math.sqrt((share * (1 - share) * scale) / (2 * Math.PI));
      }, 0);
      return { effect: value - expected, pValue: chiSquareContingency(reference, current).pValue };
    },
    // PSI is at least 4·TV².
    minimumCurrent: minimumByPsi((threshold) => 4 * threshold ** 2),
  },
  // PSI is at least 4·TV², and TV at least L∞.
  linf: simulated((threshold) => 4 * threshold ** 2),
  'mean-shift': {
    chance({ reference, current }, { value, errorBound }) {
      const expected = MEAN_SIZE_OF_NORMAL * Math.sqrt(psiNull(2, reference.n, current.n).scale);
      const after = momentsOfSums(current);
      // A deviation that sums cannot tell (values far from 0, close together) is taken to be the reference's.
      const std = Number.isNaN(after.std) ? reference.std : after.std;
      return { effect: value - errorBound - expected, pValue: welchPValue(reference, { ...after, std }) };
    },
    minimumCurrent: (threshold, alpha, { reference }) =>
      rowsForScale(surplusOfNormal(alpha) ** 2, threshold ** 2, reference.n),
  },
  'mann-whitney': {
    chance({ reference, current }, { value, errorBound }) {
      const { pValue } = mannWhitneyFromCounts(reference.counts, current.counts);
      // 2U/(nm) − 1 has the variance (n + m + 1)/(3nm) when nothing drifted, ties only lower it.
      const expected = MEAN_SIZE_OF_NORMAL * Math.sqrt(psiNull(2, reference.n, current.n).scale / 3);
      return { effect: value - errorBound - expected, pValue };
    },
    minimumCurrent: (threshold, alpha, { reference }) =>
      rowsForScale(surplusOfNormal(alpha) ** 2 / 3, threshold ** 2, reference.n),
  },
};

/** The drift methods of monitors by id: the methods of libs/statistics that have a form over bins, and what chance gives. */
export const driftMethodDefinitions: Readonly<Record<DriftMethod, DriftMethodDefinition>> = Object.fromEntries(
  (Object.keys(calibrations) as DriftMethod[]).map((id) => [id, define(methods[id], calibrations[id])]),
) as Record<DriftMethod, DriftMethodDefinition>;

function define(method: Method, { chance, minimumCurrent }: Calibration): DriftMethodDefinition {
  return {
    label: method.label,
    ordered: !method.kinds.includes('categorical'),
    distance(pair) {
      const distance = compareBins(method.id, comparable(pair));
      if (pair.reference.n === 0 || pair.current.n === 0) return distance;
      // Only the divergence of Kullback and Leibler is infinite by its definition.
      if (!Number.isFinite(distance.value) && !(method.id === 'kl' && distance.value === Infinity)) {
        throw new RangeError('a sum of the values exceeds the largest number there is: send them in a larger unit');
      }
      // Of simulated windows nobody knows the sum, and so how much their bins leave open.
      const isSimulated = Number.isNaN(pair.current.sum);
      if (OF_FOREIGN_BINS.has(method.id) && !isSimulated && distance.errorBound > method.defaults.warning) {
        throw new RangeError(
          `counts over the reference's bins leave it open by ${distance.errorBound.toPrecision(2)}, because its own bins lie elsewhere: use psi.decile`,
        );
      }
      return distance;
    },
    ...(chance === undefined
      ? {}
      : { chance: (pair: SeriesPair, distance: Distance) => chance(comparable(pair), distance) }),
    minimumCurrent: (threshold, alpha, pair) => minimumCurrent(threshold, alpha, comparable(pair)),
  };
}

/** Profiles that put numbers into other bins than those that cells have. */
const OF_FOREIGN_BINS: ReadonlySet<string> = new Set<DriftMethod>(['psi.evidently', 'psi.equal-width-30']);
/** From this share on, values that the reference does not know are to be expected. */
const MANY_SINGLETONS = 0.01;

/**
 * Where the reference has many values seen once (identifiers), new ones come without any drift (Good 1953), and which of them it happened to
 * see tells nothing: then "other" and "unseen", its last two categories, are one. Their rate is a matter of data quality.
 */
function comparable(pair: SeriesPair): SeriesPair {
  const { reference, current } = pair;
  if (reference.kind === 'numeric' || !((reference.singletons ?? 0) >= MANY_SINGLETONS * reference.n)) return pair;
  const fold = (counts: readonly number[]) => [...counts.slice(0, -2), counts.at(-2)! + counts.at(-1)!];
  if (reference.counts.length < 2 || reference.counts.length !== current.counts.length) return pair;
  return {
    reference: { ...reference, counts: fold(reference.counts) },
    current: { ...current, counts: fold(current.counts) },
  };
}

/** A method whose distribution when nothing drifted has to be simulated; `psiOf` gives a PSI that an effect comes with. */
function simulated(psiOf: (threshold: number, pair: SeriesPair) => number): Calibration {
  return { minimumCurrent: minimumByPsi(psiOf) };
}

/** A distance d for which factor·d is distributed as PSI when nothing drifted. */
function linearInPsi(factor: number): Calibration {
  return {
    chance(pair, { value }) {
      const bins = occupied(pair);
      const { expected } = psiNull(bins, pair.reference.n, pair.current.n);
      const pValue = psiPValue(factor * value, bins, pair.reference.n, pair.current.n);
      return { effect: value - expected / factor, pValue };
    },
    minimumCurrent: minimumByPsi((threshold) => factor * threshold),
  };
}

/** A distance d for which factor·d² is distributed as PSI when nothing drifted. */
function squareInPsi(factor: number): Calibration {
  return {
    chance(pair, { value }) {
      const bins = occupied(pair);
      const { expected } = psiNull(bins, pair.reference.n, pair.current.n);
      const pValue = psiPValue(factor * value ** 2, bins, pair.reference.n, pair.current.n);
      return { effect: Math.sqrt(Math.max(0, value ** 2 - expected / factor)), pValue };
    },
    minimumCurrent: minimumByPsi((threshold) => factor * threshold ** 2),
  };
}

function minimumByPsi(psiOf: (threshold: number, pair: SeriesPair) => number): DriftMethodDefinition['minimumCurrent'] {
  return (threshold, alpha, pair) =>
    rowsForScale(surplusOfChiSquare(alpha, pair), psiOf(threshold, pair), pair.reference.n);
}

/** By how much the critical χ² of the coarse bins exceeds its expectation, which is already taken off an effect. */
function surplusOfChiSquare(alpha: number, pair: SeriesPair): number {
  const freedom = occupied(pair) - 1;
  return chiSquareCritical(alpha, freedom) - freedom;
}

/** By how much the critical |z| exceeds its expectation. */
function surplusOfNormal(alpha: number): number {
  return -normalQuantile(alpha / 2) - MEAN_SIZE_OF_NORMAL;
}

/** Coarse bins that hold a row of either sample; at least 2, so that one value seen three times is not yet "no drift". */
function occupied(pair: SeriesPair): number {
  const { reference, current } = coarseCounts(pair);
  let bins = 0;
  for (let i = 0; i < reference.length; i++) if (reference[i]! > 0 || (current[i] ?? 0) > 0) bins++;
  return Math.max(2, bins);
}
