import type { Batch, BatchLimits } from './batch.js';
import { COLUMNS_CONTENT_TYPE } from '@plumbline/contracts';
import { predictionIdOf, rowNumberOf, timestampFault, valuesOf, valueText } from './block-values.js';
import type { ColumnBlock, ColumnValues, RowFault } from './column-block.js';
import type { ImportPlan } from './import-plan.js';
import { timestampMs } from './timestamp-ms.js';

/** A first guess at what a value takes as JSON; afterwards it is known from what was written. */
const BYTES_PER_VALUE = 20;

/** Rows of a block that can be sent, with what was read of them already. */
interface SendableRows {
  /** Positions in the block. */
  readonly indexes: readonly number[];
  /** Numbers in the file. */
  readonly rows: readonly number[];
  readonly ids: readonly string[];
  /** Undefined when no column of times is mapped. */
  readonly timesMs: readonly number[] | undefined;
}

/**
 * Writes the predictions of blocks in the form of columns: one list for each column of the file, which costs the client and the
 * server a fraction of an object for each row.
 */
export class PredictionEncoder {
  /** Of what was written last. */
  private bytesPerRow: number | undefined;

  constructor(
    private readonly plan: ImportPlan,
    private readonly limits: BatchLimits,
  ) {}

  /** @param onFault is told of rows that cannot be sent */
  encode(block: ColumnBlock, features: readonly string[], onFault: (fault: RowFault) => void): Batch[] {
    const names = features.filter((name) => block.columns.has(name));
    for (const fault of block.faults) onFault(fault);
    const sendable = this.sendableRows(block, onFault);
    const batches: Batch[] = [];
    let from = 0;
    while (from < sendable.rows.length) {
      const fitting = Math.floor(this.limits.maxBytes / (this.bytesPerRow ?? BYTES_PER_VALUE * (names.length + 4)));
      const to = Math.min(sendable.rows.length, from + Math.max(1, Math.min(fitting, this.limits.maxEvents)));
      const content = Buffer.from(this.textOf(block, names, sendable, from, to));
      this.bytesPerRow = content.length / (to - from);
      batches.push({ contentType: COLUMNS_CONTENT_TYPE, content, rows: sendable.rows.slice(from, to) });
      from = to;
    }
    return batches;
  }

  private sendableRows(block: ColumnBlock, onFault: (fault: RowFault) => void): SendableRows {
    const { prediction_id, timestamp } = this.plan.mapping;
    const idColumn = valuesOf(block, prediction_id);
    const timeColumn = valuesOf(block, timestamp);
    const indexes: number[] = [];
    const rows: number[] = [];
    const ids: string[] = [];
    const timesMs: number[] = [];
    for (let index = 0; index < block.rowCount; index += 1) {
      const row = rowNumberOf(block, index);
      const id = predictionIdOf(this.plan, idColumn, index, row, onFault);
      if (id === undefined) continue;
      if (timeColumn) {
        const ms = timestampMs(timeColumn[index]);
        if (ms === undefined) {
          onFault(timestampFault(row, timestamp!, timeColumn[index]));
          continue;
        }
        timesMs.push(ms);
      }
      indexes.push(index);
      rows.push(row);
      ids.push(id);
    }
    return { indexes, rows, ids, timesMs: timeColumn && timesMs };
  }

  private textOf(
    block: ColumnBlock,
    names: readonly string[],
    { indexes, ids, timesMs }: SendableRows,
    from: number,
    to: number,
  ): string {
    const { model, version, answer, mapping } = this.plan;
    const wanted = indexes.slice(from, to);
    const listOf = (values: ColumnValues): string => listText(wanted.map((index) => values[index]));
    const members = [`"model":${JSON.stringify(model)}`];
    if (version !== undefined) members.push(`"version":${JSON.stringify(version)}`);
    members.push(`"prediction_id":${JSON.stringify(ids.slice(from, to))}`);
    if (timesMs) members.push(`"timestamp":${JSON.stringify(timesMs.slice(from, to))}`);
    const features = names.map((name) => `${JSON.stringify(name)}:${listOf(block.columns.get(name)!)}`);
    members.push(`"features":{${features.join()}}`);
    const answers = valuesOf(block, mapping.prediction);
    const scores = valuesOf(block, mapping.score);
    const outputs: string[] = [];
    if (answers) outputs.push(`"${answer}":${listOf(answers)}`);
    if (scores) outputs.push(`"score":${listOf(scores)}`);
    if (outputs.length > 0) members.push(`"prediction":{${outputs.join()}}`);
    return `{${members.join()}}`;
  }
}

/** JSON of a list; by JSON.stringify alone where that writes each value as `valueText` does. */
function listText(values: readonly unknown[]): string {
  return values.every(isPlain) ? JSON.stringify(values) : `[${values.map(valueText).join()}]`;
}

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return value !== Infinity && value !== -Infinity;
    case 'bigint':
      return false;
    case 'object':
      return value === null || value instanceof Date;
    default:
      return true;
  }
}
