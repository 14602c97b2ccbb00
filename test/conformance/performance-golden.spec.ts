import { readFile } from 'node:fs/promises';
import { type Estimates, generator, type LabelledRow, PerformanceOfRows } from './performance-of-rows.js';

// @embedded-only: the numbers come from one dialect of SQL, which other specs run over HTTP.

/** NaN and infinities are strings in the file: `Number` reads both. */
type Value = number | string;
interface Case {
  readonly name: string;
  readonly expected: Readonly<Record<string, Value>>;
}
interface Golden {
  readonly binary: readonly (Case & { scores: Value[]; truth: number[]; predicted: number[] })[];
  readonly multiclass: readonly (Case & {
    classes: string[];
    scores: Value[][];
    truth: string[];
    predicted: string[];
  })[];
  readonly regression: readonly (Case & { truth: Value[]; values: Value[] })[];
  readonly large: readonly { rows: number; shape: string; seed: number; expected: Case['expected'] }[];
}

const golden = JSON.parse(await readFile(new URL('../golden/performance.json', import.meta.url), 'utf8')) as Golden;

const SHAPES: Readonly<Record<string, (u: number) => number>> = {
  uniform: (u) => u,
  'near 0': (u) => u ** 8,
  'near 1': (u) => 1 - u ** 8,
  narrow: (u) => 0.3 + u / 1024,
};

describe('performance from cells equals scikit-learn', () => {
  let performance: PerformanceOfRows;

  beforeAll(async () => {
    performance = await PerformanceOfRows.open();
  }, 120_000);
  afterAll(() => performance.close());

  /** Relative 1e-9, quantiles of errors 1 %; ranks are exact, or within 1e-4 where scores are joined to bins. Metrics that are not expected must not be given. */
  const expectEqual = (found: Estimates, expected: Case['expected'], rankTolerance = 1e-12): void => {
    expect([...found.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [metric, text] of Object.entries(expected)) {
      const wanted = Number(text);
      const { value, lower, upper, errorBound } = found.get(metric as never)!;
      const isRank = ['roc_auc', 'roc_auc_weighted', 'pr_auc'].includes(metric);
      const relative = metric.startsWith('absolute_error') ? 0.01 : 1e-9;
      if (Math.abs(value - wanted) > Math.max(relative * Math.abs(wanted), isRank ? rankTolerance : 1e-13))
        throw new Error(`${metric}: ${value} is not ${wanted}`);
      if (Math.abs(value - wanted) > errorBound + 1e-9 * Math.abs(wanted) + 1e-13)
        throw new Error(`${metric}: ${value} is further from ${wanted} than its bound ${errorBound}`);
      if (!(metric === 'r2' && Number.isNaN(lower)) && !(lower <= value + 1e-12 && upper >= value - 1e-12))
        throw new Error(`${metric}: ${value} is not within ${lower} to ${upper}`);
    }
  };

  it.each(golden.binary)('binary: $name', async ({ scores, truth, predicted, expected }) => {
    const rows = scores.map((score, i): LabelledRow => ({
      label: String(predicted[i]),
      score: Number(score),
      truth: String(truth[i]),
    }));
    expectEqual(await performance.estimatesOf(rows, 'binary', '1'), expected);
  });

  it('takes the score of the positive class among the scores where a row has no other', async () => {
    const { scores, truth, predicted, expected } = golden.binary[1]!;
    const rows = scores.map((score, i): LabelledRow => ({
      label: String(predicted[i]),
      scores: { '1': Number(score), '0': 1 - Number(score) },
      truth: String(truth[i]),
    }));
    expectEqual(await performance.estimatesOf(rows, 'binary', '1'), expected);
  });

  it.each(golden.multiclass)('multiclass: $name', async ({ classes, scores, truth, predicted, expected }) => {
    const rows = truth.map((name, i): LabelledRow => ({
      label: predicted[i]!,
      scores: Object.fromEntries(classes.map((key, k) => [key, Number(scores[i]![k])])),
      truth: name,
    }));
    expectEqual(await performance.estimatesOf(rows, 'multiclass', undefined), expected);
  });

  it.each(golden.regression)('regression: $name', async ({ truth, values, expected }) => {
    const rows = truth.map((value, i): LabelledRow => ({ value: Number(values[i]), truth: Number(value) }));
    expectEqual(await performance.estimatesOf(rows, 'regression', undefined), expected);
  });

  it.each(golden.large)(
    '$rows rows, scores $shape: ranking within 1e-4 and within its bound',
    async ({ rows: count, shape, seed, expected }) => {
      const random = generator(seed);
      const rows = Array.from({ length: count }, (): LabelledRow => {
        const u = random();
        return { score: SHAPES[shape]!(u), truth: random() < 0.02 + 0.5 * u * u ? '1' : '0' };
      });
      expectEqual(await performance.estimatesOf(rows, 'binary', '1'), expected, 1e-4);
    },
    120_000,
  );
});
