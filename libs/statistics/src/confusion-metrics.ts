/** One cell of a confusion matrix: n rows predicted as `predicted` whose label turned out to be `label`. */
export interface ConfusionCell {
  predicted: string;
  label: string;
  n: number;
}

/**
 * Returns accuracy, precision, recall and F1 of a confusion matrix given as cells (repeated cells add up).
 *
 * With `positiveClass`: precision, recall and F1 of that class against the rest. Without: the unweighted mean over all
 * classes predicted or labelled (macro). A ratio with a zero denominator is 0, as with `zero_division=0` of
 * scikit-learn. All are NaN when the cells hold no rows. O(cells).
 */
export function confusionMetrics(
  cells: readonly ConfusionCell[],
  positiveClass?: string,
): { accuracy: number; precision: number; recall: number; f1: number } {
  const tallies = new Map<string, { hits: number; predicted: number; labelled: number }>();
  const tally = (name: string) => {
    const known = tallies.get(name) ?? { hits: 0, predicted: 0, labelled: 0 };
    tallies.set(name, known);
    return known;
  };
  let rows = 0;
  let correct = 0;
  for (const { predicted, label, n } of cells) {
    // A class nobody saw is no class: it would pull the macro means towards 0.
    if (n === 0) continue;
    rows += n;
    tally(predicted).predicted += n;
    tally(label).labelled += n;
    if (predicted === label) {
      correct += n;
      tally(label).hits += n;
    }
  }
  if (rows === 0) return { accuracy: NaN, precision: NaN, recall: NaN, f1: NaN };
  const classes = positiveClass === undefined ? [...tallies.values()] : [tally(positiveClass)];
  const mean = (of: (counts: { hits: number; predicted: number; labelled: number }) => number) =>
    classes.reduce((sum, counts) => sum + of(counts), 0) / classes.length;
  return {
    accuracy: correct / rows,
    precision: mean(({ hits, predicted }) => ratio(hits, predicted)),
    recall: mean(({ hits, labelled }) => ratio(hits, labelled)),
    f1: mean(({ hits, predicted, labelled }) => ratio(2 * hits, predicted + labelled)),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
