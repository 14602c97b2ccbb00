import { openParquet } from '../../apps/cli/src/import/read-parquet.js';
import { sharedPath } from './shared-data.js';

/** The columns of one file of the car loan data, in file order. */
export type CarLoanColumns = ReadonlyMap<string, readonly unknown[]>;

/** The reference (50 000 labelled rows) or the monitored half of the car loan data. */
export async function readCarLoan(part: 'reference' | 'monitoring'): Promise<CarLoanColumns> {
  const file = await openParquet(sharedPath(`data/car_loan/${part}_synthetic_car_loan.parquet`));
  const columns = new Map<string, unknown[]>(file.columns.map((column) => [column, []]));
  for await (const block of file.read(file.columns)) {
    for (const [column, values] of block.columns) columns.get(column)!.push(...Array.from(values));
  }
  return columns;
}

/** A numeric column; whatever is no number is NaN. */
export function numericColumn(columns: CarLoanColumns, name: string): Float64Array {
  return Float64Array.from(columns.get(name)!, Number);
}
