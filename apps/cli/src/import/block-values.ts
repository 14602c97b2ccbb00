import { MAX_PREDICTION_ID_LENGTH } from '@plumbline/contracts';
import type { ColumnBlock, ColumnValues, RowFault } from './column-block.js';
import type { ImportPlan } from './import-plan.js';

const NO_VALUES: ColumnValues = [];

/** Values of a mapped column; undefined when none is mapped, an empty list when the block has none of it. */
export function valuesOf(block: ColumnBlock, column: string | undefined): ColumnValues | undefined {
  return column === undefined ? undefined : (block.columns.get(column) ?? NO_VALUES);
}

export function rowNumberOf(block: ColumnBlock, index: number): number {
  return block.rowNumbers?.[index] ?? block.firstRow + index;
}

/** Id of a row, or undefined when it has none, which `onFault` is told. */
export function predictionIdOf(
  plan: ImportPlan,
  ids: ColumnValues | undefined,
  index: number,
  row: number,
  onFault: (fault: RowFault) => void,
): string | undefined {
  if (ids === undefined) return `${plan.idPrefix}-${row}`;
  const value = ids[index];
  const id = typeof value === 'string' ? value : isMissing(value) ? '' : scalarText(value);
  if (id !== '' && id.length <= MAX_PREDICTION_ID_LENGTH) return id;
  onFault({
    row,
    field: plan.mapping.prediction_id!,
    reason: id === '' ? 'missing' : 'too_long',
    message: id === '' ? 'has no id' : `its id is longer than ${MAX_PREDICTION_ID_LENGTH} characters`,
  });
  return undefined;
}

export function timestampFault(row: number, field: string, value: unknown): RowFault {
  return {
    row,
    field,
    reason: isMissing(value) ? 'missing' : 'wrong_type',
    message: isMissing(value)
      ? 'has no time'
      : `"${scalarText(value)}" is no time: write ISO 8601 (UTC when it has no zone) or milliseconds since 1970`,
  };
}

/** NaN is how data frames write a missing number. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value));
}

function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

/**
 * JSON text of a value. NaN is null. The infinities, which JSON cannot write, are text, so that the server counts them as
 * invalid values of their column and keeps the rest of the row.
 */
export function valueText(value: unknown): string {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value)) return String(value);
      return Number.isNaN(value) ? 'null' : `"${value}"`;
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return String(value);
    default:
      if (value === null || value === undefined) return 'null';
      return JSON.stringify(value instanceof Date ? value.toISOString() : JSON.stringify(value));
  }
}
