import { hellingerDistance } from './hellinger-distance.js';
import { infinityDistance } from './infinity-distance.js';
import { jensenShannonDistance } from './jensen-shannon-distance.js';
import { kullbackLeibler } from './kullback-leibler.js';
import { totalVariation } from './total-variation.js';

const jensenShannonE = (p: number[], q: number[]) => jensenShannonDistance(p, q, Math.E);
const distances = {
  jensenShannonDistance: (p: number[], q: number[]) => jensenShannonDistance(p, q),
  jensenShannonE,
  hellingerDistance,
  totalVariation,
  infinityDistance,
  kullbackLeibler,
};

describe('distances of counted samples', () => {
  const p = [0.32, 0.16, 0.28, 0.04, 0.2];
  const q = [0.25, 0.0625, 0.4375, 0.1875, 0.0625];
  // Published as shares rounded to eight digits, which do not sum to 1: the counts behind them, and seven digits.
  const p2 = [134, 23, 12, 57, 4];
  const q2 = [198, 15, 1, 32, 48];
  it.each([
    ['kullbackLeibler', p, q, 0.2752701838700412],
    ['jensenShannonE', p, q, 0.2584730043524462],
    ['jensenShannonDistance', p, q, 0.31045771759408075],
    ['hellingerDistance', p, q, 0.262204783083657],
    ['totalVariation', p, q, 0.305],
    ['infinityDistance', p, q, 0.1575],
    ['kullbackLeibler', p2, q2, 0.29028390374880353],
    ['jensenShannonE', p2, q2, 0.25777927185202415],
    ['jensenShannonE', [0.4, 0.4, 0.2], [0.5, 0, 0.5], 0.4178757172728631],
    ['jensenShannonDistance', [0, 1], [1, 0], 1],
    ['hellingerDistance', [0, 1], [1, 0], 1],
    ['totalVariation', [0, 1], [1, 0], 1],
    ['infinityDistance', [0, 1], [1, 0], 1],
    ['kullbackLeibler', [1, 0], [1, 1], Math.LN2],
    ['kullbackLeibler', [1, 1], [1, 0], Infinity],
    ['kullbackLeibler', [1, 1, 1], [1, 0, 0], Infinity],
  ] as const)('%s of %j and %j is %p', (name, reference, current, expected) => {
    const actual = distances[name]([...reference], [...current]);
    if (Number.isFinite(expected)) expect(Math.abs(actual / expected - 1)).toBeLessThan(reference === p2 ? 1e-6 : 1e-9);
    else expect(actual).toBe(expected);
  });

  it.each(Object.entries(distances))('%s is NaN of an empty sample and refuses unaligned counts', (_, distance) => {
    expect(distance([0, 0], [1, 2])).toBeNaN();
    expect(distance([1, 2], [0, 0])).toBeNaN();
    expect(distance([], [])).toBeNaN();
    expect(() => distance([1, 2, 3], [1, 2])).toThrow(RangeError);
  });
});
