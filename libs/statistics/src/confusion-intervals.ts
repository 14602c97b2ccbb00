import {
  type ClassTally,
  classTallies,
  type ConfusionCell,
  confusionMetrics,
  type ConfusionMetrics,
} from './confusion-metrics.js';
import { combineEstimates, type Estimate } from './estimate.js';
import { normalQuantile } from './normal.js';
import { wilsonInterval } from './wilson-interval.js';

/** Precision, recall and F1 with their intervals. */
export interface ClassEstimates {
  readonly precision: Estimate;
  readonly recall: Estimate;
  readonly f1: Estimate;
}

export interface ConfusionEstimates extends ClassEstimates {
  readonly accuracy: Estimate;
  readonly balancedAccuracy: Estimate;
  readonly specificity: Estimate;
  readonly mcc: Estimate;
  readonly macro: ClassEstimates;
  readonly micro: ClassEstimates;
  readonly weighted: ClassEstimates;
}

/**
 * Returns the metrics of `confusionMetrics` with confidence intervals; undefined when the cells hold no rows.
 *
 * Accuracy, and recall, precision and specificity of one class: Wilson. F1 of one class: it is 2J/(1+J) of the share J of right
 * rows among those that are of the class by either side, so Wilson of J, turned. Averages of precision and recall over classes:
 * `combineEstimates`. MCC and averages of F1: the delta method. `confidence` in (0, 1). O(cells²); with more than 400 different
 * cells O(cells), and MCC and averages of F1 have no interval but all they can be.
 */
export function confusionEstimates(
  cells: readonly ConfusionCell[],
  positiveClass: string | undefined,
  confidence: number,
): ConfusionEstimates | undefined {
  const all = classTallies(cells);
  const rows = all.reduce((sum, { labelled }) => sum + labelled, 0);
  if (rows === 0) return undefined;
  const values = confusionMetrics(cells, positiveClass);
  const rate = (part: number, whole: number): Estimate => ({
    value: whole === 0 ? 0 : part / whole,
    ...wilsonInterval(part, whole, confidence),
  });
  const ofClass = ({ hits, predicted, labelled }: ClassTally): ClassEstimates => {
    const either = predicted + labelled - hits;
    const share = wilsonInterval(hits, either, confidence);
    return {
      precision: rate(hits, predicted),
      recall: rate(hits, labelled),
      f1: {
        value: either === 0 ? 0 : (2 * hits) / (predicted + labelled),
        lower: turn(share.lower),
        upper: turn(share.upper),
      },
    };
  };
  const specificityOf = ({ hits, predicted, labelled }: ClassTally): Estimate =>
    rate(rows - labelled - (predicted - hits), rows - labelled);
  const average = (weight: (tally: ClassTally) => number): ClassEstimates => {
    const parts = all.map((tally) => ({ weight: weight(tally), estimates: ofClass(tally) }));
    const combined = (name: keyof ClassEstimates): Estimate =>
      combineEstimates(parts.map(({ weight: w, estimates }) => ({ weight: w, estimate: estimates[name] })));
    return { precision: combined('precision'), recall: combined('recall'), f1: combined('f1') };
  };
  const accuracy = rate(
    all.reduce((sum, { hits }) => sum + hits, 0),
    rows,
  );
  const labelled = all.filter((tally) => tally.labelled > 0);
  const errors = deviations(cells, rows);
  const macro = {
    ...average(() => 1 / all.length),
    f1: around(values.macro.f1, errors?.macro, 0, rows, confidence),
  };
  const positive =
    positiveClass === undefined
      ? undefined
      : (all.find(({ name }) => name === positiveClass) ?? { name: positiveClass, hits: 0, predicted: 0, labelled: 0 });
  const weighted = average((tally) => tally.labelled / rows);
  return {
    accuracy,
    balancedAccuracy: combineEstimates(
      labelled.map((tally) => ({ weight: 1 / labelled.length, estimate: ofClass(tally).recall })),
    ),
    ...(positive === undefined ? macro : ofClass(positive)),
    specificity:
      positive === undefined
        ? combineEstimates(all.map((tally) => ({ weight: 1 / all.length, estimate: specificityOf(tally) })))
        : specificityOf(positive),
    mcc: around(values.mcc, errors?.mcc, -1, rows, confidence),
    macro,
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    // The weighted recall is the accuracy.
    weighted: {
      ...weighted,
      recall: accuracy,
      f1: around(values.weighted.f1, errors?.weighted, 0, rows, confidence),
    },
  };
}

/** F1 of the share of right rows among those of the class by either side. */
function turn(share: number): number {
  return (2 * share) / (1 + share);
}

/** Metrics whose parts err together, so that intervals of the parts cannot be combined. */
interface Entangled {
  readonly mcc: number;
  readonly macro: number;
  readonly weighted: number;
}
const entangled = ({ mcc, macro, weighted }: ConfusionMetrics): Entangled => ({
  mcc,
  macro: macro.f1,
  weighted: weighted.f1,
});

/** Step of a share when the derivative by it is taken. */
const STEP = 1e-5;
/** More different cells than these take too long: each is moved by itself. */
const MAX_CELLS = 400;

/**
 * Standard errors by the delta method: the shares of the cells are those of a multinomial, and each metric moves with them by its
 * slope, taken numerically. Undefined with too many different cells.
 */
function deviations(cells: readonly ConfusionCell[], rows: number): Entangled | undefined {
  const merged = new Map<string, ConfusionCell>();
  for (const cell of cells) {
    if (cell.n === 0) continue;
    const key = JSON.stringify([cell.predicted, cell.label]);
    merged.set(key, { ...cell, n: cell.n + (merged.get(key)?.n ?? 0) });
  }
  if (merged.size > MAX_CELLS) return undefined;
  const distinct = [...merged.values()];
  const values = entangled(confusionMetrics(distinct));
  const sums = { mcc: [0, 0], macro: [0, 0], weighted: [0, 0] } satisfies Record<keyof Entangled, [number, number]>;
  const names = ['mcc', 'macro', 'weighted'] as const;
  for (const cell of distinct) {
    const moved = entangled(confusionMetrics([...distinct, { ...cell, n: STEP * rows }]));
    for (const name of names) {
      const slope = (moved[name] - values[name]) / STEP;
      sums[name][0] += (cell.n / rows) * slope;
      sums[name][1] += (cell.n / rows) * slope * slope;
    }
  }
  const deviation = ([mean, square]: readonly number[]): number => Math.sqrt(Math.max(0, square! - mean! ** 2) / rows);
  return { mcc: deviation(sums.mcc), macro: deviation(sums.macro), weighted: deviation(sums.weighted) };
}

/**
 * Estimate ± z standard errors, cut to what the metric can be. All right, or all wrong, leaves no error: then the interval that the
 * rate of right rows would have.
 */
function around(
  value: number,
  deviation: number | undefined,
  least: number,
  rows: number,
  confidence: number,
): Estimate {
  if (deviation === undefined) return { value, lower: least, upper: 1 };
  if (deviation < 1e-9) {
    const { lower } = wilsonInterval(rows, rows, confidence);
    const reach = (1 - lower) * (1 - least);
    return { value, lower: Math.max(least, value - reach), upper: Math.min(1, value + reach) };
  }
  const halfWidth = -normalQuantile((1 - confidence) / 2) * deviation;
  return { value, lower: Math.max(least, value - halfWidth), upper: Math.min(1, value + halfWidth) };
}
