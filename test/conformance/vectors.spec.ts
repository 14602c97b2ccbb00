import {
  hellingerDistance,
  infinityDistance,
  jensenShannonDistance,
  kullbackLeibler,
  psiWithReplacedZeros,
  totalVariation,
} from '@plumbline/statistics';
import { expectClose } from './expect-close.js';

/** Shares are counts of samples of one row here: none of these distances depends on the number of rows. */
const psiOfShares = (p: readonly number[], q: readonly number[]): number =>
  kullbackLeibler(p, q) + kullbackLeibler(q, p);
const js = (base: number) => (p: readonly number[], q: readonly number[]) => jensenShannonDistance(p, q, base);

const FIRST = [
  [0.32, 0.16, 0.28, 0.04, 0.2],
  [0.25, 0.0625, 0.4375, 0.1875, 0.0625],
] as const;
const SECOND = [
  [0.5826087, 0.1, 0.05217391, 0.24782609, 0.0173913],
  [0.67346939, 0.05102041, 0.00340136, 0.10884354, 0.16326531],
] as const;
const THIRD = [
  [0.4, 0.4, 0.2],
  [0.5, 0, 0.5],
] as const;

describe('distances of shares that are known from numpy', () => {
  it.each([
    ['PSI', psiOfShares, FIRST, 0.5670270283866204, 1e-12],
    ['KL', kullbackLeibler, FIRST, 0.2752701838700412, 1e-12],
    ['JS(e)', js(Math.E), FIRST, 0.2584730043524462, 1e-12],
    ['JS(2)', js(2), FIRST, 0.31045771759408075, 1e-12],
    ['Hellinger', hellingerDistance, FIRST, 0.262204783083657, 1e-12],
    ['TV', totalVariation, FIRST, 0.305, 1e-12],
    ['L∞', infinityDistance, FIRST, 0.1575, 1e-12],
    // Their shares are printed to eight digits and do not quite add up to 1.
    ['PSI', psiOfShares, SECOND, 0.6203258001760216, 1e-7],
    ['KL', kullbackLeibler, SECOND, 0.29028390374880353, 1e-7],
    ['JS(e)', js(Math.E), SECOND, 0.25777927185202415, 1e-7],
    ['JS(e)', js(Math.E), THIRD, 0.4178757172728631, 1e-12],
    ['PSI with 1e-4 for 0', psiWithReplacedZeros, THIRD, 3.6139, 1e-4],
    [
      'PSI with 1e-4 for 0',
      psiWithReplacedZeros,
      [
        [0, 1],
        [1, 0],
      ] as const,
      18.4188,
      1e-5,
    ],
  ])('%s', (name, distance, [p, q], expected, relative) => {
    expectClose(distance(p, q), expected, name, { relative });
  });
});
