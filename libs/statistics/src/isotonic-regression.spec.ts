import fc from 'fast-check';
import { isotonicRegression, isotonicValue } from './isotonic-regression.js';

describe('isotonic regression', () => {
  it('pools violators, as scikit-learn does', () => {
    // sklearn.isotonic.IsotonicRegression() fitted to ([1..6], [1, 3, 2, 4, 3.5, 5])
    const fit = isotonicRegression([1, 2, 3, 4, 5, 6], [1, 3, 2, 4, 3.5, 5]);
    expect(fit).toEqual({ x: [1, 2, 3, 4, 5, 6], y: [1, 2.5, 2.5, 3.75, 3.75, 5] });
    expect([0, 1.5, 2.4, 3.5, 6, 9].map((x) => isotonicValue(fit, x))).toEqual([1, 1.75, 2.5, 3.125, 5, 5]);
  });

  it('takes rows in any order, the mean of equal x, and weights', () => {
    expect(isotonicRegression([2, 1, 2], [1, 0, 0])).toEqual({ x: [1, 2], y: [0, 0.5] });
    expect(isotonicRegression([1, 2], [1, 0], [3, 1])).toEqual({ x: [1, 2], y: [0.75, 0.75] });
    expect(isotonicRegression([1, 2, NaN], [0, 1, 5], [1, 0, 1])).toEqual({ x: [1], y: [0] });
  });

  it('is level when y falls, and has no value when there is nothing to fit', () => {
    const falling = isotonicRegression([1, 2, 3], [3, 2, 1]);
    expect(falling).toEqual({ x: [1, 3], y: [2, 2] });
    expect(isotonicValue(isotonicRegression([], []), 1)).toBeNaN();
    expect(isotonicValue(falling, NaN)).toBeNaN();
  });

  it('refuses columns that are not aligned, and negative weights', () => {
    expect(() => isotonicRegression([1, 2], [1])).toThrow(RangeError);
    expect(() => isotonicRegression([1], [1], [-1])).toThrow('must not be negative');
  });

  it('never falls, keeps the mean, and is what it is when fitted again', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: -50, max: 50 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
        const x = rows.map(([at]) => at);
        const y = rows.map(([, value]) => value);
        const fit = isotonicRegression(x, y);
        for (let i = 1; i < fit.y.length; i += 1) expect(fit.y[i]!).toBeGreaterThanOrEqual(fit.y[i - 1]!);
        const fitted = x.map((at) => isotonicValue(fit, at));
        const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
        expect(sum(fitted)).toBeCloseTo(sum(y), 9);
        const again = isotonicRegression(x, fitted);
        x.forEach((at) => expect(isotonicValue(again, at)).toBeCloseTo(isotonicValue(fit, at), 9));
      }),
    );
  });
});
