/** A pair of samples of the family; categories are numbered. */
export interface RandomCase {
  readonly kind: 'numeric' | 'categorical';
  readonly family: string;
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

export const RANDOM_CASES = 1_000;

const SIZES = [1, 2, 3, 5, 8, 20, 60, 150, 400, 1_000];
/** Beyond these rows the p-value of KS is asymptotic. */
const LARGE_SIZE = 11_000;

/**
 * Returns a pair of samples, of one family and mostly of unequal size: heavy tails, ties, counts, zero-inflated and constant samples, far
 * offsets and outliers; every fourth case is categorical.
 *
 * test/golden/make_conformance_golden.py makes the same numbers, bit for bit: so nothing is used here but integers and the operations that
 * every machine rounds alike (+ − × ÷ and floor), no logarithm and no cosine.
 */
export function randomCase(index: number): RandomCase {
  const random = new Uniform(Math.imul(index + 1, 0x9e3779b1));
  const n = random.size();
  const m = random.size();
  return index % 4 === 3 ? categoricalCase(random, n, m) : numericCase(random, n, m);
}

function numericCase(random: Uniform, n: number, m: number): RandomCase {
  const families = Object.entries(numericFamilies);
  const [family, draw] = families[random.below(families.length)]!;
  const reference = Array.from({ length: n }, () => draw(random));
  // Half of the pairs have one distribution; the others are moved, stretched, or stuck at one value.
  const change = random.below(6);
  const current = Array.from({ length: m }, () => {
    const value = draw(random);
    if (change === 0) return value + 0.5;
    if (change === 1) return value * 2;
    return change === 2 ? 3 : value;
  });
  return { kind: 'numeric', family, reference, current };
}

const numericFamilies: Readonly<Record<string, (random: Uniform) => number>> = {
  normal: (random) => random.bell(),
  uniform: (random) => random.next(),
  cauchy: (random) => {
    const divided = random.bell();
    const by = random.bell();
    return by === 0 ? 0 : divided / by;
  },
  pareto: (random) => 1 / (1 - random.next()),
  'pareto without a mean': (random) => {
    const share = 1 - random.next();
    return 1 / (share * share);
  },
  counts: (random) => random.successes(20, 0.2),
  'five integers': (random) => random.below(5),
  'zero-inflated': (random) => (random.next() < 0.7 ? 0 : 1 / (1 - random.next())),
  constant: () => 7,
  rounded: (random) => Math.floor(random.bell() * 10) / 10,
  'far offset': (random) => 1e9 + random.bell(),
  tiny: (random) => random.bell() * 1e-9,
  'two humps': (random) => (random.next() < 0.3 ? -4 : 4) + random.bell(),
  outliers: (random) => (random.next() < 0.01 ? 1e9 : random.bell()),
};

function categoricalCase(random: Uniform, n: number, m: number): RandomCase {
  const categories = [1, 2, 3, 5, 10, 50, 200][random.below(7)]!;
  // Numbered from 1 in the current sample of some cases: then there is one that the reference does not know.
  const moved = random.below(3) === 0 ? 1 : 0;
  const draw = (): number => {
    const share = random.next();
    return Math.floor(categories * share * share);
  };
  const reference = Array.from({ length: n }, draw);
  const current = Array.from({ length: m }, () => draw() + moved);
  return { kind: 'categorical', family: `${categories} categories`, reference, current };
}

/** mulberry32: 32 bits of state, products modulo 2³². */
class Uniform {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** A multiple of 2⁻³² in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  size(): number {
    const place = this.below(SIZES.length * 4 + 1);
    return place === SIZES.length * 4 ? LARGE_SIZE : SIZES[place % SIZES.length]!;
  }

  /** Nearly normal: twelve uniform numbers less 6. */
  bell(): number {
    let sum = 0;
    for (let i = 0; i < 12; i += 1) sum += this.next();
    return sum - 6;
  }

  successes(trials: number, probability: number): number {
    let count = 0;
    for (let i = 0; i < trials; i += 1) if (this.next() < probability) count += 1;
    return count;
  }
}
