import fc from 'fast-check';
import {
  benjaminiHochberg,
  binIndex,
  bonferroni,
  chiSquareContingency,
  chiSquareCritical,
  chiSquareSurvival,
  coalesce,
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
  quantileEdges,
  rocAucFromBins,
  totalVariation,
  twoProportionPValue,
  wassersteinFromBins,
  wassersteinFromSorted,
  wilsonInterval,
} from './index.js';

const psi = (reference: number[], current: number[]) => populationStabilityIndex(reference, current).value;
const cramersV = (reference: number[], current: number[]) => chiSquareContingency(reference, current).cramersV;
const ksAtEdges = (reference: number[], current: number[]) => ksFromCounts(reference, current).value;

const bounded: Record<string, (reference: number[], current: number[]) => number> = {
  jensenShannonDistance: (p, q) => jensenShannonDistance(p, q),
  hellingerDistance,
  totalVariation,
  infinityDistance,
  ksAtEdges,
  cramersV,
};

/** Counts of two samples over the same bins, neither of them empty. */
const pairs = fc
  .array(fc.tuple(fc.nat(500), fc.nat(500)), { minLength: 1, maxLength: 20 })
  .filter((bins) => bins.some(([r]) => r > 0) && bins.some(([, c]) => c > 0));
const split = (bins: [number, number][]) => [bins.map(([r]) => r), bins.map(([, c]) => c)] as const;

/** Short decimals, so that ties happen. */
const samples = fc.array(
  fc.integer({ min: -300, max: 300 }).map((value) => value / 10),
  { minLength: 1, maxLength: 60 },
);
const ascending = (values: number[]) => [...values].sort((a, b) => a - b);

function countsOf(edges: number[], values: number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binIndex(edges, value)]! += 1;
  return counts;
}

describe('distances', () => {
  it.each(Object.entries({ ...bounded, psi, kullbackLeibler }))('%s of a sample to itself is 0', (_, distance) => {
    fc.assert(fc.property(pairs, (bins) => distance(split(bins)[0], split(bins)[0]) === 0));
  });

  it.each(Object.entries({ ...bounded, psi }))('%s is symmetric', (_, distance) => {
    fc.assert(
      fc.property(pairs, (bins) => {
        const [p, q] = split(bins);
        expect(distance(p, q)).toBeCloseTo(distance(q, p), 10);
      }),
    );
  });

  it.each(Object.entries(bounded))('%s lies in [0, 1]', (_, distance) => {
    fc.assert(
      fc.property(pairs, (bins) => {
        const value = distance(...split(bins));
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it.each(
    Object.entries({ jensenShannonDistance, hellingerDistance, totalVariation, infinityDistance, cramersV, psi }),
  )('%s does not depend on the order of the bins', (_, distance) => {
    fc.assert(
      fc.property(pairs, fc.nat(19), (bins, turn) => {
        const turned = [...bins.slice(turn), ...bins.slice(0, turn)].reverse();
        const [p, q] = split(bins);
        const [p2, q2] = split(turned);
        expect(distance(p2, q2)).toBeCloseTo(distance(p, q), 7);
      }),
    );
  });

  it('PSI and KL are never negative', () => {
    fc.assert(fc.property(pairs, (bins) => psi(...split(bins)) >= 0 && kullbackLeibler(...split(bins)) >= 0));
  });
});

describe('bins', () => {
  it('coalescing keeps the total and equals counting at the coarse edges', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 }), (values, bins, stride) => {
        const edges = quantileEdges(ascending(values), bins);
        const kept = edges.map((_, i) => i).filter((i) => i % stride === 0);
        const coarse = coalesce(countsOf(edges, values), kept);
        expect(coarse).toEqual(
          countsOf(
            kept.map((i) => edges[i]!),
            values,
          ),
        );
        expect(coarse.reduce((a, b) => a + b, 0)).toBe(values.length);
      }),
    );
  });

  it('cells of two halves add up to the cells of the whole', () => {
    fc.assert(
      fc.property(samples, samples, samples, (reference, first, second) => {
        const edges = quantileEdges(ascending(reference), 10);
        const merged = countsOf(edges, first).map((count, i) => count + countsOf(edges, second)[i]!);
        expect(merged).toEqual(countsOf(edges, [...first, ...second]));
      }),
    );
  });

  it('holds a value between its edges', () => {
    fc.assert(
      fc.property(samples, fc.double({ noNaN: true }), (values, value) => {
        const edges = quantileEdges(ascending(values), 10);
        const bin = binIndex(edges, value);
        expect(value).toBeGreaterThanOrEqual(edges[bin - 1] ?? -Infinity);
        if (bin < edges.length) expect(value).toBeLessThan(edges[bin]!);
      }),
    );
  });

  it('the binned Kolmogorov–Smirnov and Wasserstein distances are within their stated bounds of the raw ones', () => {
    fc.assert(
      fc.property(samples, samples, fc.integer({ min: 1, max: 30 }), (x, y, bins) => {
        const edges = quantileEdges(ascending(x), bins);
        const [p, q] = [countsOf(edges, x), countsOf(edges, y)];
        const exactKs = ksTwoSample(ascending(x), ascending(y));
        const ks = ksFromCounts(p, q);
        expect(exactKs).toBeGreaterThanOrEqual(ks.value - 1e-12);
        expect(exactKs).toBeLessThanOrEqual(ks.value + ks.errorBound + 1e-12);
        const exact = wassersteinFromSorted(ascending(x), ascending(y));
        const wasserstein = wassersteinFromBins(edges, Math.min(...x, ...y), Math.max(...x, ...y), p, q);
        expect(Math.abs(exact - wasserstein.value)).toBeLessThanOrEqual(wasserstein.errorBound + 1e-9);
      }),
    );
  });
});

describe('raw samples', () => {
  it('distances are symmetric, 0 for the same values and unchanged by repeating every value', () => {
    fc.assert(
      fc.property(samples, samples, (x, y) => {
        const [a, b] = [ascending(x), ascending(y)];
        for (const distance of [ksTwoSample, wassersteinFromSorted]) {
          expect(distance(a, a)).toBe(0);
          expect(distance(a, b)).toBeCloseTo(distance(b, a), 10);
          expect(distance(ascending([...x, ...x]), b)).toBeCloseTo(distance(a, b), 10);
        }
      }),
    );
  });
});

describe('probabilities', () => {
  it('the exact Kolmogorov–Smirnov p-value falls from 1 as the distance grows and ignores which sample is which', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (n, m) => {
        let previous = 1;
        for (let d = 0; d <= 1; d += 0.05) {
          const p = ksPValue(d, n, m);
          expect(p).toBeCloseTo(ksPValue(d, m, n), 12);
          expect(p).toBeLessThanOrEqual(previous + 1e-12);
          expect(p).toBeGreaterThan(0);
          previous = p;
        }
      }),
    );
  });

  it('critical values and quantiles invert the survival functions', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 400 }), (alpha, df) => {
        expect(chiSquareSurvival(chiSquareCritical(alpha, df), df) / alpha).toBeCloseTo(1, 10);
        expect(normalSurvival(-normalQuantile(alpha)) / alpha).toBeCloseTo(1, 10);
      }),
    );
  });

  it('a rate lies in its Wilson interval, which narrows with rows', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (k, n) => {
        fc.pre(k <= n);
        const once = wilsonInterval(k, n, 0.95);
        const tenfold = wilsonInterval(10 * k, 10 * n, 0.95);
        expect(once.lower).toBeLessThanOrEqual(k / n);
        expect(once.upper).toBeGreaterThanOrEqual(k / n);
        expect(tenfold.upper - tenfold.lower).toBeLessThan(once.upper - once.lower);
      }),
    );
  });

  it('the two tails of Fisher’s test overlap in the observed count only', () => {
    const table = fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40), fc.nat(40));
    fc.assert(
      fc.property(table, ([a, restA, b, restB]) => {
        const higher = twoProportionPValue(a, a + restA, b, b + restB);
        const lower = twoProportionPValue(restA, a + restA, restB, b + restB);
        expect(higher).toBeLessThanOrEqual(1);
        expect(lower).toBeLessThanOrEqual(1);
        expect(higher + lower).toBeGreaterThanOrEqual(1 - 1e-12);
      }),
    );
  });

  it('adjusted p-values are ordered raw ≤ Benjamini–Hochberg ≤ Bonferroni ≤ 1', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (pValues) => {
        const hochberg = benjaminiHochberg(pValues);
        const strict = bonferroni(pValues);
        pValues.forEach((p, i) => {
          expect(hochberg[i]).toBeGreaterThanOrEqual(p);
          expect(strict[i]).toBeGreaterThanOrEqual(hochberg[i]! - 1e-15);
          expect(strict[i]).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('turning the scores round turns the area under the ROC curve round', () => {
    fc.assert(
      fc.property(pairs, (bins) => {
        const [negatives, positives] = split(bins);
        const reversed = rocAucFromBins([...negatives].reverse(), [...positives].reverse());
        expect(rocAucFromBins(negatives, positives) + reversed).toBeCloseTo(1, 12);
      }),
    );
  });
});
