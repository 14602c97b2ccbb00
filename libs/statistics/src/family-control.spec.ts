import { benjaminiHochberg } from './benjamini-hochberg.js';
import { bonferroni } from './bonferroni.js';

describe('family control', () => {
  it('adjusts by rank and keeps the order given', () => {
    const adjusted = benjaminiHochberg([0.04, 0.01, 0.03, 0.9]);
    [0.16 / 3, 0.04, 0.16 / 3, 0.9].forEach((value, i) => expect(adjusted[i]).toBeCloseTo(value, 15));
  });

  it('leaves out tests that were not made', () => {
    expect(benjaminiHochberg([0.01, NaN, 0.02])).toEqual([0.02, NaN, 0.02]);
    expect(bonferroni([0.01, NaN, 0.7])).toEqual([0.02, NaN, 1]);
  });

  it.each([benjaminiHochberg, bonferroni])('accepts an empty family and an untested one', (adjust) => {
    expect(adjust([])).toEqual([]);
    expect(adjust([NaN])).toEqual([NaN]);
  });
});
