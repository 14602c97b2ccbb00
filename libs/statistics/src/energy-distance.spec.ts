import { energyDistance } from './energy-distance.js';

describe('energy distance', () => {
  it.each([
    ['equal samples', [1, 2, 3], [1, 2, 3], 0],
    ['two points one apart', [0], [1], Math.SQRT2],
    ['unequal sizes', [0, 1], [0, 0, 1], Math.sqrt(2) / 6],
    ['an infinity in one of them', [0, 1, 2], [0, 1, Infinity], Infinity],
    ['the same infinity in both', [0, Infinity], [1, Infinity], Math.SQRT1_2],
  ])('of %s', (_, x, y, expected) => {
    if (Number.isFinite(expected)) expect(energyDistance(x, y)).toBeCloseTo(expected, 14);
    else expect(energyDistance(x, y)).toBe(expected);
    expect(energyDistance(y, x)).toBe(energyDistance(x, y));
  });

  it('is not defined for an empty sample or with NaN', () => {
    expect(energyDistance([], [1])).toBeNaN();
    expect(energyDistance([1, NaN], [1])).toBeNaN();
  });
});
