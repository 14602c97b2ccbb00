import type { FeatureCell, FeatureValue, ReferenceSeries } from '@plumbline/contracts';
import { cellsOfColumns, compileBinSet, featureSchema, storeColumns } from '@plumbline/monitoring';
import {
  averagePrecision,
  chiSquareContingency,
  confusionMetrics,
  estimatedPerformance,
  hellingerDistance,
  histogramCounts,
  histogramEdges,
  infinityDistance,
  isotonicRegression,
  jensenShannonDistance,
  rocAucFromBins,
} from '@plumbline/statistics';
import { spreadOverChunks } from '../../libs/monitoring/src/detectors/spread-over-chunks.js';
import { referenceOfSample } from '../bench/false-alarms/reference-of-sample.js';
import { numericColumn, readCarLoan, type CarLoanColumns } from '../support/read-car-loan.js';
import { describeWithShared, readOracle } from '../support/shared-data.js';
import { expectClose, type OracleNumber } from './expect-close.js';

interface Series {
  readonly value: readonly OracleNumber[];
  readonly upper_threshold: readonly (number | null)[];
  readonly alert: readonly boolean[];
}

const CONTINUOUS = ['car_value', 'debt_to_income_ratio', 'loan_length', 'driver_tenure', 'y_pred_proba'];
const CATEGORICAL = ['salary_range', 'repaid_loan_on_prev_car', 'size_of_downpayment', 'y_pred', 'repaid'];
const CHUNKS = Array.from({ length: 20 }, (_, chunk) => chunk);

/** Both files as one: chunks 0–9 are the reference, 10–19 the monitored rows, 5 000 each. */
async function readChunks(): Promise<CarLoanColumns> {
  const [reference, monitored] = [await readCarLoan('reference'), await readCarLoan('monitoring')];
  return new Map([...reference].map(([column, values]) => [column, [...values, ...monitored.get(column)!]]));
}

function chunkOf<T>(values: { slice(from: number, to: number): T }, chunk: number): T {
  return values.slice(chunk * 5_000, (chunk + 1) * 5_000);
}

function referenceOf<T>(values: { slice(from: number, to: number): T }): T {
  return values.slice(0, 50_000);
}

/** Counts of the categories of the reference, in their order; nothing else occurs in this data. */
function categoryCounts(values: readonly unknown[], categories: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return categories.map((category) => counts.get(category) ?? 0);
}

const describeNannyml = describeWithShared([
  'data/car_loan',
  ...['univariate', 'cbpe', 'realized', 'quality'].map((name) => `oracles/nannyml_car_loan_${name}.json`),
]);

describeNannyml('NannyML on car_loan', () => {
  let columns: CarLoanColumns;
  beforeAll(async () => {
    columns = await readChunks();
  }, 60_000);

  describe('drift of one column', () => {
    let results: Record<string, Record<string, Series>>;
    beforeAll(() => {
      ({ results } = readOracle<{ results: Record<string, Record<string, Series>> }>('nannyml_car_loan_univariate'));
    });

    function expectSeries(series: Series, values: readonly number[], what: string): void {
      values.forEach((value, chunk) =>
        expectClose(value, series.value[chunk]!, `${what}, chunk ${chunk}`, { relative: 1e-9, absolute: 1e-9 }),
      );
    }

    it.each(CONTINUOUS)('%s: Jensen–Shannon and Hellinger over Doane bins, mean + 3σ and alerts', (column) => {
      const values = numericColumn(columns, column);
      const edges = histogramEdges(referenceOf(values).slice().sort(), 'doane');
      const counts = (of: Float64Array): number[] => {
        const { counts, outside } = histogramCounts(of, edges);
        return [...counts, outside];
      };
      const reference = counts(referenceOf(values));
      const current = CHUNKS.map((chunk) => counts(chunkOf(values, chunk)));
      const of = results[column]!;
      const distances = current.map((chunk) => jensenShannonDistance(reference, chunk, 2));
      expectSeries(of['jensen_shannon']!, distances, `JS of ${column}`);
      expectSeries(
        of['hellinger']!,
        current.map((chunk) => hellingerDistance(reference, chunk)),
        `Hellinger of ${column}`,
      );
      expectThreeSigma(of['jensen_shannon']!, distances, `JS of ${column}`);
    });

    it.each(CATEGORICAL)('%s: χ², Jensen–Shannon, L∞, Hellinger, mean + 3σ and alerts', (column) => {
      // 1.0 of one file and 1 of the other are the same class.
      const values = columns.get(column)!.map((value) => (typeof value === 'bigint' ? Number(value) : value));
      const categories = [...new Set(referenceOf(values).map(String))];
      const reference = categoryCounts(referenceOf(values), categories);
      const current = CHUNKS.map((chunk) => categoryCounts(chunkOf(values, chunk), categories));
      const of = results[column]!;
      const tests = current.map((chunk) => chiSquareContingency(reference, chunk));
      // Deliberate: of two categories they take Yates' correction, chi2.contingency never does.
      if (categories.length > 2) {
        expectSeries(
          of['chi2']!,
          tests.map(({ statistic }) => statistic),
          `χ² of ${column}`,
        );
      }
      expect(tests.map(({ pValue }) => pValue < 0.05)).toEqual(of['chi2']!.alert);
      expectSeries(
        of['l_infinity']!,
        current.map((chunk) => infinityDistance(reference, chunk)),
        `L∞ of ${column}`,
      );
      expectSeries(
        of['hellinger']!,
        current.map((chunk) => hellingerDistance(reference, chunk)),
        `Hellinger of ${column}`,
      );
      const distances = current.map((chunk) => jensenShannonDistance(reference, chunk, 2));
      expectSeries(of['jensen_shannon']!, distances, `JS of ${column}`);
      expectThreeSigma(of['jensen_shannon']!, distances, `JS of ${column}`);
    });

    it('alerts as often as the acceptance numbers say', () => {
      const counts = Object.fromEntries(
        Object.entries(results).map(([column, methods]) => [column, alerts(methods['jensen_shannon']!)]),
      );
      expect(counts).toEqual({
        car_value: 6,
        y_pred_proba: 5,
        salary_range: 5,
        repaid_loan_on_prev_car: 5,
        loan_length: 5,
        y_pred: 2,
        repaid: 2,
        debt_to_income_ratio: 1,
        size_of_downpayment: 0,
        driver_tenure: 0,
      });
    });
  });

  it('performance estimated without labels (CBPE)', () => {
    const { results } = readOracle<{ results: Record<string, Series> }>('nannyml_car_loan_cbpe');
    const [scores, predicted] = [numericColumn(columns, 'y_pred_proba'), numericColumn(columns, 'y_pred')];
    const calibration = isotonicRegression(referenceOf(scores), referenceOf(numericColumn(columns, 'repaid')));
    const names = {
      roc_auc: 'rocAuc',
      accuracy: 'accuracy',
      precision: 'precision',
      recall: 'recall',
      specificity: 'specificity',
      f1: 'f1',
      true_positive: 'truePositives',
      true_negative: 'trueNegatives',
      false_positive: 'falsePositives',
      false_negative: 'falseNegatives',
    } as const;
    for (const chunk of CHUNKS) {
      const estimate = estimatedPerformance(calibration, chunkOf(scores, chunk), chunkOf(predicted, chunk));
      for (const [name, ours] of Object.entries(names)) {
        // They round cumulated probabilities to five digits before they take the area.
        const tolerance = name === 'roc_auc' ? { relative: 1e-8 } : { relative: 1e-9 };
        expectClose(estimate[ours], results[name]!.value[chunk]!, `${name}, chunk ${chunk}`, tolerance);
      }
      // Deliberate: rows of one score are one point of the curve, as in scikit-learn; they are in arbitrary order there.
      const { value } = results['average_precision']!;
      expectClose(estimate.averagePrecision, value[chunk]!, `average precision, chunk ${chunk}`, { relative: 1e-3 });
    }
  });

  it('realised performance', () => {
    const { results } = readOracle<{ results: Record<string, Series> }>('nannyml_car_loan_realized');
    for (const chunk of CHUNKS) {
      const [scores, predicted, labels] = ['y_pred_proba', 'y_pred', 'repaid'].map((column) =>
        chunkOf(numericColumn(columns, column), chunk),
      ) as [Float64Array, Float64Array, Float64Array];
      const distinct = [...new Set(scores)].sort((a, b) => a - b);
      const place = new Map(distinct.map((score, i) => [score, i]));
      const byLabel = [0, 1].map((label) => {
        const counts = new Array<number>(distinct.length).fill(0);
        scores.forEach((score, i) => (counts[place.get(score)!]! += labels[i] === label ? 1 : 0));
        return counts;
      });
      expectClose(rocAucFromBins(byLabel[0]!, byLabel[1]!), results['roc_auc']!.value[chunk]!, `AUC, chunk ${chunk}`);
      const { value: precision } = averagePrecision(byLabel[0]!, byLabel[1]!);
      expectClose(precision, results['average_precision']!.value[chunk]!, `average precision, chunk ${chunk}`);
      const cells = [...labels].map((label, i) => ({ label: String(label), predicted: String(predicted[i]), n: 1 }));
      const metrics = confusionMetrics(cells, '1');
      for (const name of ['accuracy', 'precision', 'recall', 'f1', 'specificity'] as const) {
        expectClose(metrics[name], results[name]!.value[chunk]!, `${name}, chunk ${chunk}`);
      }
    }
  });

  it('missing and unseen values, counted by the code that makes cells', () => {
    const oracle =
      readOracle<Record<'missing_injected' | 'unseen_injected', Record<string, Series>>>('nannyml_car_loan_quality');
    const names = ['car_value', 'salary_range', 'size_of_downpayment'];
    const reference = (name: string): ReferenceSeries => {
      const values = referenceOf(columns.get(name)!) as (number | string)[];
      return referenceOfSample(name, typeof values[0] === 'string' ? values : values.map(Number));
    };
    const binSets = new Map(names.map((name) => [name, compileBinSet(reference(name))]));
    const kinds = new Map(names.map((name, i) => [name, i === 0 ? 'numeric' : 'categorical'] as const));
    const schema = featureSchema(kinds, () => '0'.repeat(12));
    for (const chunk of CHUNKS.filter((each) => each >= 10)) {
      const first = (chunk - 10) * 5_000;
      const feature = (name: string, absent: (row: number) => FeatureValue | undefined): FeatureValue[] =>
        chunkOf(columns.get(name)!, chunk).map((value, i) => {
          const injected = absent(first + i);
          return injected === undefined
            ? typeof value === 'bigint'
              ? Number(value)
              : (value as FeatureValue)
            : injected;
        });
      const rows = 5_000;
      const stored = storeColumns(
        {
          ...{ project: 'p', model: 'm', version: '1', rows },
          predictionIds: Array.from({ length: rows }, (_, i) => `${i}`),
          timestampsMs: new Array<number>(rows).fill(0),
          receivedAtMs: new Array<number>(rows).fill(0),
          // As the oracle injects them.
          features: new Map([
            ['car_value', feature('car_value', (row) => (row % 97 === 0 ? null : undefined))],
            [
              'salary_range',
              feature('salary_range', (row) => (row >= 20_000 && row % 50 === 0 ? 'UNSEEN' : undefined)),
            ],
            [
              'size_of_downpayment',
              feature('size_of_downpayment', (row) => (row >= 30_000 && row % 20 === 0 ? null : undefined)),
            ],
          ]),
        },
        schema,
        [],
        undefined,
      );
      const cells = cellsOfColumns(stored, binSets).features;
      const cell = (name: string): FeatureCell => cells.find(({ series }) => series === name)!;
      for (const name of ['car_value', 'size_of_downpayment']) {
        const { missing, n } = cell(name);
        expectClose(missing / (n + missing), oracle.missing_injected[name]!.value[chunk]!, `missing ${name}, ${chunk}`);
      }
      const { binIndexes, binCounts, n } = cell('salary_range');
      // The last bin of a categorical series.
      const unseen = binCounts[binIndexes.indexOf(binSets.get('salary_range')!.bins - 1)] ?? 0;
      expectClose(unseen / n, oracle.unseen_injected['salary_range']!.value[chunk]!, `unseen salary_range, ${chunk}`);
    }
  });
});

/** Three standard deviations over the reference chunks beyond their mean, by the code of the threshold kind. */
function expectThreeSigma(series: Series, distances: readonly number[], what: string): void {
  const { warning: threshold = NaN } = spreadOverChunks(
    { kind: 'standard_deviations', warning: 3 },
    distances.slice(0, 10),
  );
  expectClose(threshold, series.upper_threshold[0]!, `threshold of ${what}`, { relative: 1e-9, absolute: 1e-9 });
  expect(distances.map((distance) => distance > threshold)).toEqual(series.alert);
}

/** Of the monitored chunks. */
function alerts(series: Series): number {
  return series.alert.slice(10).filter(Boolean).length;
}
