import { existsSync, readFileSync } from 'node:fs';
import {
  chiSquareContingency,
  confusionMetrics,
  hellingerDistance,
  infinityDistance,
  jensenShannonDistance,
  ksPValue,
  ksTwoSample,
  kullbackLeibler,
  populationStabilityIndex,
  psiPValue,
  quantileEdges,
  rocAucFromBins,
  wassersteinFromSorted,
} from './index.js';

/** The oracle files are large and live beside a checkout, not in it: where they are absent these specs are skipped. */
const folder = new URL('../../../../shared/oracles/', import.meta.url);
const present = existsSync(folder);
if (!present)
  process.stderr.write('oracles.spec: skipped, there is no folder ../shared/oracles beside the repository\n');
const describeWithOracles = present ? describe : describe.skip;
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

type Series = (number | string)[] | { gen: string; n?: number; m?: number; shift?: number };
interface ScipyCase {
  name: string;
  function: string;
  input: {
    x: Series;
    y: Series;
    p: number[];
    q: number[];
    x_weights?: number[];
    table: number[][];
    y_true: (number | string)[];
    y_pred: (number | string)[];
    y_score: number[];
  };
  params: Record<string, unknown>;
  expected: never;
  raises?: string;
}

function series(input: Series): number[] {
  // A typed array sorts NaN last.
  if (Array.isArray(input)) return [...Float64Array.from(input, Number).sort()];
  if (input.gen.startsWith('i/n')) return Array.from({ length: input.n! }, (_, i) => i / input.n!);
  return Array.from({ length: input.m! }, (_, i) => Math.min((i + 0.5) / input.m! + input.shift!, 1));
}

type CarLoanChunk = Partial<
  Record<'decile_ref_counts' | 'decile_cur_counts' | 'ref_counts' | 'cur_counts', number[]> &
    Record<'psi_decile_half' | 'psi_half' | 'ks_statistic' | 'ks_pvalue' | 'n_ref' | 'n_cur', number> &
    Record<'chi2' | 'chi2_pvalue' | 'cramers_v' | 'js_base2' | 'linf' | 'hellinger', number>
>;

/** Relative 1e-9; the absolute floor is what √ makes of rounding where distributions agree. */
function expectClose(actual: number, expected: number | string, what: string, floor = 1e-12): void {
  const wanted = Number(expected);
  if (Object.is(actual, wanted) || Math.abs(actual - wanted) <= Math.max(1e-9 * Math.abs(wanted), floor)) return;
  throw new Error(`${what}: ${actual} is not ${wanted}`);
}

describeWithOracles('oracles', () => {
  const casesOf = (name: string) =>
    (read('scipy_cases.json') as { cases: ScipyCase[] }).cases.filter(
      (entry) => entry.function === name && entry.raises === undefined,
    );

  it('scipy ks_2samp', () => {
    const cases = casesOf('scipy.stats.ks_2samp').filter(({ params }) => params['nan_policy'] !== 'omit');
    expect(cases.length).toBeGreaterThan(20);
    for (const { name, input, params, expected } of cases) {
      const { statistic, pvalue } = expected as Record<'statistic' | 'pvalue', number | string>;
      const [x, y] = [series(input.x), series(input.y)];
      expectClose(ksTwoSample(x, y), statistic, name);
      if (params['method'] === 'auto') expectClose(ksPValue(Number(statistic), x.length, y.length), pvalue, name, 0);
    }
  });

  it('scipy wasserstein_distance', () => {
    const cases = casesOf('scipy.stats.wasserstein_distance').filter(
      ({ name, input }) => input.x_weights === undefined && !name.includes('/inf_'),
    );
    expect(cases.length).toBeGreaterThan(20);
    for (const { name, input, expected } of cases) {
      expectClose(wassersteinFromSorted(series(input.x), series(input.y)), expected, name, 1e-300);
    }
  });

  it('scipy jensenshannon', () => {
    const cases = casesOf('scipy.spatial.distance.jensenshannon');
    expect(cases.length).toBeGreaterThan(10);
    for (const { name, input, params, expected } of cases) {
      const base = params['base'] === 2 ? 2 : Math.E;
      expectClose(jensenShannonDistance(input.p, input.q, base), expected, name, 3e-8);
    }
  });

  it('PSI without smoothing is the two Kullback–Leibler divergences', () => {
    const cases = casesOf('scipy.stats.entropy');
    expect(cases.length).toBeGreaterThan(5);
    for (const { name, input, expected } of cases) {
      const actual = kullbackLeibler(input.p, input.q) + kullbackLeibler(input.q, input.p);
      expectClose(actual, expected, name, 1e-15);
    }
  });

  it('scipy chi2_contingency without correction', () => {
    const cases = casesOf('scipy.stats.chi2_contingency').filter(
      ({ input, params }) => input.table.length === 2 && params['correction'] === false,
    );
    expect(cases.length).toBeGreaterThan(3);
    for (const { name, input, expected } of cases) {
      const wanted = expected as { statistic: number; pvalue: number; dof: number };
      const actual = chiSquareContingency(input.table[0]!, input.table[1]!, 0);
      expectClose(actual.statistic, wanted.statistic, name);
      expectClose(actual.pValue, wanted.pvalue, name, 0);
      expect(actual.degreesOfFreedom).toBe(wanted.dof);
    }
  });

  it('scikit-learn roc_auc_score', () => {
    for (const { name, input, expected } of casesOf('sklearn.metrics.roc_auc_score')) {
      if (name.startsWith('roc_auc_multiclass')) continue;
      const scores = [...new Set(input.y_score)].sort((a, b) => a - b);
      const counts = (label: number) =>
        scores.map((score) => input.y_score.filter((s, i) => s === score && Number(input.y_true[i]) === label).length);
      expectClose(rocAucFromBins(counts(0), counts(1)), expected, name);
    }
  });

  it('scikit-learn precision, recall and F1', () => {
    const cases = casesOf('sklearn.metrics.precision_score,recall_score,f1_score').filter(
      ({ params }) => params['zero_division'] === 0,
    );
    expect(cases.length).toBeGreaterThan(5);
    for (const { name, input, params, expected } of cases) {
      const cells = input.y_true.map((label, i) => ({
        label: String(label),
        predicted: String(input.y_pred[i]),
        n: 1,
      }));
      const positive = params['average'] === 'binary' ? String(params['pos_label']) : undefined;
      const found = confusionMetrics(cells, positive);
      const { precision, recall, f1 } =
        positive === undefined ? found[params['average'] as 'macro' | 'micro' | 'weighted'] : found;
      const actual: Record<string, number> = { precision, recall, f1 };
      for (const [metric, value] of Object.entries<number>(expected)) {
        if (metric in actual) expectClose(actual[metric]!, value, `${name} ${metric}`);
      }
    }
  });

  it('car_loan: decile counts to PSI, categories to χ² and distances', () => {
    const { results } = read('exact_car_loan_univariate.json') as { results: Record<string, CarLoanChunk[]> };
    for (const [feature, chunks] of Object.entries(results)) {
      for (const [i, chunk] of chunks.entries()) {
        const what = `${feature} chunk ${i}`;
        // The reference counts are written once, with the first chunk.
        const reference = (chunks[0]!.decile_ref_counts ?? chunks[0]!.ref_counts)!;
        const current = (chunk.decile_cur_counts ?? chunk.cur_counts)!;
        const psi = populationStabilityIndex(reference, current);
        // The file keeps bins that are empty in both samples; the profile drops them.
        const kept = reference.filter((count, bin) => count + current[bin]! > 0).length;
        expect(psi.bins).toBe(kept);
        if (kept === reference.length) {
          expectClose(psi.value, (chunk.psi_decile_half ?? chunk.psi_half)!, `psi ${what}`);
        }
        if (chunk.ks_statistic !== undefined) {
          expectClose(ksPValue(chunk.ks_statistic, chunk.n_ref!, chunk.n_cur!), chunk.ks_pvalue!, `ks ${what}`, 0);
          continue;
        }
        const test = chiSquareContingency(reference, current);
        expectClose(test.statistic, chunk.chi2!, `chi2 ${what}`);
        expectClose(test.pValue, chunk.chi2_pvalue!, `p ${what}`, 0);
        expectClose(test.cramersV, chunk.cramers_v!, `V ${what}`);
        expectClose(jensenShannonDistance(reference, current), chunk.js_base2!, `js ${what}`);
        expectClose(infinityDistance(reference, current), chunk.linf!, `linf ${what}`);
        expectClose(hellingerDistance(reference, current), chunk.hellinger!, `hellinger ${what}`);
      }
    }
  });

  it('PSI null calibration: the p-value of a simulated quantile is near its level', () => {
    const { rows } = read('psi_null_calibration.json') as {
      rows: {
        m: number;
        n: number;
        B: number;
        smoothing: string;
        quantile_levels: number[];
        psi_quantiles: number[];
      }[];
    };
    const large = rows.filter(({ n, m, smoothing }) => smoothing === 'half' && Math.min(n, m) >= 200);
    expect(large.length).toBeGreaterThan(5);
    for (const { n, m, B, quantile_levels, psi_quantiles } of large) {
      const p = psiPValue(psi_quantiles[quantile_levels.indexOf(0.95)]!, B, m, n);
      expect(p).toBeGreaterThan(0.03);
      expect(p).toBeLessThan(0.08);
    }
  });

  it('numpy quantile edges of the histogram samples stay inside the sample and ascend', () => {
    const { cases } = read('numpy_bin_edges.json') as { cases: { input: { x: Series } }[] };
    for (const { input } of cases) {
      const sorted = series(input.x).filter(Number.isFinite);
      const edges = quantileEdges(sorted, 10);
      edges.forEach((edge, i) => {
        expect(edge).toBeGreaterThanOrEqual(edges[i - 1] ?? sorted[0]!);
        expect(edge).toBeLessThanOrEqual(sorted.at(-1)!);
      });
    }
  });
});
