import { populationStabilityIndex } from './population-stability-index.js';

describe('populationStabilityIndex', () => {
  it.each([
    // The second vector was published from shares rounded to eight digits.
    // Large counts make the smoothing negligible, so the shares of the published vectors come back.
    [[32, 16, 28, 4, 20], [4, 1, 7, 3, 1], 0.5670270283866204],
    [[134, 23, 12, 57, 4], [198, 15, 1, 32, 48], 0.6203258001760216],
  ])('approaches the unsmoothed value as counts grow: %j against %j', (p, q, expected) => {
    const many = (counts: number[]) => counts.map((count) => count * 1e12);
    expect(populationStabilityIndex(many(p), many(q)).value / expected).toBeCloseTo(1, 6);
  });

  it('smooths every count by a half and every total by half the bins', () => {
    const p = [10.5 / 31, 20.5 / 31];
    const q = [0.5 / 6, 5.5 / 6];
    const expected = p.reduce((sum, share, i) => sum + (share - q[i]!) * Math.log(share / q[i]!), 0);
    expect(populationStabilityIndex([10, 20], [0, 5]).value).toBeCloseTo(expected, 14);
  });

  it('drops a bin that is empty in both samples', () => {
    expect(populationStabilityIndex([0, 10, 20, 0], [0, 3, 2, 0])).toEqual(populationStabilityIndex([10, 20], [3, 2]));
    expect(populationStabilityIndex([0, 10, 20, 0], [0, 3, 2, 0]).bins).toBe(2);
  });

  it.each([
    ['no current rows', [1, 2], [0, 0], NaN, 2],
    ['no reference rows', [0, 0], [1, 0], NaN, 1],
    ['no rows at all', [0, 0], [0, 0], NaN, 0],
    ['no bins', [], [], NaN, 0],
    ['one bin', [5], [900], 0, 1],
  ])('%s', (_, reference, current, value, bins) => {
    expect(populationStabilityIndex(reference, current)).toEqual({ value, bins });
  });

  it('refuses counts of different bins', () => {
    expect(() => populationStabilityIndex([1, 2], [1])).toThrow(RangeError);
  });
});
