import fc from 'fast-check';
import { binIndex } from '../bin-index.js';
import type { BinnedPair } from '../binned-pair.js';
import { quantileEdges } from '../quantile-edges.js';
import { sampleMoments } from '../sample-moments.js';
import { compareBins } from './compare-bins.js';
import { compareSamples } from './compare-samples.js';
import { findMethod } from './find-method.js';
import { type MethodId, methodIds } from './methods.js';

/** Short decimals, so that ties happen; some far outside. */
const number = fc.oneof(
  { arbitrary: fc.integer({ min: -300, max: 300 }).map((value) => value / 10), weight: 8 },
  { arbitrary: fc.integer({ min: -3, max: 3 }), weight: 4 },
  { arbitrary: fc.integer({ min: -1e9, max: 1e9 }), weight: 1 },
);
const samples = fc.array(number, { minLength: 1, maxLength: 80 });
const categories = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1, maxLength: 80 });
const shuffled = <T>(values: readonly T[], seed: number): T[] =>
  values
    .map((value, i) => [Math.sin((i + 1) * (seed + 1)), value] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, value]) => value);

const valueOf = (id: string, x: unknown[], y: unknown[]): number => compareSamples(id, x, y).value;

/** Deciles, Doane's bins and deviations are the reference's, so these numbers change when the samples change places. */
const asymmetricForNumbers = new Set<MethodId>([
  ...methodIds.filter((id) => findMethod(id).bins.includes('of the reference')),
  'psi.evidently',
  'js.doane',
  'kl',
  'wasserstein.std',
  'mean-shift',
]);
const asymmetricForCategories = new Set<MethodId>(['kl', 'chi2.gof']);
const ceilings: Partial<Record<MethodId, number>> = {
  ks: 1,
  'js.base2': 1,
  'js.e': Math.sqrt(Math.LN2),
  'js.divergence': 1,
  'js.doane': 1,
  hellinger: 1,
  tv: 1,
  linf: 1,
  'mann-whitney': 1,
};
const forCategories = methodIds.filter((id) => findMethod(id).kinds.includes('categorical'));
const forBins = methodIds.filter((id) => findMethod(id).fromBins !== 'raw only');

/** The two samples as cells hold them: counts over up to `bins` quantile bins of the reference, and one at each end outside its range. */
function binned(x: number[], y: number[], bins: number, perValue: boolean): BinnedPair {
  const sorted = Float64Array.from(x).sort();
  const deciles = quantileEdges(sorted, 10);
  const fine = perValue ? [...sorted] : quantileEdges(sorted, bins);
  const up = new Float64Array([sorted.at(-1)!]);
  const bits = new BigInt64Array(up.buffer);
  bits[0]! += up[0]! < 0 ? -1n : 1n;
  const outermost = up[0] === 5e-324 || sorted.at(-1) === 0 ? 5e-324 : up[0]!;
  const edges = [...new Set([...fine, ...deciles, sorted[0]!, outermost])].sort((a, b) => a - b);
  const counts = (values: number[]) => {
    const found = new Array<number>(edges.length + 1).fill(0);
    for (const value of values) found[binIndex(edges, value)]! += 1;
    return found;
  };
  const sum = (of: (value: number) => number) => y.reduce((total, value) => total + of(value), 0);
  const { mean, std } = sampleMoments(x);
  return {
    reference: {
      kind: 'numeric',
      edges,
      decileEdgeIndexes: deciles.map((edge) => edges.indexOf(edge)),
      counts: counts(x),
      n: x.length,
      mean,
      std,
      min: Math.min(...x),
      max: Math.max(...x),
    },
    current: {
      counts: counts(y),
      n: y.length,
      sum: sum((value) => value),
      sumSquares: sum((value) => value * value),
      min: Math.min(...y),
      max: Math.max(...y),
    },
  };
}

describe.each(methodIds)('%s', (id) => {
  it('is 0 between a sample and itself in any order', () => {
    fc.assert(
      fc.property(samples, fc.nat(99), (x, seed) => {
        expect(valueOf(id, x, shuffled(x, seed))).toBe(0);
      }),
    );
  });

  it('is never negative, below its ceiling, and has a probability', () => {
    fc.assert(
      fc.property(samples, samples, (x, y) => {
        const { value, pValue } = compareSamples(id, x, y);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual((ceilings[id] ?? Infinity) + 1e-12);
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(samples, samples, fc.nat(99), (x, y, seed) => {
        expect(valueOf(id, shuffled(x, seed), shuffled(y, seed))).toBe(valueOf(id, x, y));
      }),
    );
  });

  if (!asymmetricForNumbers.has(id)) {
    it('is the same when the samples change places', () => {
      fc.assert(
        fc.property(samples, samples, (x, y) => {
          const there = valueOf(id, x, y);
          expect(Math.abs(valueOf(id, y, x) - there)).toBeLessThanOrEqual(1e-12 * Math.max(1, there));
        }),
      );
    });
  }
});

describe.each(forCategories)('%s of categories', (id) => {
  it('is 0 between a sample and itself, never negative, and the same whatever the names are', () => {
    fc.assert(
      fc.property(categories, categories, (x, y) => {
        expect(valueOf(id, x, x)).toBe(0);
        const value = valueOf(id, x, y);
        expect(value).toBeGreaterThanOrEqual(0);
        const renamed = (values: string[]) => values.map((name) => `${String.fromCharCode(200 - name.charCodeAt(0))}!`);
        const other = valueOf(id, renamed(x).reverse(), renamed(y).reverse());
        if (value === Infinity) expect(other).toBe(Infinity);
        else expect(Math.abs(other - value)).toBeLessThanOrEqual(1e-7 * Math.max(1, value));
      }),
    );
  });

  if (!asymmetricForCategories.has(id)) {
    it('is the same when the samples change places', () => {
      fc.assert(
        fc.property(categories, categories, (x, y) => {
          const there = valueOf(id, x, y);
          expect(Math.abs(valueOf(id, y, x) - there)).toBeLessThanOrEqual(1e-7 * Math.max(1, there));
        }),
      );
    });
  }
});

describe('under changes of scale', () => {
  const monotone = (value: number) => Math.cbrt(value) * 7 + 3;
  it.each<MethodId>(['ks', 'mann-whitney'])('%s ignores what keeps the order', (id) => {
    const whole = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(whole, whole, (x, y) => {
        expect(valueOf(id, x.map(monotone), y.map(monotone))).toBe(valueOf(id, x, y));
      }),
    );
  });

  it.each<MethodId>(['wasserstein.std', 'mean-shift'])('%s ignores the unit', (id) => {
    fc.assert(
      fc.property(samples, samples, (x, y) => {
        fc.pre(sampleMoments(x).std > 0.01);
        const [before, after] = [
          valueOf(id, x, y),
          valueOf(
            id,
            x.map((v) => v * 4),
            y.map((v) => v * 4),
          ),
        ];
        expect(Math.abs(after - before)).toBeLessThanOrEqual(1e-9 * Math.max(1, before));
      }),
    );
  });
});

describe.each(forBins)('%s from counts over bins', (id) => {
  it('is within its error bound of the raw values', () => {
    fc.assert(
      fc.property(samples, samples, fc.constantFrom(10, 20, 120), fc.boolean(), (x, y, bins, perValue) => {
        const raw = compareSamples(id, x, y);
        const { value, effectSize, errorBound } = compareBins(
          id,
          binned(x, y, bins, perValue || id === 'psi.evidently'),
        );
        if (raw.value === Infinity) return expect(value).toBe(Infinity);
        expect(errorBound).toBeGreaterThanOrEqual(0);
        const rounding = 1e-9 * Math.max(1, Math.abs(effectSize));
        expect(Math.abs(effectSize - raw.effectSize)).toBeLessThanOrEqual(errorBound + rounding);
        if (findMethod(id).fromBins === 'exact') expect(errorBound).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('is within its error bound where the reference has hundreds of values', () => {
    const spread = fc.array(
      fc.integer({ min: -5e6, max: 5e6 }).map((value) => value / 1e5),
      { minLength: 150, maxLength: 400 },
    );
    fc.assert(
      fc.property(spread, spread, fc.integer({ min: -30, max: 30 }), (x, y, shift) => {
        const moved = y.map((value) => value + shift);
        const raw = compareSamples(id, x, moved);
        const { effectSize, errorBound } = compareBins(id, binned(x, moved, 120, false));
        if (raw.value === Infinity) return;
        expect(Math.abs(effectSize - raw.effectSize)).toBeLessThanOrEqual(errorBound + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('is exact where every value has a bin of its own', () => {
    const whole = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(whole, whole, (x, y) => {
        const known = y.filter((value) => x.includes(value));
        fc.pre(known.length > 0);
        const { effectSize, errorBound } = compareBins(id, binned(x, known, 120, true));
        const raw = compareSamples(id, x, known);
        if (raw.value === Infinity) return;
        expect(errorBound).toBeLessThanOrEqual(1e-8);
        expect(Math.abs(effectSize - raw.effectSize)).toBeLessThanOrEqual(1e-8);
      }),
    );
  });

  it('is the same from cells of two halves added up as from the whole', () => {
    fc.assert(
      fc.property(samples, samples, samples, (x, first, second) => {
        const whole = binned(x, [...first, ...second], 120, false);
        const [a, b] = [binned(x, first, 120, false).current, binned(x, second, 120, false).current];
        const merged = {
          counts: a.counts.map((rows, i) => rows + b.counts[i]!),
          n: a.n + b.n,
          sum: a.sum + b.sum,
          sumSquares: a.sumSquares + b.sumSquares,
          min: Math.min(a.min, b.min),
          max: Math.max(a.max, b.max),
        };
        const [one, other] = [compareBins(id, whole), compareBins(id, { ...whole, current: merged })];
        if (one.value === Infinity) return expect(other.value).toBe(Infinity);
        expect(Math.abs(other.value - one.value)).toBeLessThanOrEqual(1e-9 * Math.max(1, one.value));
      }),
    );
  });
});
