import { psiWithReplacedZeros } from '@plumbline/statistics';
import { readBikeSharing } from '../support/read-bike-sharing.js';
import { numericColumn, readCarLoan } from '../support/read-car-loan.js';
import { readElec } from '../support/read-elec.js';
import { describeWithShared, readOracle } from '../support/shared-data.js';
import { expectClose } from './expect-close.js';
import {
  expectCategoricalWindow,
  expectNumericWindow,
  numericReference,
  type ExactCategoricalWindow,
  type ExactNumericWindow,
} from './exact-windows.js';

describeWithShared(['data/car_loan', 'oracles/exact_car_loan_univariate.json'])('exact values of car_loan', () => {
  const oracle = (): Record<string, readonly (ExactNumericWindow | ExactCategoricalWindow)[]> =>
    readOracle<{ results: Record<string, (ExactNumericWindow | ExactCategoricalWindow)[]> }>(
      'exact_car_loan_univariate',
    ).results;

  it('of ten windows and all columns', async () => {
    const [reference, monitored] = [await readCarLoan('reference'), await readCarLoan('monitoring')];
    const windowsWithEmptyBins: string[] = [];
    for (const [column, windows] of Object.entries(oracle())) {
      if ('chi2' in windows[0]!) {
        windows.forEach((expected, i) => {
          const window = expected as ExactCategoricalWindow;
          // Counted here too. The categories of the file are what Python prints; 1.0 and 1 are one class.
          const key = (value: unknown): string =>
            typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
          const counts = (values: readonly unknown[]): number[] =>
            window.categories.map((category) => values.filter((value) => key(value) === category).length);
          expect(counts(monitored.get(column)!.slice(i * 5_000, (i + 1) * 5_000))).toEqual(window.cur_counts);
          expectCategoricalWindow(window, `${column}, window ${i}`);
        });
        continue;
      }
      const against = numericReference(numericColumn(reference, column));
      const values = numericColumn(monitored, column);
      windows.forEach((expected, i) => {
        const what = `${column}, window ${i}`;
        const window = values.slice(i * 5_000, (i + 1) * 5_000);
        if (expectNumericWindow(against, window, expected as ExactNumericWindow, what).emptyBins)
          windowsWithEmptyBins.push(what);
      });
    }
    console.log(
      `deliberate difference: the file counts bins that are empty in both samples for PSI: ${windowsWithEmptyBins.join('; ')}`,
    );
    expect(new Set(windowsWithEmptyBins.map((what) => what.split(',')[0]))).toEqual(new Set(['loan_length']));
  });
});

describeWithShared(['data/bike_sharing', 'oracles/exact_bike_sharing_2011.json'])(
  'exact values of bike_sharing',
  () => {
    it('of January against February 2011, all columns', () => {
      const { results } = readOracle<{ results: Record<string, ExactNumericWindow | ExactCategoricalWindow> }>(
        'exact_bike_sharing_2011',
      );
      const rows = readBikeSharing();
      const between = (from: string, to: string, column: string): Float64Array =>
        Float64Array.from(
          rows.filter(({ at }) => at >= new Date(from) && at < new Date(to)).map(({ values }) => values[column]!),
        );
      const pooled: string[] = [];
      for (const [column, expected] of Object.entries(results)) {
        if ('chi2' in expected) {
          const values = between('2011-01-29', '2011-03-01', column.replace('__categorical', ''));
          expect(
            expected.categories.map((category) => values.filter((value) => value === Number(category)).length),
          ).toEqual(expected.cur_counts);
          if (expectCategoricalWindow(expected, column).pooled) pooled.push(column);
        } else {
          const reference = numericReference(between('2011-01-01', '2011-01-29', column));
          const psi = psiWithReplacedZeros(reference.decileCounts, expected.decile_cur_counts);
          expectClose(psi, expected.psi_decile_eps, `PSI of ${column} with 1e-4 for 0`);
          expectNumericWindow(reference, between('2011-01-29', '2011-03-01', column), expected, column);
        }
      }
      console.log(
        `deliberate difference: chi2.contingency pools categories with an expected count below 5, the file does not: ${pooled.join(', ')}`,
      );
      expect(pooled).toEqual(['weathersit__categorical']);
    });
  },
);

describeWithShared(['data/elec', 'oracles/exact_elec_windows.json'])('exact values of elec', () => {
  it('of eleven windows and all columns, constant reference columns included', () => {
    const { results } = readOracle<{ results: Record<string, ExactNumericWindow[]> }>('exact_elec_windows');
    const columns = readElec();
    const withEmptyBins = new Set<string>();
    for (const [column, windows] of Object.entries(results)) {
      const values = columns.get(column)!;
      const reference = numericReference(values.slice(0, 17_000));
      windows.forEach((expected, i) => {
        const window = values.slice(i * 4_531, (i + 1) * 4_531);
        if (expectNumericWindow(reference, window, expected, `${column}, window ${i}`).emptyBins)
          withEmptyBins.add(column);
      });
    }
    console.log(
      `deliberate difference: the file counts bins that are empty in both samples for PSI: ${[...withEmptyBins].join(', ')}`,
    );
    expect([...withEmptyBins]).toEqual(['vicprice', 'vicdemand', 'transfer']);
  });
});
