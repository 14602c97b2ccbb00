import { MAX_PREDICTION_ID_LENGTH } from '@plumbline/contracts';
import type { ColumnBlock, ColumnValues, RowFault } from './column-block.js';
import type { ImportPlan } from './import-plan.js';
import { timestampMs } from './timestamp-ms.js';

/** Takes what a block gives, row by row: the JSON text of an event, or why there is none. */
export interface BlockSink {
  event(row: number, text: string): void;
  fault(fault: RowFault): void;
}

const NO_VALUES: ColumnValues = [];

/**
 * Writes the events of a block as JSON text. Works on columns and concatenates, instead of building an object per row for
 * JSON.stringify: the client's share of an import is mostly this loop.
 */
export function encodeBlock(plan: ImportPlan, block: ColumnBlock, features: readonly string[], sink: BlockSink): void {
  for (const fault of block.faults) sink.fault(fault);
  if (plan.kind === 'labels') encodeLabels(plan, block, sink);
  else encodePredictions(plan, block, features, sink);
}

function encodePredictions(plan: ImportPlan, block: ColumnBlock, features: readonly string[], sink: BlockSink): void {
  const { prediction_id, timestamp, prediction, score } = plan.mapping;
  const version = plan.version === undefined ? '' : `,"version":${JSON.stringify(plan.version)}`;
  const head = `{"model":${JSON.stringify(plan.model)}${version},"prediction_id":`;
  const names = features.filter((feature) => block.columns.has(feature));
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  const values = names.map((name) => block.columns.get(name)!);
  const ids = valuesOf(block, prediction_id);
  const times = valuesOf(block, timestamp);
  const answers = valuesOf(block, prediction);
  const scores = valuesOf(block, score);
  for (let index = 0; index < block.rowCount; index += 1) {
    const row = rowNumberOf(block, index);
    const id = idText(plan, ids, index, row, sink);
    if (id === undefined) continue;
    let text = head + id;
    if (times) {
      const ms = timestampMs(times[index]);
      if (ms === undefined) {
        sink.fault(timestampFault(row, timestamp!, times[index]));
        continue;
      }
      text += `,"timestamp":${ms}`;
    }
    text += ',"features":{';
    let separator = '';
    for (let column = 0; column < keys.length; column += 1) {
      const value = values[column]![index];
      if (value === undefined) continue;
      text += separator + keys[column]! + featureText(value);
      separator = ',';
    }
    text += '}';
    if (answers || scores) text += answerText(plan, answers?.[index], scores?.[index]);
    sink.event(row, `${text}}`);
  }
}

function encodeLabels(plan: ImportPlan, block: ColumnBlock, sink: BlockSink): void {
  const { prediction_id, timestamp, label } = plan.mapping;
  const head = `{"model":${JSON.stringify(plan.model)},"prediction_id":`;
  const ids = valuesOf(block, prediction_id);
  const times = valuesOf(block, timestamp);
  const labels = valuesOf(block, label) ?? NO_VALUES;
  for (let index = 0; index < block.rowCount; index += 1) {
    const row = rowNumberOf(block, index);
    const value = labels[index];
    // A row whose truth is not known yet is no fault: that is what files of delayed labels look like.
    if (isMissing(value)) continue;
    const id = idText(plan, ids, index, row, sink);
    if (id === undefined) continue;
    let text = `${head}${id},"${plan.answer}":${featureText(value)}`;
    if (times) {
      const ms = timestampMs(times[index]);
      if (ms === undefined) {
        sink.fault(timestampFault(row, timestamp!, times[index]));
        continue;
      }
      text += `,"timestamp":${ms}`;
    }
    sink.event(row, `${text}}`);
  }
}

/** Values of a mapped column; undefined when none is mapped, an empty list when the block has none of it. */
function valuesOf(block: ColumnBlock, column: string | undefined): ColumnValues | undefined {
  return column === undefined ? undefined : (block.columns.get(column) ?? NO_VALUES);
}

function rowNumberOf(block: ColumnBlock, index: number): number {
  return block.rowNumbers?.[index] ?? block.firstRow + index;
}

function idText(
  plan: ImportPlan,
  ids: ColumnValues | undefined,
  index: number,
  row: number,
  sink: BlockSink,
): string | undefined {
  if (ids === undefined) return `"${plan.idPrefix}-${row}"`;
  const value = ids[index];
  const id = typeof value === 'string' ? value : isMissing(value) ? '' : scalarText(value);
  if (id !== '' && id.length <= MAX_PREDICTION_ID_LENGTH) return JSON.stringify(id);
  sink.fault({
    row,
    field: plan.mapping.prediction_id!,
    reason: id === '' ? 'missing' : 'too_long',
    message: id === '' ? 'has no id' : `its id is longer than ${MAX_PREDICTION_ID_LENGTH} characters`,
  });
  return undefined;
}

function answerText(plan: ImportPlan, answer: unknown, score: unknown): string {
  const parts: string[] = [];
  if (!isMissing(answer)) parts.push(`"${plan.answer}":${featureText(answer)}`);
  if (!isMissing(score)) parts.push(`"score":${featureText(score)}`);
  return parts.length === 0 ? '' : `,"prediction":{${parts.join(',')}}`;
}

function timestampFault(row: number, field: string, value: unknown): RowFault {
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
function isMissing(value: unknown): boolean {
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
function featureText(value: unknown): string {
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
