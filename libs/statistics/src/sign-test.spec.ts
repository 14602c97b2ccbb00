import { signTestPValue } from './sign-test.js';

describe('signTestPValue', () => {
  // Sums of binomial coefficients as exact fractions.
  it.each([
    [0, 0, 1],
    [0, 7, 1],
    [5, 5, 0.03125],
    [8, 10, 0.0546875],
    [60, 100, 0.028443966820490395],
    [520, 1000, 0.10872414660207047],
    [1080, 2000, 0.00018750253721270307],
  ])('%i of %i is exact', (count, n, expected) => {
    expect(signTestPValue(count, n)).toBeCloseTo(expected, 12);
  });

  it.each([
    [1100, 2100, 0.015360353932121148],
    [5300, 10400, 0.025504773361590145],
  ])('%i of %i is within 0.1 %%', (count, n, expected) => {
    expect(Math.abs(signTestPValue(count, n) / expected - 1)).toBeLessThan(1e-3);
  });

  it.each([
    [-1, 5],
    [6, 5],
    [0.5, 5],
    [NaN, 5],
  ])('refuses %d of %d', (count, n) => {
    expect(() => signTestPValue(count, n)).toThrow(RangeError);
  });
});
