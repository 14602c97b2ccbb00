import { murmur3 } from '../cells/murmur3.js';

// A look at a global in each step costs more than the step where modules run in a context of their own.
const { imul, log, sqrt } = Math;

/**
 * A source of chance that a text seeds: the same numbers for the same text on any machine, so that a window evaluated twice gives the
 * same measurements. Source of the generator: Blackman & Vigna, xoshiro128** (public domain description). Not for secrets.
 */
export class SeededRandom {
  private readonly state: Uint32Array;
  private spareNormal = NaN;

  constructor(seed: string) {
    this.state = Uint32Array.from({ length: 4 }, (_, i) => murmur3(`${i}:${seed}`));
    // The state of all zeros would stay so.
    if (this.state.every((part) => part === 0)) this.state[0] = 1;
  }

  /** A number in (0, 1), never one of its ends. */
  next(): number {
    const s = this.state;
    const scrambled = imul(s[1]!, 5);
    const result = imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return (result + 0.5) / 2 ** 32;
  }

  /** A number of the standard normal distribution. Source: Marsaglia's polar method. */
  normal(): number {
    if (!Number.isNaN(this.spareNormal)) {
      const spare = this.spareNormal;
      this.spareNormal = NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = sqrt((-2 * log(square)) / square);
      this.spareNormal = y * factor;
      return x * factor;
    }
  }

  /** A number of the gamma distribution with this shape (≥ 0) and scale 1. Source: Marsaglia & Tsang (2000). */
  gamma(shape: number): number {
    if (shape <= 0) return 0;
    if (shape < 1) return this.gamma(shape + 1) * this.next() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      const u = this.next();
      if (u < 1 - 0.0331 * x ** 4 || log(u) < x * x * 0.5 + d * (1 - v + log(v))) return d * v;
    }
  }
}
