import { compareSamples, type SampleComparison } from './compare-samples.js';
import { findMethod } from './find-method.js';
import { type MethodId, methodIds } from './methods.js';

const ordered = methodIds.filter((id) => !findMethod(id).kinds.includes('categorical'));
const forNumbers = methodIds;
const forCategories = methodIds.filter((id) => !ordered.includes(id));

/** No number without a meaning: NaN and infinities have a reason, effect sizes and p-values are in their range. */
function expectSound(comparison: SampleComparison): void {
  const { value, effectSize, errorBound, pValue, reason } = comparison;
  if (!Number.isFinite(value)) expect(reason).toEqual(expect.any(String));
  else {
    expect(reason).toBeUndefined();
    expect(value).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(effectSize)).toBe(true);
    expect(errorBound).toBe(0);
  }
  if (!Number.isNaN(value)) {
    expect(pValue).toBeGreaterThanOrEqual(0);
    expect(pValue).toBeLessThanOrEqual(1);
  }
}

const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const many = (value: unknown, n = 100) => new Array<unknown>(n).fill(value);
const huge = [-1e308, -5e307, 0, 5e307, 1e308, 1.7e308, -1.7e308];

describe('edge cases of numbers', () => {
  const nothing = /^the (reference|current sample) (is empty|holds no value)/;
  const undefinedCases: [string, unknown[], unknown[]][] = [
    ['an empty reference', [], ten],
    ['an empty current sample', ten, []],
    ['two empty samples', [], []],
    ['a current sample that is all missing', ten, [null, undefined, null]],
    ['a reference that is all NaN and infinite', [NaN, Infinity, -Infinity], ten],
    ['texts where numbers are', ten, ['1', '2', '3']],
  ];
  describe.each(undefinedCases)('%s', (_, reference, current) => {
    it.each(forNumbers)('%s is NaN and says why', (id) => {
      const comparison = compareSamples(id, reference, current, { kind: 'numeric' });
      expect(comparison).toMatchObject({ value: NaN, effectSize: NaN, pValue: NaN });
      expect(comparison.reason).toMatch(nothing);
    });
  });

  const same: [string, unknown[], unknown[]][] = [
    ['the same values', ten, [...ten].reverse()],
    ['one value', [7], [7]],
    ['a constant', many(3), many(3)],
    ['−0 and 0', many(0), many(-0)],
    ['values of 1e308', huge, huge],
    ['the smallest numbers', [5e-324, 1e-323, 0], [5e-324, 1e-323, 0]],
    ['a bigint and its nearest double', many(2 ** 60), many(2n ** 60n + 1n)],
  ];
  describe.each(same)('%s', (_, reference, current) => {
    it.each(forNumbers)('%s is 0, p is not small', (id) => {
      const comparison = compareSamples(id, reference, current);
      expectSound(comparison);
      expect(comparison.value).toBe(0);
      expect(comparison.pValue).toBeGreaterThan(0.5);
    });
  });

  const different: [string, unknown[], unknown[]][] = [
    ['a reference that is constant', many(3), ten],
    ['a current sample that is constant', ten, many(3)],
    ['two constants', many(3), many(4)],
    ['one value each', [1], [2]],
    ['one reference value', [1], ten],
    ['one current value', ten, [100]],
    ['ties everywhere', [1, 1, 1, 2, 2, 3], [2, 2, 2, 2, 3, 3]],
    ['NaN and infinities among values', [...ten, NaN, Infinity], [NaN, -Infinity, 5, 6, 7, 8, 90]],
    ['1e308 and −1e308', [-1e308, 1e308, 0], [1.7e308, 1.7e308, -1.7e308]],
    ['1e308 against small values', ten, [1e308, 1e308]],
    ['integers beyond 2^53', [2 ** 53, 2 ** 53 + 2, 2 ** 54], [2 ** 60, 2 ** 61]],
    ['a value of 1e9 far outside', many(0.3, 99), [...many(0.4, 98), 1e9]],
    ['everything below the reference', ten, many(-5)],
    ['the smallest numbers', [0, 5e-324], [1e-323, 1e-322]],
  ];
  describe.each(different)('%s', (_, reference, current) => {
    it.each(forNumbers)('%s is sound', (id) => {
      expectSound(compareSamples(id, reference, current));
    });
  });

  it('counts what was left out', () => {
    const { reference, current } = compareSamples('ks', [1, null, '2', NaN], [undefined, 1, 2, true]);
    expect(reference).toEqual({ n: 1, missing: 1, invalid: 2 });
    expect(current).toEqual({ n: 2, missing: 1, invalid: 1 });
  });

  it.each<[MethodId, number]>([
    ['wasserstein.raw', 1.7e308],
    ['wasserstein.std', 1.7e308 / 1e308],
    ['mean-shift', 1.7e308 / 1e308],
  ])('%s of values near the largest double does not overflow on the way', (id, expected) => {
    const { value } = compareSamples(id, [-1e308, 1e308], [1.7e308, 1.7e308]);
    expect(value / expected).toBeCloseTo(1, 12);
  });

  it('says so where the distance itself is beyond the largest double', () => {
    expect(compareSamples('wasserstein.raw', [-1.7e308], [1.7e308])).toMatchObject({
      value: Infinity,
      reason: 'the distance exceeds the largest double',
    });
  });

  it('does not change the samples', () => {
    const reference = Object.freeze([3, 1, 2]);
    const current = Object.freeze([9, 8, 7]);
    for (const id of forNumbers) expectSound(compareSamples(id, reference, current));
  });

  it('a value of 1e9 does not hide a change (a peer reports .00005)', () => {
    const reference = [...many(0.3, 500), ...many(0.7, 500), 1e9];
    const current = [...many(0.3, 120), ...many(0.7, 880)];
    expect(compareSamples('ks', reference, current).value).toBeCloseTo(0.3795, 3);
  });
});

describe('edge cases of categories', () => {
  const different: [string, unknown[], unknown[]][] = [
    ['everything unseen', many('a'), many('b')],
    ['some unseen', [...many('a'), ...many('b')], [...many('a'), 'c', 'd', 'e']],
    ['a reference of one category', many('a'), [...many('a', 50), ...many('b', 50)]],
    ['a current sample of one category', [...many('a', 50), ...many('b', 50)], many('a')],
    ['one row each', ['a'], ['b']],
    ['booleans', [true, false, true], [false, false]],
    ['the empty text', ['', 'a'], ['', '']],
    ['names of other alphabets', ['東京', 'Zürich', '🦊', '__proto__'], ['東京', 'Ζυρίχη', '🦊🦊', 'constructor']],
  ];
  describe.each(different)('%s', (_, reference, current) => {
    it.each(forCategories)('%s is sound', (id) => {
      const comparison = compareSamples(id, reference, current);
      if (id === 'kl' && comparison.value === Infinity) {
        expect(comparison.reason).toBe('the current sample has no row in a category that the reference has rows in');
      }
      expectSound(comparison);
    });
  });

  it.each(forCategories)('%s is 0 for the same rows in another order', (id) => {
    expect(compareSamples(id, ['a', 'b', 'é', 'b'], ['b', 'é', 'b', 'a']).value).toBe(0);
  });

  it('1.0 and 1 are one category, "1" and 1 are not: a change of type is told, not measured', () => {
    const before = compareSamples('js.base2', [1.0, 0, 1], [1, 0, 1], { kind: 'categorical' });
    expect(before.value).toBe(0);
    const after = compareSamples('js.base2', [1, 0, 1], ['1', '0', '1'], { kind: 'categorical' });
    expect(after).toMatchObject({ value: NaN, current: { n: 0, missing: 0, invalid: 3 } });
    expect(after.reason).toContain('3 are of the wrong type');
    expect(compareSamples('js.base2', ['1.0'], ['1']).value).toBe(1);
  });

  it('composed and decomposed letters are different categories', () => {
    expect(compareSamples('tv', ['\u00e9'], ['e\u0301']).value).toBe(1);
  });

  it.each(forCategories)('%s takes 100 000 categories', (id) => {
    const reference = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    const current = Array.from({ length: 100_000 }, (_, i) => `c${i + 50_000}`);
    expectSound(compareSamples(id, reference, current));
  });
});
