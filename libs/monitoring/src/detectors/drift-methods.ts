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

export interface DriftResult {
  readonly value: number;
  /** The value without its error bound and without what chance alone gives. */
  readonly effect: number;
  readonly errorBound: number;
  readonly pValue: number;
}

export interface DriftMethodDefinition {
  readonly label: string;
  /** Whether the bins must have an order: not for categories. */
  readonly ordered: boolean;
  compare(pair: SeriesPair): DriftResult;
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
    compare(pair) {
      const { reference, current, n, m } = coarse(pair);
      const { value, bins } = populationStabilityIndex(reference, current);
      const { expected } = psiNull(bins, n, m);
      return { value, effect: value - expected, errorBound: 0, pValue: psiPValue(value, bins, n, m) };
    },
    minimumCurrent: minimumByPsi((threshold) => threshold),
  },
  ks: {
    label: 'KS',
    ordered: true,
    compare({ reference, current }) {
      const { value, errorBound } = ksFromCounts(reference.counts, current.counts);
      const expected = KOLMOGOROV_MEAN * Math.sqrt(psiNull(2, reference.n, current.n).scale);
      const pValue = binnedKsPValue(value, reference.n, current.n);
      return { value, effect: value - errorBound - expected, errorBound, pValue };
    },
    minimumCurrent: (threshold, alpha, { reference }) => ksMinimumCurrent(threshold, alpha, reference.n),
  },
  'chi2.contingency': {
    label: 'chi-square',
    ordered: false,
    compare(pair) {
      const { reference, current, n, m } = coarse(pair);
      const { statistic, degreesOfFreedom, pValue } = chiSquareContingency(reference, current);
      // Cramér's V of what exceeds the expectation of the statistic, which is its degrees of freedom.
      const effect = Math.sqrt(Math.max(0, statistic - degreesOfFreedom) / (n + m));
      return { value: statistic, effect, errorBound: 0, pValue };
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
    compare: likePsi((reference, current) => jensenShannonDistance(reference, current, 2), 8 * Math.LN2),
    minimumCurrent: minimumByPsi((threshold) => 8 * Math.LN2 * threshold ** 2),
  },
  hellinger: {
    label: 'Hellinger distance',
    ordered: false,
    compare: likePsi(hellingerDistance, 8),
    minimumCurrent: minimumByPsi((threshold) => 8 * threshold ** 2),
  },
  tv: {
    label: 'total variation',
    ordered: false,
    compare(pair) {
      const { reference, current, n, m } = coarse(pair);
      const value = totalVariation(reference, current);
      const { scale } = psiNull(2, n, m);
      // ½Σ E|p − q|, each difference nearly normal with variance p(1 − p)(1/n + 1/m) around the pooled share.
      const expected = reference.reduce((sum, count, i) => {
        const share = (count + current[i]!) / (n + m);
        return sum + Math.sqrt((share * (1 - share) * scale) / (2 * Math.PI));
      }, 0);
      return {
        value,
        effect: value - expected,
        errorBound: 0,
        pValue: chiSquareContingency(reference, current).pValue,
      };
    },
    // PSI is at least 4·TV².
    minimumCurrent: minimumByPsi((threshold) => 4 * threshold ** 2),
  },
  'wasserstein.std': {
    label: 'Wasserstein distance in standard deviations',
    ordered: true,
    compare({ reference, current }) {
      const unit = Math.max(reference.std, 0.001);
      const min = Math.min(reference.min, current.min);
      const max = Math.max(reference.max, current.max);
      const distance = wassersteinFromBins(reference.edges, min, max, reference.counts, current.counts);
      const value = distance.value / unit;
      const errorBound = distance.errorBound / unit;
      const { value: ksDistance } = ksFromCounts(reference.counts, current.counts);
      const pValue = binnedKsPValue(ksDistance, reference.n, current.n);
      // A mean of m values with this standard deviation is off by √(2/π·(1/n + 1/m)) on average: what chance gives at least.
      const expected = Math.sqrt((2 / Math.PI) * psiNull(2, reference.n, current.n).scale);
      return { value, effect: value - errorBound - expected, errorBound, pValue };
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

/** Comparison by a distance d for which psiPerSquare·d² is distributed as PSI when nothing drifted. */
function likePsi(
  distance: (reference: readonly number[], current: readonly number[]) => number,
  psiPerSquare: number,
): DriftMethodDefinition['compare'] {
  return (pair) => {
    const { reference, current, n, m, bins } = coarse(pair);
    const value = distance(reference, current);
    const expectedSquare = psiNull(bins, n, m).expected / psiPerSquare;
    const effect = Math.sqrt(Math.max(0, value ** 2 - expectedSquare));
    return { value, effect, errorBound: 0, pValue: psiPValue(psiPerSquare * value ** 2, bins, n, m) };
  };
}

function minimumByPsi(psiOf: (threshold: number) => number): DriftMethodDefinition['minimumCurrent'] {
  return (threshold, alpha, pair) => {
    const { n, bins } = coarse(pair);
    return psiMinimumCurrent(psiOf(threshold), alpha, bins, n);
  };
}
