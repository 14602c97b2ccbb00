import { driftMethods, type ReferenceSeries } from '@plumbline/contracts';
import { binIndex, ksPValue, methodIds, methods, quantileEdges, sampleMoments } from '@plumbline/statistics';
import type { SeriesData } from '../windows/window-data.js';
import { driftMethodDefinitions, type SeriesPair } from './drift-methods.js';

const common = { series: 'x', binSetId: 'b', missing: 0, invalid: 0, otherHashes: [], categories: [] };

/** The two samples as cells hold them. */
function numbers(x: readonly number[], y: readonly number[]): SeriesPair {
  const sorted = Float64Array.from(x).sort();
  const deciles = quantileEdges(sorted, 10);
  const edges = [...new Set([...quantileEdges(sorted, 120), ...deciles])].sort((a, b) => a - b);
  const counts = (values: readonly number[]) => {
    const found = new Array<number>(edges.length + 1).fill(0);
    for (const value of values) found[binIndex(edges, value)]! += 1;
    return found;
  };
  const { mean, std } = sampleMoments(x);
  const reference: ReferenceSeries = {
    ...common,
    kind: 'numeric',
    edges,
    decileEdgeIndexes: deciles.map((edge) => edges.indexOf(edge)),
    counts: counts(x),
    n: x.length,
    mean,
    std,
    min: Math.min(...x),
    max: Math.max(...x),
  };
  const current: SeriesData = {
    ...common,
    counts: counts(y),
    n: y.length,
    sum: y.reduce((sum, value) => sum + value, 0),
    sumSquares: y.reduce((sum, value) => sum + value * value, 0),
    min: Math.min(...y),
    max: Math.max(...y),
  };
  return { reference, current };
}

/** Rows per category, then "other", then "unseen". */
function categories(x: readonly number[], y: readonly number[], more: Partial<ReferenceSeries> = {}): SeriesPair {
  const total = (counts: readonly number[]) => counts.reduce((sum, rows) => sum + rows, 0);
  return {
    reference: {
      ...common,
      kind: 'categorical',
      edges: [],
      decileEdgeIndexes: [],
      counts: x,
      n: total(x),
      mean: 0,
      std: 0,
      min: 0,
      max: 0,
      ...more,
    },
    current: { ...common, counts: y, n: total(y), sum: 0, sumSquares: 0, min: Infinity, max: -Infinity },
  };
}

const even = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 3001);
const shifted = Array.from({ length: 900 }, (_, i) => ((i * 7919) % 3001) + 600);
const names = Object.keys(driftMethodDefinitions) as (keyof typeof driftMethodDefinitions)[];

describe('drift methods of monitors', () => {
  it('are those of libs/statistics that have a form over bins', () => {
    expect([...names].sort()).toEqual([...driftMethods].sort());
    expect(methodIds.filter((id) => methods[id].fromBins !== 'raw only').sort()).toEqual([...names].sort());
  });

  const pairs: [string, SeriesPair][] = [
    ['numbers that moved', numbers(even, shifted)],
    ['numbers that did not', numbers(even, even.slice(0, 700))],
    ['few rows', numbers(even, [5])],
    ['a constant reference', numbers([3, 3, 3, 3], [1, 2, 3])],
    ['a constant window', numbers(even, [7, 7, 7])],
    ['numbers beyond the reference', numbers(even, [1e9, -1e9, 5])],
    ['values near the largest double', numbers([-1e308, 0, 1e308, 1e307], [1e308, 1.7e308])],
    ['an empty reference', numbers([], [1, 2])],
    ['an empty window', numbers(even, [])],
    ['categories', categories([50, 30, 0, 0], [20, 60, 0, 1])],
    ['everything unseen', categories([50, 30, 0, 0], [0, 0, 0, 40])],
    ['one category', categories([50, 0, 0], [40, 0, 0])],
    ['no category', categories([0, 0], [0, 0])],
  ];
  describe.each(pairs)('%s', (_, pair) => {
    const fitting = names.filter((id) => pair.reference.kind === 'numeric' || !driftMethodDefinitions[id].ordered);
    it.each(fitting)('%s gives a number or says why not', (id) => {
      const { distance, chance, minimumCurrent } = driftMethodDefinitions[id];
      const empty = pair.reference.n === 0 || pair.current.n === 0;
      let measured;
      try {
        measured = distance(pair);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as RangeError).message).toMatch(/: use psi\.decile$|: send them in a larger unit$/);
        return;
      }
      if (empty) return expect(measured.value).toBeNaN();
      expect(measured.value).toBeGreaterThanOrEqual(0);
      expect(measured.errorBound).toBeGreaterThanOrEqual(0);
      if (chance !== undefined) {
        const { effect, pValue } = chance(pair, measured);
        expect(effect).toBeLessThanOrEqual(measured.effectSize);
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }
      expect(minimumCurrent(0.1, 0.001, pair)).toBeGreaterThanOrEqual(1);
    });
  });

  it.each(names)('%s needs no fewer rows for a smaller effect, or for a stricter level', (id) => {
    const { minimumCurrent } = driftMethodDefinitions[id];
    const pair = numbers(even, shifted);
    // In units of the values for wasserstein.raw.
    const unit = id === 'wasserstein.raw' ? pair.reference.std : 1;
    const rows = (threshold: number, alpha: number) => minimumCurrent(threshold * unit, alpha, pair);
    // Cramér's V counts the rows of the reference too, so with a large one the rule of five is all that binds.
    const fewest = id === 'chi2.contingency' ? 10 : rows(0.3, 0.01) + 1;
    expect(rows(0.15, 0.01)).toBeGreaterThanOrEqual(fewest);
    expect(rows(0.3, 1e-4)).toBeGreaterThanOrEqual(fewest);
  });

  it('reads KS exactly where every value has a bin of its own', () => {
    const x = [...new Array<number>(600).fill(0), ...new Array<number>(400).fill(1)];
    const y = [...new Array<number>(60).fill(0), ...new Array<number>(140).fill(1)];
    const pair = numbers(x, y);
    const distance = driftMethodDefinitions.ks.distance(pair);
    expect(distance).toMatchObject({ errorBound: 0 });
    expect(distance.value).toBeCloseTo(0.3, 12);
    expect(driftMethodDefinitions.ks.chance!(pair, distance).pValue).toBe(ksPValue(distance.value, 1000, 200, 1000));
  });

  it('says that a profile with bins of its own is not known from other bins', () => {
    expect(() => driftMethodDefinitions['psi.evidently'].distance(numbers(even, shifted))).toThrow(
      /^counts over the reference's bins leave it open by [0-9.]+, because its own bins lie elsewhere: use psi\.decile$/,
    );
    const few = numbers([1, 1, 2, 3, 3, 3, 4], [1, 2, 2, 4, 4]);
    expect(driftMethodDefinitions['psi.evidently'].distance(few).errorBound).toBe(0);
  });

  it('does not take new identifiers for a drift, but a change of their share', () => {
    const { distance } = driftMethodDefinitions['psi.decile'];
    const identifiers = { singletons: 9_900 };
    expect(distance(categories([100, 9_900, 0], [10, 0, 990], identifiers)).value).toBeLessThan(0.001);
    expect(distance(categories([100, 9_900, 0], [10, 0, 990])).value).toBeGreaterThan(1);
    expect(distance(categories([100, 9_900, 0], [900, 0, 100], identifiers)).value).toBeGreaterThan(1);
  });

  it('says that a sum overflowed', () => {
    const pair = numbers([1, 2, 3], [1e308, 1.7e308]);
    const overflown = { ...pair, current: { ...pair.current, sum: NaN } };
    expect(() => driftMethodDefinitions['mean-shift'].distance(overflown)).toThrow('a sum of the values exceeds');
  });
});
