import { readFileSync } from 'node:fs';
import { compareBins } from './compare-bins.js';
import { compareSamples } from './compare-samples.js';
import { findMethod, UnknownMethodError } from './find-method.js';
import type { Method } from './method.js';
import { methodIds, methods } from './methods.js';

/** Value, effect size and p-value; NaN and infinities are strings, which `Number` reads. */
type Expected = Record<string, [number | string, number | string, number | string]>;
interface Golden {
  numbers: { x: number[]; y: number[]; expected: Expected }[];
  categories: { reference: number[]; current: number[]; expected: Expected }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/methods.json', import.meta.url), 'utf8'),
) as Golden;

/** Relative; the floors are what scipy's own cancellation leaves where two samples nearly agree. */
function expectClose(actual: number, expected: number | string, what: string, relative: number, floor: number): void {
  const wanted = Number(expected);
  if (Object.is(actual, wanted) || Math.abs(actual - wanted) <= Math.max(relative * Math.abs(wanted), floor)) return;
  throw new Error(`${what}: ${actual} is not ${wanted}`);
}

function expectAll(
  actual: { value: number; effectSize: number; pValue: number },
  [v, e, p]: Expected[string],
  what: string,
) {
  // √ turns rounding of 1e-17 into 3e-9.
  const floor = /js\.(base2|e|doane)/.test(what) ? 3e-8 : 1e-14;
  expectClose(actual.value, v, `${what} value`, 1e-12, floor);
  expectClose(actual.effectSize, e, `${what} effect size`, 1e-12, floor);
  expectClose(actual.pValue, p, `${what} p`, 1e-10, 1e-13);
}

/** One value for each of the rows of a category. */
const spread = (counts: number[]) => counts.flatMap((rows, i) => new Array<string>(rows).fill(`c${i}`));

describe('methods', () => {
  it('are what numpy, scipy and the written definitions say, on raw numbers', () => {
    const seen = new Set<string>();
    golden.numbers.forEach(({ x, y, expected }, i) => {
      for (const [id, numbers] of Object.entries(expected)) {
        seen.add(id);
        expectAll(compareSamples(id, x, y), numbers, `${id} of case ${i}`);
      }
    });
    expect([...seen].sort()).toEqual([...methodIds].sort());
  });

  it('are what numpy, scipy and the written definitions say, on raw categories', () => {
    const seen = new Set<string>();
    golden.categories.forEach(({ reference, current, expected }, i) => {
      for (const [id, numbers] of Object.entries(expected)) {
        seen.add(id);
        expectAll(compareSamples(id, spread(reference), spread(current)), numbers, `${id} of case ${i}`);
      }
    });
    const forCategories = methodIds.filter((id) => findMethod(id).kinds.includes('categorical'));
    expect([...seen].sort()).toEqual(forCategories.sort());
  });

  it('have an id for ever: these numbers must never change', () => {
    const times = (values: number[], n: number) => new Array<number[]>(n).fill(values).flat();
    const x = times([1, 2, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22], 4);
    const y = times([1, 2, 3, 4, 5, 6, 7, 9, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 30, 31, 40, 50], 3);
    const pinned: Record<(typeof methodIds)[number], number> = {
      'psi.decile': 0.17378007445459723,
      'psi.hopsworks': 0.1942514897441984,
      'js.base2': 0.18505639066250792,
      'js.e': 0.1540695513702713,
      'js.divergence': 0.03424586772503475,
      hellinger: 0.15493505871940552,
      'chi2.contingency': 7.498685222823153,
      'chi2.gof': 16.904545454545456,
      kl: 0.08913419230031894,
      tv: 0.17832167832167833,
      linf: 0.15734265734265732,
      'psi.evidently': 1.222169428707193,
      'psi.equal-width-30': 0.6413931536860908,
      'js.doane': 0.3294375928768574,
      ks: 0.1888111888111888,
      'wasserstein.raw': 4.975524475524476,
      'wasserstein.std': 0.7857701389284709,
      'mean-shift': 0.7835613683341534,
      'mann-whitney': 0.18356643356643354,
    };
    expect(Object.fromEntries(methodIds.map((id) => [id, compareSamples(id, x, y).value]))).toEqual(
      Object.fromEntries(Object.entries(pinned).map(([id, value]) => [id, expect.closeTo(value, 13)])),
    );
  });

  it.each<[string, number[], number[], number]>([
    ['psi.evidently', [8, 4, 7, 1, 5], [4, 1, 7, 3, 1], 0.5670270283866204],
    ['js.e', [40, 40, 20], [50, 0, 50], 0.4178757172728631],
    ['js.base2', [0, 9], [9, 0], 1],
    ['js.divergence', [0, 9], [9, 0], 1],
    ['hellinger', [8, 4, 7, 1, 5], [4, 1, 7, 3, 1], 0.262204783083657],
    ['kl', [8, 4, 7, 1, 5], [4, 1, 7, 3, 1], 0.2752701838700412],
    ['tv', [8, 4, 7, 1, 5], [4, 1, 7, 3, 1], 0.305],
    ['linf', [8, 4, 7, 1, 5], [4, 1, 7, 3, 1], 0.1575],
    ['psi.evidently', [0, 1], [1, 0], 18.4188],
    ['psi.evidently', [40, 40, 20], [50, 0, 50], 3.6139],
  ])('%s of %j and %j is %p, as the vectors of the design notes say', (id, reference, current, expected) => {
    const { value } = compareSamples(id, spread(reference), spread(current));
    expect(value).toBeCloseTo(expected, String(expected).length < 8 ? 3 : 12);
  });

  it('stand in docs/statistics.md as they are', () => {
    const document = readFileSync(new URL('../../../../docs/statistics.md', import.meta.url), 'utf8');
    const cell = (text: string) => text.replaceAll('|', '\\|');
    for (const id of methodIds) {
      const { formula, bins, kinds, defaults, fromBins, reference }: Method = methods[id];
      const thresholds = `${defaults.warning} / ${defaults.critical}`;
      const cells = [`\`${id}\``, formula, bins, kinds.join(', '), thresholds, fromBins, reference].map(cell);
      expect(document).toContain(`| ${cells.join(' | ')} |`);
    }
  });

  it('have every field of the table', () => {
    for (const id of methodIds) {
      const method: Method = methods[id];
      expect(method.id).toBe(id);
      expect(method.kinds.includes('numeric')).toBe(method.ofNumbers !== undefined);
      expect(method.kinds.includes('categorical')).toBe(method.ofCategories !== undefined);
    }
  });

  it.each(['psi', 'PSI.decile', '', 'toString', '__proto__'])('say which there are when asked for %j', (id) => {
    expect(() => compareSamples(id, [1], [2])).toThrow(UnknownMethodError);
    expect(() => findMethod(id)).toThrow(`there is no method "${id}": use one of psi.decile, psi.evidently, `);
  });

  it('refuse kinds of values that they are not for, and say what to use', () => {
    expect(() => compareSamples('ks', ['a'], ['b'])).toThrow(
      'ks is not defined for categorical values, because they have no order: use one that is, such as psi.decile',
    );
    const categories = {
      reference: {
        kind: 'categorical' as const,
        edges: [],
        decileEdgeIndexes: [],
        counts: [1, 2],
        n: 3,
        mean: 0,
        std: 0,
        min: 0,
        max: 0,
      },
      current: { counts: [1, 2], n: 3, sum: NaN, sumSquares: NaN, min: NaN, max: NaN },
    };
    expect(() => compareBins('ks', categories)).toThrow('ks is not defined for categorical values');
    expect(() => compareBins('js.doane', categories)).toThrow('js.doane needs the skewness of the raw values');
    const longer = { ...categories, current: { ...categories.current, counts: [1, 2, 3] } };
    expect(() => compareBins('psi.decile', longer)).toThrow('counts are not aligned: 2 reference and 3 current bins');
  });
});
