import { psiRange } from './psi-range.js';

const psi = (p: number, q: number) => (p - q) * Math.log(p / q);
const certain = (share: number) => ({ least: share, most: share });

describe('psiRange', () => {
  it('is one number where the shares are known', () => {
    const { least, most } = psiRange([certain(0.2), certain(0.8)], [certain(0.4), certain(0.6)]);
    expect(least).toBeCloseTo(psi(0.2, 0.4) + psi(0.8, 0.6), 15);
    expect(most).toBe(least);
  });

  it('holds every value that the ranges allow', () => {
    const reference = [{ least: 0.1, most: 0.3 }];
    const current = [{ least: 0.25, most: 0.6 }];
    const { least, most } = psiRange(reference, current);
    expect(least).toBe(0);
    expect(most).toBeCloseTo(psi(0.1, 0.6), 15);
    expect(psiRange([certain(0.1)], current).least).toBeCloseTo(psi(0.1, 0.25), 15);
    expect(psiRange([certain(0.9)], current).least).toBeCloseTo(psi(0.9, 0.6), 15);
  });
});
