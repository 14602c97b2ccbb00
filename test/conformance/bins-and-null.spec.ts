import {
  hellingerDistance,
  histogramEdges,
  type HistogramRule,
  jensenShannonDistance,
  populationStabilityIndex,
  psiPValue,
} from '@plumbline/statistics';
import { describeWithShared, readOracle } from '../support/shared-data.js';
import { expectClose } from './expect-close.js';

describeWithShared(['oracles/numpy_bin_edges.json'])('edges of histograms', () => {
  it('are those of numpy', () => {
    const { cases } = readOracle<{
      cases: { name: string; input: { x: number[] }; params: { bins: HistogramRule }; expected: number[] }[];
    }>('numpy_bin_edges');
    expect(cases).toHaveLength(16);
    for (const { name, input, params, expected } of cases) {
      const edges = histogramEdges(Float64Array.from(input.x).sort(), params.bins);
      expect(edges).toHaveLength(expected.length);
      edges.forEach((edge, i) => expectClose(edge, expected[i]!, `edge ${i} of ${name}`, { relative: 1e-15 }));
    }
  });
});

interface NullRow {
  readonly mode: string;
  readonly m: number;
  readonly n: number;
  readonly B: number;
  readonly smoothing: string;
  readonly quantile_levels: readonly number[];
  readonly psi_quantiles: readonly number[];
}

describeWithShared(['oracles/psi_null_calibration.json'])('PSI of undrifted samples', () => {
  it('has p-values near their level at the quantiles of 20 000 simulations', () => {
    const rows = readOracle<{ rows: NullRow[] }>('psi_null_calibration').rows.filter(
      ({ smoothing }) => smoothing === 'half',
    );
    expect(rows.length).toBeGreaterThan(80);
    for (const { n, m, B, quantile_levels: levels, psi_quantiles: quantiles, mode } of rows) {
      levels.forEach((level, i) => {
        // The quantile 0.999 rests on 20 exceedances.
        if (level > 0.99) return;
        const ratio = psiPValue(quantiles[i]!, B, m, n) / (1 - level);
        const what = `${mode}, reference ${m}, current ${n}, ${B} bins, quantile ${level}`;
        // Never a false alarm more than a quarter too many: where cells are sparse the test may only be cautious.
        if (!(ratio > 0.75)) throw new Error(`${what}: p is ${ratio} of the level`);
        // Twenty rows a bin are enough for it to be near.
        if (Math.min(n, m) >= 20 * B && !(ratio < 1.35)) throw new Error(`${what}: p is ${ratio} of the level`);
      });
    }
  });
});

describe('a bin that is empty in both samples', () => {
  it('changes nothing, which is what keeps the false alarms of psi_empty_cell_bias at 5 %', () => {
    const [reference, current] = [
      [200, 180, 210, 190, 220],
      [20, 18, 24, 17, 21],
    ];
    for (const places of [[0], [3], [5], [0, 3, 5]]) {
      const withEmpty = (counts: readonly number[]): number[] =>
        places.reduceRight((all, place) => [...all.slice(0, place), 0, ...all.slice(place)], [...counts]);
      const [p, q] = [withEmpty(reference), withEmpty(current)];
      expect(populationStabilityIndex(p, q)).toEqual(populationStabilityIndex(reference, current));
      expect(jensenShannonDistance(p, q)).toBe(jensenShannonDistance(reference, current));
      expect(hellingerDistance(p, q)).toBe(hellingerDistance(reference, current));
    }
  });
});
