import {
  chiSquareContingency,
  energyDistance,
  hellingerDistance,
  histogramCounts,
  histogramEdges,
  binIndex,
  infinityDistance,
  jensenShannonDistance,
  ksPValue,
  ksTwoSample,
  populationStabilityIndex,
  quantileEdges,
  wassersteinFromSorted,
} from '@plumbline/statistics';
import { expectClose, type OracleNumber } from './expect-close.js';

/** What the files exact_* hold of one numeric window. */
export interface ExactNumericWindow {
  readonly n_ref: number;
  readonly n_cur: number;
  readonly ks_statistic: number;
  readonly ks_pvalue: number;
  readonly wasserstein_raw: number;
  readonly wasserstein_over_std_ddof0: number;
  readonly energy: number;
  readonly decile_edges?: readonly number[];
  readonly decile_ref_counts?: readonly number[];
  readonly decile_cur_counts: readonly number[];
  readonly psi_decile_half: number;
  readonly psi_decile_eps: number;
  readonly js_base2_doane_plus_outside: number;
  readonly doane_bins: number;
  readonly mean_shift_sigma: OracleNumber;
}

export interface ExactCategoricalWindow {
  readonly categories: readonly string[];
  readonly ref_counts: readonly number[];
  readonly cur_counts: readonly number[];
  readonly chi2: number;
  readonly chi2_pvalue: number;
  readonly dof: number;
  readonly cramers_v: number;
  readonly js_base2: number;
  readonly psi_half: number;
  readonly linf: number;
  readonly hellinger: number;
}

/** What several windows are held against, worked out once. */
export interface NumericReference {
  readonly sorted: Float64Array;
  readonly mean: number;
  /** ddof 0. */
  readonly std: number;
  readonly decileEdges: readonly number[];
  readonly decileCounts: readonly number[];
  readonly doaneEdges: readonly number[];
  readonly doaneCounts: readonly number[];
}

export function numericReference(values: Float64Array): NumericReference {
  const sorted = values.slice().sort();
  const mean = meanOf(sorted);
  const decileEdges = quantileEdges(sorted, 10);
  const doaneEdges = histogramEdges(sorted, 'doane');
  return {
    sorted,
    mean,
    std: Math.sqrt(meanOf(sorted.map((value) => (value - mean) ** 2))),
    decileEdges,
    decileCounts: countsOver(decileEdges, sorted),
    doaneEdges,
    doaneCounts: histogramCounts(sorted, doaneEdges).counts,
  };
}

/**
 * Throws unless each number of a window is what the file says.
 * @returns whether bins stand in the file that are empty in both samples, which psi.decile leaves out
 */
export function expectNumericWindow(
  reference: NumericReference,
  values: Float64Array,
  expected: ExactNumericWindow,
  what: string,
): { emptyBins: boolean } {
  const sorted = values.slice().sort();
  expect([reference.sorted.length, sorted.length]).toEqual([expected.n_ref, expected.n_cur]);
  const ks = ksTwoSample(reference.sorted, sorted);
  expectClose(ks, expected.ks_statistic, `KS of ${what}`, { absolute: 1e-15 });
  expectClose(ksPValue(ks, expected.n_ref, expected.n_cur), expected.ks_pvalue, `p of KS of ${what}`);
  const wasserstein = wassersteinFromSorted(reference.sorted, sorted);
  expectClose(wasserstein, expected.wasserstein_raw, `Wasserstein of ${what}`, { absolute: 1e-15 });
  const unit = Math.max(reference.std, 0.001);
  expectClose(wasserstein / unit, expected.wasserstein_over_std_ddof0, `Wasserstein/σ of ${what}`, { absolute: 1e-12 });
  expectClose(energyDistance(reference.sorted, sorted), expected.energy, `energy of ${what}`, { absolute: 1e-8 });
  if (expected.decile_edges !== undefined) expect(reference.decileEdges).toEqual(expected.decile_edges);
  if (expected.decile_ref_counts !== undefined) expect(reference.decileCounts).toEqual(expected.decile_ref_counts);
  const counts = countsOver(reference.decileEdges, sorted);
  expect(counts).toEqual(expected.decile_cur_counts);

  const kept = counts.map((count, bin) => count + reference.decileCounts[bin]! > 0);
  const emptyBins = kept.includes(false);
  const psi = populationStabilityIndex(reference.decileCounts, counts);
  if (emptyBins) {
    const occupied = (all: readonly number[]): number[] => all.filter((_, bin) => kept[bin]);
    expectClose(psi.value, halfSmoothedPsi(occupied(reference.decileCounts), occupied(counts)), `PSI of ${what}`);
  } else {
    expectClose(psi.value, expected.psi_decile_half, `PSI of ${what}`);
  }

  const doane = histogramCounts(sorted, reference.doaneEdges);
  expect(reference.doaneCounts).toHaveLength(expected.doane_bins);
  const js = jensenShannonDistance([...reference.doaneCounts, 0], [...doane.counts, doane.outside], 2);
  expectClose(js, expected.js_base2_doane_plus_outside, `JS of ${what}`, { absolute: 3e-8 });
  return { emptyBins };
}

/**
 * Throws unless each number of a window is what the file says.
 * @returns whether chi2.contingency pools categories with an expected count below 5, which the file does not
 */
export function expectCategoricalWindow(expected: ExactCategoricalWindow, what: string): { pooled: boolean } {
  const { ref_counts: reference, cur_counts: current } = expected;
  const test = chiSquareContingency(reference, current, 0);
  expectClose(test.statistic, expected.chi2, `χ² of ${what}`);
  expectClose(test.pValue, expected.chi2_pvalue, `p of χ² of ${what}`);
  expectClose(test.degreesOfFreedom, expected.dof, `degrees of freedom of ${what}`);
  expectClose(test.cramersV, expected.cramers_v, `V of ${what}`);
  expectClose(jensenShannonDistance(reference, current, 2), expected.js_base2, `JS of ${what}`);
  expectClose(populationStabilityIndex(reference, current).value, expected.psi_half, `PSI of ${what}`);
  expectClose(infinityDistance(reference, current), expected.linf, `L∞ of ${what}`);
  // The file takes √(1 − Σ√pq), in which rounding is left where the samples nearly agree.
  expectClose(hellingerDistance(reference, current), expected.hellinger, `Hellinger of ${what}`, { absolute: 1e-11 });
  return { pooled: chiSquareContingency(reference, current).degreesOfFreedom !== test.degreesOfFreedom };
}

/** Counts in the bins between inner edges, [a, b), outer bins open. */
export function countsOver(edges: readonly number[], values: ArrayLike<number>): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let i = 0; i < values.length; i += 1) counts[binIndex(edges, values[i]!)]! += 1;
  return counts;
}

/** Σ(p−q)·ln(p/q) with (c+½)/(n+½B), written out: what the oracle would say of bins of which none is empty in both samples. */
function halfSmoothedPsi(reference: readonly number[], current: readonly number[]): number {
  const shares = (counts: readonly number[]): number[] => {
    const n = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => (count + 0.5) / (n + 0.5 * counts.length));
  };
  const q = shares(current);
  return shares(reference).reduce((sum, p, bin) => sum + (p - q[bin]!) * Math.log(p / q[bin]!), 0);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
