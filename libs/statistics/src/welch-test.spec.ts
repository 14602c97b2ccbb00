import { sampleMoments } from './sample-moments.js';
import { welchPValue } from './welch-test.js';

const p = (x: number[], y: number[]) => welchPValue(sampleMoments(x), sampleMoments(y));

// scipy.stats.ttest_ind(x, y, equal_var=False).pvalue
describe('welchPValue', () => {
  it('is scipy’s', () => {
    expect(p([1, 2, 3, 4, 5], [2, 4, 6, 8, 10, 12])).toBeCloseTo(0.04928433820673053, 14);
  });

  it.each<[string, number[], number[], number]>([
    ['1 for equal means', [1, 2, 3], [0, 2, 4], 1],
    ['1 for two equal constants', [3, 3], [3, 3, 3], 1],
    ['0 for two other constants', [3, 3], [4, 4, 4], 0],
    ['NaN for an empty sample', [], [1, 2], NaN],
  ])('is %s', (_, x, y, expected) => {
    expect(p(x, y)).toBe(expected);
  });

  it('takes the variance of the other sample for one row', () => {
    expect(p([1, 2, 3, 4], [2.5])).toBe(1);
    expect(p([1, 2, 3, 4], [50])).toBeLessThan(0.001);
  });

  it('takes values near the largest double', () => {
    expect(p([-1e308, 1e308], [1.7e308, 1.6e308])).toBeGreaterThan(0);
    expect(p([-1e308, 1e308], [1.7e308, 1.6e308])).toBeLessThanOrEqual(1);
  });
});
