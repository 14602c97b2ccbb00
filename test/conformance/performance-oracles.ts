import { averagePrecision, confusionMetrics, regressionEstimates, rocAucFromBins } from '@plumbline/statistics';
import { expectClose, type OracleNumber } from './expect-close.js';
import type { ScipyCase } from './scipy-case.js';

/** Rows of the classes per distinct score, ascending by score: bins of one score each, from which ranks are exact. */
function countsPerScore(
  scores: readonly number[],
  isPositive: readonly boolean[],
): [negatives: number[], positives: number[]] {
  const distinct = [...new Set(scores)].sort((a, b) => a - b);
  const place = new Map(distinct.map((score, i) => [score, i]));
  const counts: [number[], number[]] = [distinct.map(() => 0), distinct.map(() => 0)];
  scores.forEach((score, row) => (counts[isPositive[row]! ? 1 : 0][place.get(score)!]! += 1));
  return counts;
}

function binaryCounts({ input }: ScipyCase): [negatives: number[], positives: number[]] {
  return countsPerScore(
    input.y_score as readonly number[],
    input.y_true.map((label) => Number(label) === 1),
  );
}

function metricsOf({ input }: ScipyCase, positive?: string): ReturnType<typeof confusionMetrics> {
  return confusionMetrics(
    input.y_true.map((label, row) => ({ label: String(label), predicted: String(input.y_pred[row]), n: 1 })),
    positive,
  );
}

/** The sums of a regression's cells, of rows that are at hand. */
function regressionOf({ input }: ScipyCase): ReturnType<typeof regressionEstimates> {
  const truth = input.y_true.map(Number);
  const errors = truth.map((value, row) => Number(input.y_pred[row]) - value);
  const sum = (of: (row: number) => number): number => truth.reduce((total, _, row) => total + of(row), 0);
  const truthMean = sum((row) => truth[row]!) / truth.length;
  const distance = (row: number): number => truth[row]! - truthMean;
  const ratio = (row: number): number => Math.abs(errors[row]!) / Math.max(Number.EPSILON, Math.abs(truth[row]!));
  return regressionEstimates(
    {
      valued: truth.length,
      sumError: sum((row) => errors[row]!),
      sumAbsoluteError: sum((row) => Math.abs(errors[row]!)),
      sumSquaredError: sum((row) => errors[row]! ** 2),
      sumQuarticError: sum((row) => errors[row]! ** 4),
      sumPercentageError: sum(ratio),
      sumPercentageErrorSquares: sum((row) => ratio(row) ** 2),
      truthMean,
      truthSquares: sum((row) => distance(row) ** 2),
      truthQuartics: sum((row) => distance(row) ** 4),
      squaredErrorByTruth: sum((row) => errors[row]! ** 2 * distance(row) ** 2),
      errorBins: [],
    },
    0.95,
  );
}

/** Of several classes, each against the rest. */
function oneVersusRest({ input, params }: ScipyCase): number {
  const labels = input.y_true.map(Number);
  const scores = input.y_score as readonly (readonly number[])[];
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const areas = classes.map((of, column) =>
    rocAucFromBins(
      ...countsPerScore(
        scores.map((row) => row[column]!),
        labels.map((label) => label === of),
      ),
    ),
  );
  const weights = classes.map((of) =>
    params['average'] === 'weighted'
      ? labels.filter((label) => label === of).length / labels.length
      : 1 / classes.length,
  );
  return areas.reduce((total, area, i) => total + area * weights[i]!, 0);
}

/** How the cases of scikit-learn are held against Plumbline's metrics, by the name of its function. */
export const performanceOracles: Readonly<Record<string, (oracle: ScipyCase) => void>> = {
  'sklearn.metrics.roc_auc_score': (oracle) => {
    const area =
      oracle.params['multi_class'] === 'ovr' ? oneVersusRest(oracle) : rocAucFromBins(...binaryCounts(oracle));
    expectClose(area, oracle.expected, oracle.name);
  },
  'sklearn.metrics.average_precision_score': (oracle) => {
    expectClose(averagePrecision(...binaryCounts(oracle)).value, oracle.expected, oracle.name);
  },
  'sklearn.metrics.precision_score,recall_score,f1_score': (oracle) => {
    const average = String(oracle.params['average']) as 'binary' | 'macro' | 'micro' | 'weighted';
    const metrics = metricsOf(oracle, average === 'binary' ? String(oracle.params['pos_label']) : undefined);
    const rates = average === 'binary' ? metrics : metrics[average];
    for (const [name, value] of Object.entries<OracleNumber>(oracle.expected)) {
      // The files have more than the three for some cases.
      if (name in rates) expectClose(rates[name as keyof typeof rates], value, `${name} of ${oracle.name}`);
    }
  },
  'sklearn.metrics.matthews_corrcoef': (oracle) => {
    expectClose(metricsOf(oracle).mcc, oracle.expected, oracle.name, { absolute: 1e-15 });
  },
  'sklearn.metrics': (oracle) => {
    const wanted = oracle.expected as Record<'accuracy' | 'balanced_accuracy' | 'mcc', OracleNumber>;
    const metrics = metricsOf(oracle);
    expectClose(metrics.accuracy, wanted.accuracy, `accuracy of ${oracle.name}`);
    expectClose(metrics.balancedAccuracy, wanted.balanced_accuracy, `balanced accuracy of ${oracle.name}`);
    expectClose(metrics.mcc, wanted.mcc, `MCC of ${oracle.name}`, { absolute: 1e-15 });
  },
  'sklearn.metrics.r2_score': (oracle) => {
    expectClose(regressionOf(oracle)!.r2.value, oracle.expected, oracle.name);
  },
  'sklearn.metrics.mean_absolute_percentage_error': (oracle) => {
    expectClose(regressionOf(oracle)!.mape.value, oracle.expected, oracle.name);
  },
};
