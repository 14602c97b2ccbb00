import type { PerformanceMetric } from '@plumbline/contracts';
import { numericColumn, readCarLoan } from '../support/read-car-loan.js';
import { describeWithShared, readOracle } from '../support/shared-data.js';
import { expectClose } from './expect-close.js';
import { type LabelledRow, PerformanceOfRows } from './performance-of-rows.js';

// @embedded-only: the numbers come from one dialect of SQL, which other specs run over HTTP.

type Chunk = Readonly<Record<string, number>>;

/** What the oracle calls each metric. */
const METRICS: readonly (readonly [PerformanceMetric, string])[] = [
  ['roc_auc', 'roc_auc'],
  ['pr_auc', 'average_precision'],
  ['f1', 'f1'],
  ['precision', 'precision'],
  ['recall', 'recall'],
  ['accuracy', 'accuracy'],
  ['balanced_accuracy', 'balanced_accuracy'],
  ['mcc', 'mcc'],
  ['log_loss', 'log_loss'],
  ['brier', 'brier'],
];

describeWithShared([
  'data/car_loan/monitoring_synthetic_car_loan.parquet',
  'oracles/sklearn_car_loan_performance.json',
  'oracles/nannyml_car_loan_realized.json',
])('performance of car_loan from cells', () => {
  let performance: PerformanceOfRows;
  let rows: readonly LabelledRow[];

  beforeAll(async () => {
    performance = await PerformanceOfRows.open();
    const columns = await readCarLoan('monitoring');
    const [predicted, scores, labels] = ['y_pred', 'y_pred_proba', 'repaid'].map((name) =>
      numericColumn(columns, name),
    );
    rows = Array.from(scores!, (score, i) => ({
      label: String(predicted![i]),
      score,
      truth: String(labels![i]),
    }));
  }, 120_000);
  afterAll(() => performance.close());

  it('is that of scikit-learn and NannyML, chunk by chunk', async () => {
    const { chunks_performance: chunks } = readOracle<{ chunks_performance: Chunk[] }>('sklearn_car_loan_performance');
    const { results } = readOracle<{ results: Record<string, { value: number[] }> }>('nannyml_car_loan_realized');
    expect(chunks).toHaveLength(10);
    for (const [i, chunk] of chunks.entries()) {
      const ofChunk = rows.slice(chunk['start'], chunk['end']! + 1);
      const found = await performance.estimatesOf(ofChunk, 'binary', '1');
      for (const [metric, name] of METRICS)
        expectClose(found.get(metric)!.value, chunk[name]!, `${metric}, chunk ${i}`);
      // Chunks 0 to 9 there are the reference.
      expectClose(found.get('specificity')!.value, results['specificity']!.value[i + 10]!, `specificity, chunk ${i}`);
    }
  }, 120_000);
});
