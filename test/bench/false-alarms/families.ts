import type { SeededRandom } from '../../conservation/seeded-random.js';

// A look at a global in each step costs more than the step where modules run in a context of their own, as under Jest.
const { exp, floor, log, round, sqrt } = Math;

/** A distribution that a feature is drawn from: numbers, or names of categories. */
export interface Family {
  readonly name: string;
  readonly draw: (random: SeededRandom) => number | string;
}

function numbers(name: string, draw: (random: SeededRandom) => number): Family {
  return { name, draw };
}

const normal = (random: SeededRandom): number => random.normal(0, 1);
const exponential = (random: SeededRandom): number => -log(1 - random.next());

/** A gamma variable by Marsaglia and Tsang, for shapes of at least 1. */
function gamma(random: SeededRandom, shape: number): number {
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / sqrt(9 * d)) ** 3;
    if (v > 0 && log(1 - random.next()) < (x * x) / 2 + d - d * v + d * log(v)) return d * v;
  }
}

function studentT(random: SeededRandom, degrees: number): number {
  return normal(random) / sqrt((2 * gamma(random, degrees / 2)) / degrees);
}

function poisson(random: SeededRandom, mean: number): number {
  let count = 0;
  for (let product = random.next(); product > exp(-mean); product *= random.next()) count += 1;
  return count;
}

function geometric(random: SeededRandom, success: number): number {
  return 1 + floor(log(1 - random.next()) / log(1 - success));
}

function categorical(name: string, weights: readonly number[]): Family {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    name,
    draw: (random) => {
      let rest = random.next() * total;
      const index = weights.findIndex((weight) => (rest -= weight) < 0);
      return `c${index < 0 ? weights.length - 1 : index}`;
    },
  };
}

const zipf = (classes: number, power: number): number[] => Array.from({ length: classes }, (_, i) => (i + 1) ** -power);

/** The families of the table in the specification of the statistics. */
export const listedFamilies: readonly Family[] = [
  numbers('normal', normal),
  numbers('t, 2.5 degrees of freedom', (random) => studentT(random, 2.5)),
  numbers('lognormal', (random) => exp(normal(random))),
  numbers('Cauchy', (random) => Math.tan(Math.PI * (random.next() - 0.5))),
  numbers('Poisson', (random) => poisson(random, 3)),
  numbers('integers, 5 values', (random) => random.integer(0, 5)),
  numbers('zero-inflated', (random) => (random.chance(0.6) ? 0 : exponential(random))),
];

/** Families that nothing was tuned to. */
export const otherFamilies: readonly Family[] = [
  numbers('two peaks', (random) => (random.chance(0.3) ? random.normal(-4, 0.5) : random.normal(2, 1))),
  numbers('exponential', exponential),
  numbers('geometric', (random) => geometric(random, 0.2)),
  numbers('geometric, steep', (random) => geometric(random, 0.7)),
  numbers('Student t, 2.2', (random) => studentT(random, 2.2)),
  numbers('Student t, 5', (random) => studentT(random, 5)),
  numbers('0 or 1', (random) => (random.chance(0.3) ? 1 : 0)),
  numbers('three values, one rare', (random) => (random.chance(0.01) ? 2 : random.chance(0.4) ? 1 : 0)),
  numbers('Pareto', (random) => (1 - random.next()) ** (-1 / 1.2)),
  numbers('uniform, rounded', (random) => round(random.next() * 40) / 10),
  numbers('zero-inflated, 92 %', (random) => (random.chance(0.92) ? 0 : round(10 * exponential(random)))),
  numbers('Poisson, .3', (random) => poisson(random, 0.3)),
  categorical('two classes', [0.9, 0.1]),
  categorical('two classes, one rare', [0.995, 0.005]),
  categorical('five classes', [5, 4, 3, 2, 1]),
  categorical('8 classes, rare ones', [600, 300, 80, 15, 3, 1, 0.5, 0.1]),
  categorical('30 classes, Zipf', zipf(30, 1)),
  categorical('200 classes, Zipf', zipf(200, 1.2)),
  categorical('3 000 classes, Zipf', zipf(3_000, 1.1)),
  categorical('500 classes alike', zipf(500, 0)),
];

/** A family seen through a factor that all features share: their values rise and fall together. */
export function correlated(random: SeededRandom, share: number, count: number): number[] {
  const common = normal(random);
  return Array.from({ length: count }, () => sqrt(share) * common + sqrt(1 - share) * normal(random));
}
