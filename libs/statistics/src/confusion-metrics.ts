/** One cell of a confusion matrix: n rows predicted as `predicted` whose label turned out to be `label`. */
export interface ConfusionCell {
  readonly predicted: string;
  readonly label: string;
  readonly n: number;
}

/** Rows of one class: right ones, those predicted as the class, and those whose label it is. */
export interface ClassTally {
  readonly name: string;
  readonly hits: number;
  readonly predicted: number;
  readonly labelled: number;
}

/** Precision, recall and F1 of one class, or averaged over classes. */
export interface ClassRates {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface ConfusionMetrics extends ClassRates {
  readonly accuracy: number;
  /** Mean recall of the classes that have labels. */
  readonly balancedAccuracy: number;
  /** Share of the rows of other classes that were not predicted as the class. */
  readonly specificity: number;
  /** Matthews correlation coefficient; R_K of Gorodkin (2004) for several classes. */
  readonly mcc: number;
  readonly macro: ClassRates;
  readonly micro: ClassRates;
  /** Classes weigh as many rows as have them for a label. */
  readonly weighted: ClassRates;
}

/** Returns the classes predicted or labelled, in the order of their first row; cells with n = 0 make no class. O(cells). */
export function classTallies(cells: readonly ConfusionCell[]): ClassTally[] {
  const tallies = new Map<string, { name: string; hits: number; predicted: number; labelled: number }>();
  const tally = (name: string) => {
    const known = tallies.get(name) ?? { name, hits: 0, predicted: 0, labelled: 0 };
    tallies.set(name, known);
    return known;
  };
  for (const { predicted, label, n } of cells) {
    // A class nobody saw is no class: it would pull the macro means towards 0.
    if (n === 0) continue;
    tally(predicted).predicted += n;
    tally(label).labelled += n;
    if (predicted === label) tally(label).hits += n;
  }
  return [...tallies.values()];
}

/**
 * Returns the metrics of a confusion matrix given as cells (repeated cells add up).
 *
 * With `positiveClass`: precision, recall, F1 and specificity of that class against the rest. Without: the unweighted mean over
 * all classes predicted or labelled (macro). A ratio with a zero denominator is 0, as with `zero_division=0` of
 * scikit-learn. All are NaN when the cells hold no rows. O(cells). Same as `accuracy_score`, `balanced_accuracy_score`,
 * `precision_recall_fscore_support` and `matthews_corrcoef` of `sklearn.metrics`.
 */
export function confusionMetrics(cells: readonly ConfusionCell[], positiveClass?: string): ConfusionMetrics {
  const all = classTallies(cells);
  const rows = all.reduce((sum, { labelled }) => sum + labelled, 0);
  if (rows === 0) return UNDEFINED;
  const correct = all.reduce((sum, { hits }) => sum + hits, 0);
  const one =
    positiveClass === undefined
      ? undefined
      : (all.find(({ name }) => name === positiveClass) ?? { name: positiveClass, hits: 0, predicted: 0, labelled: 0 });
  const mean = (classes: readonly ClassTally[], of: (tally: ClassTally) => number): number =>
    classes.reduce((sum, tally) => sum + of(tally), 0) / classes.length;
  const average = (weight: (tally: ClassTally) => number): ClassRates => {
    const sum = (of: (rates: ClassRates) => number): number =>
      all.reduce((total, tally) => total + weight(tally) * of(classRates(tally)), 0);
    return { precision: sum((r) => r.precision), recall: sum((r) => r.recall), f1: sum((r) => r.f1) };
  };
  const macro = average(() => 1 / all.length);
  const accuracy = correct / rows;
  return {
    accuracy,
    balancedAccuracy: mean(
      all.filter(({ labelled }) => labelled > 0),
      (tally) => classRates(tally).recall,
    ),
    ...(one === undefined ? macro : classRates(one)),
    specificity: mean(one === undefined ? all : [one], (tally) => specificity(tally, rows)),
    mcc: matthews(all, rows, correct),
    macro,
    // Every row is one prediction and one label, so all three are the share of right ones.
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    weighted: average(({ labelled }) => labelled / rows),
  };
}

/** Returns precision, recall and F1 of a class; 0 where a denominator is. */
export function classRates({ hits, predicted, labelled }: ClassTally): ClassRates {
  return {
    precision: ratio(hits, predicted),
    recall: ratio(hits, labelled),
    f1: ratio(2 * hits, predicted + labelled),
  };
}

function specificity({ hits, predicted, labelled }: ClassTally, rows: number): number {
  const others = rows - labelled;
  return ratio(others - (predicted - hits), others);
}

function matthews(all: readonly ClassTally[], rows: number, correct: number): number {
  // Shares, not counts: the fourth power of a count leaves the exact integers soon.
  const sum = (of: (tally: ClassTally) => number): number => all.reduce((total, tally) => total + of(tally), 0);
  const chance = sum(({ predicted, labelled }) => (predicted / rows) * (labelled / rows));
  const predictedSpread = 1 - sum(({ predicted }) => (predicted / rows) ** 2);
  const labelledSpread = 1 - sum(({ labelled }) => (labelled / rows) ** 2);
  // One class alone leaves rounding here, where nothing is spread.
  const isSpread =
    all.filter(({ predicted }) => predicted > 0).length > 1 && all.filter(({ labelled }) => labelled > 0).length > 1;
  return isSpread ? (correct / rows - chance) / Math.sqrt(predictedSpread * labelledSpread) : 0;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

const NO_RATES: ClassRates = { precision: NaN, recall: NaN, f1: NaN };
const UNDEFINED: ConfusionMetrics = {
  ...NO_RATES,
  accuracy: NaN,
  balancedAccuracy: NaN,
  specificity: NaN,
  mcc: NaN,
  macro: NO_RATES,
  micro: NO_RATES,
  weighted: NO_RATES,
};
