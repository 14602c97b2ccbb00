import type { FeatureKind } from '@plumbline/contracts';
import { parse, type Parser } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { UsageError } from '../cli-error.js';
import type { ColumnBlock, RowFault } from './column-block.js';
import { inferTextColumn, textValue } from './infer-text-column.js';

const ROWS_PER_BLOCK = 10_000;
const HEADER_BYTES = 1 << 20;

export interface CsvFile {
  readonly columns: readonly string[];
  /** Blocks of all columns. Types are those of `kinds`, else judged by the first block. */
  read(kinds: ReadonlyMap<string, FeatureKind>): AsyncGenerator<ColumnBlock>;
}

/**
 * Opens a CSV file with a header line: reads that line only.
 * @throws UsageError when there is none, or a name stands in it twice
 */
export async function openCsv(path: string): Promise<CsvFile> {
  const columns = await readHeader(path);
  const { size: sizeBytes } = await stat(path);

  async function* read(kinds: ReadonlyMap<string, FeatureKind>): AsyncGenerator<ColumnBlock> {
    const source = createReadStream(path, { highWaterMark: 1 << 18 });
    const parser = source.pipe(parse({ bom: true, from: 2, relax_column_count: true, skip_empty_lines: true }));
    source.once('error', (error) => parser.destroy(error));
    let kindOf: readonly FeatureKind[] | undefined;
    let firstRow = 1;
    try {
      for (;;) {
        const records = await readRecords(parser, ROWS_PER_BLOCK);
        if (records.length === 0) return;
        const { good, rowNumbers, faults } = splitByWidth(records, columns.length, firstRow);
        kindOf ??= columns.map(
          (column, index) => kinds.get(column) ?? inferTextColumn(good.map((record) => record[index]!)),
        );
        yield {
          firstRow,
          rowCount: good.length,
          ...(faults.length > 0 ? { rowNumbers } : {}),
          columns: new Map(
            columns.map((column, index) => [column, good.map((record) => textValue(record[index]!, kindOf![index]!))]),
          ),
          faults,
          progress: sizeBytes === 0 ? 1 : Math.min(parser.info.bytes / sizeBytes, 1),
        };
        firstRow += records.length;
      }
    } catch (error) {
      throw new UsageError(`${path}: ${(error as Error).message}`);
    } finally {
      source.destroy();
    }
  }
  return { columns, read };
}

async function readHeader(path: string): Promise<readonly string[]> {
  const handle = await open(path).catch((error: unknown) => {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const records: string[][] = [];
    const parser = parse({ bom: true, to: 1 });
    parser.on('data', (record: string[]) => records.push(record));
    parser.end(buffer.subarray(0, bytesRead));
    await once(parser, 'end');
    const header = records[0];
    if (header === undefined) throw new UsageError(`${path} is empty: its first line must name the columns`);
    const twice = header.find((name, index) => header.indexOf(name) !== index);
    if (twice !== undefined) throw new UsageError(`${path}: two columns are named "${twice}": rename one`);
    return header;
  } finally {
    await handle.close();
  }
}

/** Takes up to `count` records without a promise for each. */
async function readRecords(parser: Parser, count: number): Promise<string[][]> {
  const records: string[][] = [];
  while (records.length < count) {
    const record = parser.read() as string[] | null;
    if (record !== null) {
      records.push(record);
      continue;
    }
    if (parser.errored) throw parser.errored;
    if (parser.readableEnded || parser.destroyed) break;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        parser.off('readable', settle).off('end', settle).off('error', settle);
        if (error) reject(error);
        else resolve();
      };
      parser.once('readable', settle).once('end', settle).once('error', settle);
    });
  }
  return records;
}

function splitByWidth(
  records: readonly string[][],
  width: number,
  firstRow: number,
): { good: readonly string[][]; rowNumbers: readonly number[]; faults: readonly RowFault[] } {
  const good: string[][] = [];
  const rowNumbers: number[] = [];
  const faults: RowFault[] = [];
  records.forEach((record, index) => {
    const row = firstRow + index;
    if (record.length === width) {
      good.push(record);
      rowNumbers.push(row);
    } else {
      faults.push({
        row,
        field: '',
        reason: 'wrong_width',
        message: `has ${record.length} values, but the header names ${width} columns`,
      });
    }
  });
  return { good, rowNumbers, faults };
}
