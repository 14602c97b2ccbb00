import { readFileSync } from 'node:fs';
import { normalSurvival } from './normal.js';
import { regularizedBeta } from './regularized-beta.js';
import { regularizedGammaP, regularizedGammaQ } from './regularized-gamma.js';
import { studentSurvival } from './student-t.js';

/** Gamma functions by mpmath to 38 digits (scipy loses up to seven of them around a = 1e6), the others by scipy. */
const { special } = JSON.parse(readFileSync(new URL('../../../test/golden/methods.json', import.meta.url), 'utf8')) as {
  special: {
    gammaQ: [a: number, x: number, q: number, p: number][];
    student: [t: number, df: number, tail: number][];
    beta: [a: number, b: number, x: number, value: number][];
    normal: [x: number, tail: number][];
  };
};

function expectClose(actual: number, expected: number, what: string): void {
  // Below the smallest normal number a double has no twelve digits.
  if (Math.abs(actual - expected) <= Math.max(1e-12 * Math.abs(expected), 1e-305)) return;
  throw new Error(`${what}: ${actual} is not ${expected}`);
}

describe('special functions, to 1e-12 relative, tails included', () => {
  it('incomplete gamma functions, a from 0.1 to 3e5', () => {
    expect(special.gammaQ.length).toBeGreaterThan(30);
    for (const [a, x, q, p] of special.gammaQ) {
      expectClose(regularizedGammaQ(a, x), q, `Q(${a}, ${x})`);
      expectClose(regularizedGammaP(a, x), p, `P(${a}, ${x})`);
    }
  });

  it('Student’s t, 0.5 to 10 000 degrees of freedom', () => {
    for (const [t, df, tail] of special.student) {
      expectClose(studentSurvival(t, df), tail, `t ${t}, ${df}`);
      expect(studentSurvival(-t, df)).toBeCloseTo(1 - tail, 12);
    }
  });

  it('incomplete beta function', () => {
    for (const [a, b, x, value] of special.beta)
      expectClose(regularizedBeta(a, b, x, 1 - x), value, `I(${a}, ${b}, ${x})`);
  });

  it('normal tail', () => {
    for (const [x, tail] of special.normal) expectClose(normalSurvival(x), tail, `normal ${x}`);
  });

  it('at the ends of their domains', () => {
    expect(studentSurvival(0, 3)).toBe(0.5);
    expect(studentSurvival(Infinity, 3)).toBe(0);
    expect(studentSurvival(-Infinity, 3)).toBe(1);
    expect(studentSurvival(1.96, Infinity)).toBe(normalSurvival(1.96));
    expect(studentSurvival(NaN, 3)).toBeNaN();
    expect(regularizedBeta(2, 3, 0, 1)).toBe(0);
    expect(regularizedBeta(2, 3, 1, 0)).toBe(1);
    expect(regularizedBeta(2, NaN, 0.5, 0.5)).toBeNaN();
  });
});
