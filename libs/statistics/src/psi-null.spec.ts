import { psiCritical, psiMinimumCurrent, psiNull, psiPValue } from './psi-null.js';

describe('the null distribution of the PSI', () => {
  it('expects (B − 1)(1/n + 1/m)', () => {
    const { expected, scale } = psiNull(10, 1000, 100);
    expect(scale).toBeCloseTo(0.011, 15);
    expect(expected).toBeCloseTo(0.099, 15);
    expect(psiNull(1, 1000, 100).expected).toBe(0);
  });

  it('has the critical value at which the p-value is alpha', () => {
    for (const alpha of [0.2, 0.05, 1e-3, 1e-9]) {
      expect(psiPValue(psiCritical(alpha, 10, 5000, 300), 10, 5000, 300) / alpha).toBeCloseTo(1, 12);
    }
  });

  it.each([
    ['one bin: nothing can differ', 0, 1, 100, 100, 1],
    ['no current rows: no evidence', NaN, 5, 100, 0, 1],
    ['no difference', 0, 5, 100, 100, 1],
  ])('%s', (_, value, bins, n, m, expected) => {
    expect(psiPValue(value, bins, n, m)).toBe(expected);
  });

  it.each([
    [0.1, 0.05, 10, 30_000],
    [0.1, 0.05, 10, 171],
    [0.25, 0.001, 20, 1000],
    [0.02, 0.05, 2, 1e9],
    [5, 0.5, 2, 1000],
  ])(
    'needs as many rows as make %p significant at %p with %p bins and %p reference rows',
    (threshold, alpha, bins, n) => {
      const rows = psiMinimumCurrent(threshold, alpha, bins, n);
      expect(psiCritical(alpha, bins, n, rows)).toBeLessThanOrEqual(threshold);
      if (rows > 1) expect(psiCritical(alpha, bins, n, rows - 1)).toBeGreaterThan(threshold);
    },
  );

  it('never has enough when the reference alone is too small', () => {
    expect(psiMinimumCurrent(0.1, 0.05, 10, 169)).toBe(Infinity);
    expect(psiMinimumCurrent(0.1, 0.05, 10, 0)).toBe(Infinity);
  });
});
