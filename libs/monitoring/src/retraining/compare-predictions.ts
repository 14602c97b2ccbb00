import type { RetrainingComparison } from '@plumbline/contracts';
import { inWords, percent } from '../detectors/numbers-in-words.js';
import type { PerformanceData } from '../windows/window-data.js';

/** Sums over all cells of one series of a version, whatever bins they were counted in. */
export interface Moments {
  readonly n: number;
  readonly sum: number;
  readonly sumSquares: number;
}

/** What is known of the answers of a version. */
export interface Answers {
  /** Of `$score`, or of `$prediction` where it is a number; n = 0 where neither is. */
  readonly scores: Moments;
  readonly values: Moments;
  readonly performance: PerformanceData;
}

/** Fewer say nothing of a distribution. */
const LEAST_ROWS = 30;

/**
 * Returns how what two versions answer differs: the difference of mean scores (or values) in standard deviations, where answers have
 * scores (or are numbers), else the total variation of the classes among labelled predictions. It is told and decides nothing: a
 * better model answers differently.
 */
export function comparePredictions(old: Answers, current: Answers): RetrainingComparison['predictions'] {
  for (const [what, a, b] of [
    ['score', old.scores, current.scores],
    ['value', old.values, current.values],
  ] as const) {
    if (a.n < LEAST_ROWS || b.n < LEAST_ROWS) continue;
    const spread = Math.sqrt((varianceOf(a) + varianceOf(b)) / 2);
    const difference = b.sum / b.n - a.sum / a.n;
    const distance = spread > 0 ? difference / spread : 0;
    const sentence = `The mean ${what} is ${inWords(b.sum / b.n)}, it was ${inWords(a.sum / a.n)}: ${inWords(Math.abs(distance))} standard deviations ${distance < 0 ? 'lower' : 'higher'}.`;
    return { what, distance, sentence };
  }
  const before = classShares(old.performance);
  const after = classShares(current.performance);
  if (before.n < LEAST_ROWS || after.n < LEAST_ROWS) return null;
  const classes = new Set([...before.shares.keys(), ...after.shares.keys()]);
  let distance = 0;
  for (const each of classes) distance += Math.abs((after.shares.get(each) ?? 0) - (before.shares.get(each) ?? 0)) / 2;
  const sentence = `${percent(distance)} of the predictions would have to be of another class for the shares to be the same.`;
  return { what: 'class', distance, sentence };
}

function varianceOf({ n, sum, sumSquares }: Moments): number {
  return Math.max(0, sumSquares / n - (sum / n) ** 2);
}

function classShares({ confusion }: PerformanceData): { n: number; shares: Map<string, number> } {
  const n = confusion.reduce((sum, cell) => sum + cell.n, 0);
  const shares = new Map<string, number>();
  for (const { predicted, n: rows } of confusion) shares.set(predicted, (shares.get(predicted) ?? 0) + rows / n);
  return { n, shares };
}
