import { twoProportionPValue } from './two-proportion-p-value.js';
import { wilsonInterval } from './wilson-interval.js';

describe('wilsonInterval', () => {
  it('knows nothing without rows', () => expect(wilsonInterval(0, 0, 0.95)).toEqual({ lower: 0, upper: 1 }));
  it('ends exactly at 0 and 1', () => {
    expect(wilsonInterval(0, 30, 0.95).lower).toBe(0);
    expect(wilsonInterval(30, 30, 0.95).upper).toBe(1);
  });
});

describe('twoProportionPValue', () => {
  it.each([
    ['no current rows', 5, 100, 0, 0],
    ['no reference rows', 0, 0, 5, 100],
    ['no success', 0, 100, 0, 100],
    ['no current success', 5, 100, 0, 100],
    ['only successes', 100, 100, 100, 100],
  ])('%s is no evidence', (_, a, n, b, m) => expect(twoProportionPValue(a, n, b, m)).toBe(1));

  it('falls as the current rate rises', () => {
    const values = Array.from({ length: 51 }, (_, k) => twoProportionPValue(100, 1000, k, 50));
    values.slice(1).forEach((value, i) => expect(value).toBeLessThan(values[i]!));
    expect(values[50]).toBeLessThan(1e-30);
  });
});
