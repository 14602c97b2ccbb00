import type { DriftMethod, ReferenceSeries } from '@plumbline/contracts';
import {
  chiSquareContingency,
  chiSquareCritical,
  coalesce,
  hellingerDistance,
  jensenShannonDistance,
  ksFromCounts,
  ksMinimumCurrent,
  ksPValue,
  populationStabilityIndex,
  psiMinimumCurrent,
  psiNull,
  psiPValue,
  totalVariation,
  wassersteinFromBins,
} from '@plumbline/statistics';
import type { SeriesData } from '../windows/window-data.js';

/**
 * The distance read from bins is itself a lower bound, so beyond this size an exact p-value buys nothing, and it costs up to
 * 90 ms a feature; the asymptotic one is within a few percent there.
 */
const LARGEST_EXACT_SAMPLE = 1_000;

function binnedKsPValue(distance: number, nReference: number, nCurrent: number): number {
  return ksPValue(distance, nReference, nCurrent, LARGEST_EXACT_SAMPLE);
}

/** A reference series and the same series in a window, counted over the same bins. */
export interface SeriesPair {
  readonly reference: ReferenceSeries;
  readonly current: SeriesData;
}

/** How far two samples are apart, read from their counts. */
export interface Distance {
  /** The number that is reported under the method's name. */
  readonly value: number;
  /** What a threshold is compared with, before corrections: the value itself, but Cramér's V where the value is a test statistic. */
  readonly effectSize: number;
  /** By how much the effect size of the raw values can differ from that of their counts. */
  readonly errorBound: number;
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
  /** @throws RangeError when the counts do not fit the bins */
  distance(pair: SeriesPair): Distance;
  /** The distribution when nothing drifted in closed form. Where it is absent, it has to be simulated. */
  chance?(pair: SeriesPair, distance: Distance): Chance;
  /** Rows of the window from which an effect of `threshold` can be told from chance at level `alpha`; Infinity when no number suffices. */
  minimumCurrent(threshold: number, alpha: number, pair: SeriesPair): number;
}

/** Mean of the Kolmogorov distribution, √(π/2)·ln 2: what √(nm/(n+m))·D averages when nothing drifted. */
const KOLMOGOROV_MEAN = Math.sqrt(Math.PI / 2) * Math.LN2;

/**
 * The drift methods by id; the ids and definitions of the profiles never change.
 *
 * Where chance adds to the square of a distance (Jensen–Shannon, Hellinger), its expectation is taken off the square: in small
 * windows both behave as PSI does, √(PSI/8) in natural units. A method without a null distribution of its own takes the
 * p-value of the test of homogeneity on the same counts.
 */
export const driftMethodDefinitions: Readonly<Record<DriftMethod, DriftMethodDefinition>> = {
  'psi.decile': {
    label: 'PSI',
    ordered: false,
    distance(pair) {
      const { reference, current } = coarse(pair);
      return exactly(populationStabilityIndex(reference, current).value);
    },
    chance(pair, { value }) {
      const { n, m, bins } = coarse(pair);
      return { effect: value - psiNull(bins, n, m).expected, pValue: psiPValue(value, bins, n, m) };
    },
    minimumCurrent: minimumByPsi((threshold) => threshold),
  },
  ks: {
    label: 'KS',
    ordered: true,
    distance({ reference, current }) {
      const { value, errorBound } = ksFromCounts(reference.counts, current.counts);
      return { value, effectSize: value, errorBound };
    },
    chance({ reference, current }, { value, errorBound }) {
      const expected = KOLMOGOROV_MEAN * Math.sqrt(psiNull(2, reference.n, current.n).scale);
      return { effect: value - errorBound - expected, pValue: binnedKsPValue(value, reference.n, current.n) };
    },
    minimumCurrent: (threshold, alpha, { reference }) => ksMinimumCurrent(threshold, alpha, reference.n),
  },
  'chi2.contingency': {
    label: 'chi-square',
    ordered: false,
    distance(pair) {
      const { reference, current } = coarse(pair);
      const { statistic, cramersV } = chiSquareContingency(reference, current);
      return { value: statistic, effectSize: cramersV, errorBound: 0 };
    },
    chance(pair) {
      const { reference, current, n, m } = coarse(pair);
      const { statistic, degreesOfFreedom, pValue } = chiSquareContingency(reference, current);
      // Cramér's V of what exceeds the expectation of the statistic, which is its degrees of freedom.
      return { effect: Math.sqrt(Math.max(0, statistic - degreesOfFreedom) / (n + m)), pValue };
    },
    minimumCurrent(threshold, alpha, pair) {
      const { n, bins } = coarse(pair);
      // V = √(χ²/(n + m)) must be able to reach the critical χ², and two categories must hold the five rows they need.
      return Math.max(10, Math.ceil(chiSquareCritical(alpha, bins - 1) / threshold ** 2 - n));
    },
  },
  'js.base2': {
    label: 'Jensen–Shannon distance',
    ordered: false,
    distance(pair) {
      const { reference, current } = coarse(pair);
      return exactly(jensenShannonDistance(reference, current, 2));
    },
    chance: chanceLikePsi(8 * Math.LN2),
    minimumCurrent: minimumByPsi((threshold) => 8 * Math.LN2 * threshold ** 2),
  },
  hellinger: {
    label: 'Hellinger distance',
    ordered: false,
    distance(pair) {
      const { reference, current } = coarse(pair);
      return exactly(hellingerDistance(reference, current));
    },
    chance: chanceLikePsi(8),
    minimumCurrent: minimumByPsi((threshold) => 8 * threshold ** 2),
  },
  tv: {
    label: 'total variation',
    ordered: false,
    distance(pair) {
      const { reference, current } = coarse(pair);
      return exactly(totalVariation(reference, current));
    },
    chance(pair, { value }) {
      const { reference, current, n, m } = coarse(pair);
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
  'wasserstein.std': {
    label: 'Wasserstein distance in standard deviations',
    ordered: true,
    distance({ reference, current }) {
      const unit = Math.max(reference.std, 0.001);
      const min = Math.min(reference.min, current.min);
      const max = Math.max(reference.max, current.max);
      const distance = wassersteinFromBins(reference.edges, min, max, reference.counts, current.counts);
      const value = distance.value / unit;
      return { value, effectSize: value, errorBound: distance.errorBound / unit };
    },
    chance({ reference, current }, { value, errorBound }) {
      const { value: ksDistance } = ksFromCounts(reference.counts, current.counts);
      // A mean of m values with this standard deviation is off by √(2/π·(1/n + 1/m)) on average: what chance gives at least.
      const expected = Math.sqrt((2 / Math.PI) * psiNull(2, reference.n, current.n).scale);
      return { effect: value - errorBound - expected, pValue: binnedKsPValue(ksDistance, reference.n, current.n) };
    },
    // A shift of the mean by `threshold` standard deviations must be visible: z²(1/n + 1/m) ≤ threshold².
    minimumCurrent: (threshold, alpha, { reference }) => psiMinimumCurrent(threshold ** 2, alpha, 2, reference.n),
  },
};

interface CoarseCounts {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly n: number;
  readonly m: number;
  /** Bins that hold a row of either sample; at least 2, so that one value seen three times is not yet "no drift". */
  readonly bins: number;
}

/** Counts over the deciles of a numeric reference, or over its categories. */
function coarse({ reference, current }: SeriesPair): CoarseCounts {
  const numeric = reference.kind === 'numeric';
  const coarsen = (counts: readonly number[]) => (numeric ? coalesce(counts, reference.decileEdgeIndexes) : counts);
  const left = coarsen(reference.counts);
  const right = coarsen(current.counts);
  const occupied = left.filter((count, i) => count > 0 || (right[i] ?? 0) > 0).length;
  return { reference: left, current: right, n: reference.n, m: current.n, bins: Math.max(2, occupied) };
}

/** A distance whose bins the counts are exact for. */
function exactly(value: number): Distance {
  return { value, effectSize: value, errorBound: 0 };
}

/** Chance of a distance d for which psiPerSquare·d² is distributed as PSI when nothing drifted. */
function chanceLikePsi(psiPerSquare: number): NonNullable<DriftMethodDefinition['chance']> {
  return (pair, { value }) => {
    const { n, m, bins } = coarse(pair);
    const expectedSquare = psiNull(bins, n, m).expected / psiPerSquare;
    const effect = Math.sqrt(Math.max(0, value ** 2 - expectedSquare));
    return { effect, pValue: psiPValue(psiPerSquare * value ** 2, bins, n, m) };
  };
}

function minimumByPsi(psiOf: (threshold: number) => number): DriftMethodDefinition['minimumCurrent'] {
  return (threshold, alpha, pair) => {
    const { n, bins } = coarse(pair);
    return psiMinimumCurrent(psiOf(threshold), alpha, bins, n);
  };
}
