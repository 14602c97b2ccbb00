import type { ReferenceSeries } from '@plumbline/contracts';
import { psiPValue } from '@plumbline/statistics';
import { driftMethodDefinitions } from './drift-methods.js';
import { nullOfDrift } from './null-of-drift.js';
import { populationWeights, singletons } from './population-weights.js';
import { SimulatedNull } from './simulated-null.js';
import { TailBeyond } from './tail-beyond.js';

const categorical = (counts: readonly number[], values: Partial<ReferenceSeries> = {}): ReferenceSeries => ({
  ...{ series: 'f', kind: 'categorical', binSetId: 'b', edges: [], decileEdgeIndexes: [], otherHashes: [] },
  ...{ categories: counts.map((_, i) => `c${i}`), counts: [...counts, 0, 0] },
  ...{ n: counts.reduce((sum, count) => sum + count, 0), missing: 0, invalid: 0, mean: 0, std: 0, min: 0, max: 0 },
  ...values,
});

const even = categorical(new Array<number>(10).fill(3_000));
const nullOf = (reference: ReferenceSeries, rows: number, seed = 'seed') =>
  new SimulatedNull('psi.decile', driftMethodDefinitions['psi.decile'], reference, rows, seed);

describe('a simulated null distribution', () => {
  it('is that of χ² where χ² holds', () => {
    const simulated = nullOf(even, 1000);
    for (const psi of [0.005, 0.01, 0.02]) {
      expect(simulated.pValue(psi, 1000) / psiPValue(psi, 10, 30_000, 1000)).toBeGreaterThan(0.7);
      expect(simulated.pValue(psi, 1000) / psiPValue(psi, 10, 30_000, 1000)).toBeLessThan(1.6);
    }
    // Beyond the replicates: of the right order, and not too small.
    const far = simulated.pValue(0.04, 1000) / psiPValue(0.04, 10, 30_000, 1000);
    expect(far).toBeGreaterThan(0.5);
    expect(far).toBeLessThan(100);
    expect(simulated.beyondChance(0.1, 1000)).toBeCloseTo(0.1 - 9 * (1 / 30_000 + 1 / 1000), 3);
  });

  it('scales to windows of other sizes', () => {
    const simulated = nullOf(even, 1000);
    expect(simulated.pValue(0.02, 2000)).toBeLessThan(simulated.pValue(0.02, 1000));
    expect(simulated.pValue(0.01, 2000) / psiPValue(0.01, 10, 30_000, 2000)).toBeGreaterThan(0.7);
  });

  it('says from how many rows on an effect can be told from chance', () => {
    const simulated = nullOf(even, 200);
    // (χ²(9, .99) − 9)(1/30000 + 1/m) ≤ 0.1 from m = 128 on.
    expect(simulated.minimumRows(0.1, 0.01)).toBeGreaterThan(100);
    expect(simulated.minimumRows(0.1, 0.01)).toBeLessThan(160);
    expect(nullOf(categorical([20, 20, 20]), 200).minimumRows(0.05, 0.001)).toBe(Infinity);
  });

  it('knows that an empty bin is no rarity in a small window', () => {
    // 10 % of 30 rows: none at all comes with probability .9^30 = .042, where χ² would say 1e-3.
    const rare = categorical([27_000, 3_000]);
    const none = driftMethodDefinitions['psi.decile'].distance({
      reference: rare,
      current: { ...emptyOf(rare), n: 30, counts: [30, 0, 0, 0] },
    });
    expect(nullOf(rare, 30).pValue(none.effectSize, 30)).toBeGreaterThan(0.02);
  });

  it('expects unseen categories as often as the reference has some only once', () => {
    const counts = new Array<number>(50).fill(20);
    const stable = categorical(counts, { singletons: 0 });
    const growing = categorical(counts, { singletons: 100 });
    expect(nullOf(growing, 500).beyondChance(0.5, 500)).toBeLessThan(nullOf(stable, 500).beyondChance(0.5, 500) - 0.1);
  });

  it('depends on the seed alone, and is kept', () => {
    expect(nullOf(even, 300).pValue(0.06, 300)).toBe(nullOf(even, 300).pValue(0.06, 300));
    expect(nullOf(even, 300, 'other').pValue(0.06, 300)).not.toBe(nullOf(even, 300).pValue(0.06, 300));
    const definition = driftMethodDefinitions['psi.decile'];
    const first = nullOfDrift('psi.decile', definition, even, 300);
    expect(nullOfDrift('psi.decile', definition, { ...even }, 310)).toBe(first);
    expect(nullOfDrift('psi.decile', definition, even, 600)).not.toBe(first);
    expect(nullOfDrift('psi.decile', definition, { ...even, counts: even.counts.map((n) => n + 1) }, 300)).not.toBe(
      first,
    );
  });
});

describe('the weights of a population', () => {
  it('give what the reference does not hold the chance it has', () => {
    expect(populationWeights(categorical([5, 1], { singletons: 1 }))).toEqual([5, 1, 0, 1]);
    const numeric = { ...categorical([]), kind: 'numeric', counts: [0, 50, 50, 0] } as const;
    expect(populationWeights(numeric)).toEqual([1, 50, 50, 1]);
  });

  it('estimate how many categories came once where it is not known', () => {
    expect(singletons(categorical([5, 1, 1]))).toBe(2);
    const others = categorical([500], { otherHashes: Array.from({ length: 100 }, (_, i) => i), counts: [500, 158, 0] });
    // Zero-truncated Poisson: a rate of 1 has a mean of 1.582 and a share of singletons of .582.
    expect(singletons(others)).toBeCloseTo(58.2, 0);
  });
});

describe('a fitted tail', () => {
  it('goes on where the replicates end, and its inverse with it', () => {
    const exponential = Float64Array.from({ length: 1000 }, (_, i) => -Math.log(1 - (i + 0.5) / 1000));
    const tail = new TailBeyond(exponential);
    for (const value of [0.5, 3, 6, 10, 14]) {
      expect(tail.probabilityOf(value) / Math.exp(-value)).toBeGreaterThan(0.7);
      expect(tail.probabilityOf(value) / Math.exp(-value)).toBeLessThan(4);
    }
    for (const alpha of [0.01, 1e-3, 1e-6])
      expect(tail.probabilityOf(tail.exceededBy(alpha)) / alpha).toBeCloseTo(1, 9);
  });

  it('is never certain of what it has not seen', () => {
    const constant = new TailBeyond(new Float64Array(1000));
    expect(constant.probabilityOf(0)).toBe(1);
    expect(constant.probabilityOf(5)).toBeGreaterThan(0);
    expect(constant.probabilityOf(5)).toBeLessThan(0.01);
  });
});

function emptyOf({ series, binSetId }: ReferenceSeries) {
  return { series, binSetId, missing: 0, invalid: 0, sum: 0, sumSquares: 0, min: 0, max: 0 };
}
