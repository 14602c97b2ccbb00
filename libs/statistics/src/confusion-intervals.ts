import { type ClassTally, classTallies, type ConfusionCell, confusionMetrics } from './confusion-metrics.js';
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
 * rows among those that are of the class by either side, so Wilson of J, turned. Averages over classes: `combineEstimates`. MCC:
 * the delta method. `confidence` in (0, 1). O(cells); MCC O(cells · classes).
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
  const macro = average(() => 1 / all.length);
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
    mcc: matthewsEstimate(cells, values.mcc, rows, confidence),
    macro,
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    // The weighted recall is the accuracy.
    weighted: { ...weighted, recall: accuracy },
  };
}

/** F1 of the share of right rows among those of the class by either side. */
function turn(share: number): number {
  return (2 * share) / (1 + share);
}

/** Steps of a share when the derivative by it is taken. */
const STEP = 1e-5;
/** More different cells than these take too long for an interval that few look at. */
const MAX_CELLS = 400;

function matthewsEstimate(cells: readonly ConfusionCell[], value: number, rows: number, confidence: number): Estimate {
  const merged = new Map<string, ConfusionCell>();
  for (const cell of cells) {
    if (cell.n === 0) continue;
    const key = JSON.stringify([cell.predicted, cell.label]);
    merged.set(key, { ...cell, n: cell.n + (merged.get(key)?.n ?? 0) });
  }
  if (merged.size > MAX_CELLS) return { value, lower: -1, upper: 1 };
  const distinct = [...merged.values()];
  let mean = 0;
  let square = 0;
  for (const cell of distinct) {
    const more = confusionMetrics([...distinct, { ...cell, n: STEP * rows }]).mcc;
    const slope = (more - value) / STEP;
    mean += (cell.n / rows) * slope;
    square += (cell.n / rows) * slope * slope;
  }
  const z = -normalQuantile((1 - confidence) / 2);
  const halfWidth = z * Math.sqrt(Math.max(0, square - mean * mean) / rows);
  // Nothing wrong so far leaves no slope: then as many wrong rows as are still likely, as Wilson has it.
  if (halfWidth === 0 && Math.abs(value) === 1) {
    const { lower } = wilsonInterval(rows, rows, confidence);
    return value > 0 ? { value, lower: 2 * lower - 1, upper: 1 } : { value, lower: -1, upper: 1 - 2 * lower };
  }
  return { value, lower: Math.max(-1, value - halfWidth), upper: Math.min(1, value + halfWidth) };
}
