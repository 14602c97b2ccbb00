import {
  chiSquareContingency,
  energyDistance,
  jensenShannonDistance,
  ksPValue,
  ksTwoSample,
  kullbackLeibler,
  wassersteinFromSorted,
} from '@plumbline/statistics';
import { describeWithShared, readOracle } from '../support/shared-data.js';
import { deliberateDifference, deliberateDifferences } from './deliberate-differences.js';
import { expectClose, type OracleNumber } from './expect-close.js';
import { performanceOracles } from './performance-oracles.js';
import type { ScipyCase, ScipySeries } from './scipy-case.js';

/** Ascending, NaN last. Two cases describe their sample instead of listing it. */
function series(input: ScipySeries, omitNaN = false): number[] {
  if ('gen' in input) {
    return input.gen.startsWith('i/n')
      ? Array.from({ length: input.n! }, (_, i) => i / input.n!)
      : Array.from({ length: input.m! }, (_, i) => Math.min((i + 0.5) / input.m! + input.shift!, 1));
  }
  return [...Float64Array.from(input, Number).sort()].filter((value) => !(omitNaN && Number.isNaN(value)));
}

/** Weights in the file are multiples of a tenth: a sample in which each value stands as often has the same distribution. */
function repeated(values: ScipySeries, weights: readonly number[] | undefined): number[] {
  const sorted = series(values);
  return weights === undefined
    ? sorted
    : sorted.flatMap((value, i) => new Array<number>(Math.round(weights[i]! * 10)).fill(value));
}

/** What each function of the file is in Plumbline, and how its cases are held against it. */
const oracles: Readonly<Record<string, (oracle: ScipyCase) => void>> = {
  'scipy.stats.ks_2samp': ({ name, input, params, expected }) => {
    const { statistic, pvalue } = expected as Record<'statistic' | 'pvalue', OracleNumber>;
    const omit = params['nan_policy'] === 'omit';
    const [x, y] = [series(input.x, omit), series(input.y, omit)];
    const distance = ksTwoSample(x, y);
    expectClose(distance, statistic, name, { relative: 1e-12 });
    expectClose(ksPValue(distance, x.length, y.length), pvalue, `p of ${name}`);
  },
  'scipy.stats.wasserstein_distance': ({ name, input, expected }) => {
    const actual = wassersteinFromSorted(repeated(input.x, input.x_weights), repeated(input.y, input.y_weights));
    expectClose(actual, expected, name, { relative: 1e-12 });
  },
  'scipy.stats.energy_distance': ({ name, input, expected }) => {
    expectClose(energyDistance(repeated(input.x, input.x_weights), repeated(input.y, input.y_weights)), expected, name);
  },
  'scipy.spatial.distance.jensenshannon': ({ name, input, params, expected }) => {
    const actual = jensenShannonDistance(input.p, input.q, params['base'] === 2 ? 2 : Math.E);
    // A square root makes 3e-8 of the rounding where two distributions agree.
    expectClose(actual, expected, name, { absolute: 3e-8 });
  },
  'scipy.stats.entropy': ({ name, input, expected }) => {
    const actual = kullbackLeibler(input.p, input.q) + kullbackLeibler(input.q, input.p);
    expectClose(actual, expected, name, { absolute: 1e-15 });
  },
  'scipy.stats.chi2_contingency': ({ name, input, expected }) => {
    const wanted = expected as { statistic: number; pvalue: number; dof: number };
    const actual = chiSquareContingency(input.table[0]!, input.table[1]!, 0);
    expectClose(actual.statistic, wanted.statistic, name);
    expectClose(actual.pValue, wanted.pvalue, `p of ${name}`);
    expectClose(actual.degreesOfFreedom, wanted.dof, `degrees of freedom of ${name}`);
  },
  ...performanceOracles,
};

/** Held against the cells that the engine makes, in score-losses.spec.ts. */
const ofCells = ['sklearn.metrics.log_loss', 'sklearn.metrics.brier_score_loss'];

const describeWithOracles = describeWithShared(['oracles/scipy_cases.json']);

describeWithOracles('298 cases of scipy and scikit-learn', () => {
  let cases: readonly ScipyCase[];
  beforeAll(() => {
    ({ cases } = readOracle<{ cases: readonly ScipyCase[] }>('scipy_cases'));
  });
  const isDifferent = ({ name }: ScipyCase): boolean => deliberateDifference('scipy_cases', name) !== undefined;

  it('are all held against a function of Plumbline', () => {
    expect(cases).toHaveLength(298);
    const unknown = cases.filter(
      (entry) => !ofCells.includes(entry.function) && oracles[entry.function] === undefined && !isDifferent(entry),
    );
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });

  it.each(Object.keys(oracles))('%s', (name) => {
    const ours = cases.filter((entry) => entry.function === name && !isDifferent(entry));
    expect(ours.length).toBeGreaterThan(0);
    for (const entry of ours) {
      if (entry.raises !== undefined) throw new Error(`${entry.name} raises: its answer here must be listed`);
      oracles[name]!(entry);
    }
  });

  it('are equal but for those that are listed, with a reason', () => {
    const listed = deliberateDifferences.filter(
      ({ oracle, cases: names }) => oracle === 'scipy_cases' && names !== undefined,
    );
    for (const { cases: names, reason } of listed) {
      const found = cases.filter(({ name }) => names!.test(name)).map(({ name }) => name);
      expect(found.length).toBeGreaterThan(0);
      console.log(`deliberate difference: ${found.join(', ')}: ${reason}`);
    }
  });
});
