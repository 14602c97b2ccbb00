import { asyncBufferFromFile, parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { UsageError } from '../cli-error.js';
import type { ColumnBlock } from './column-block.js';

/** Values decoded at a time: about 64 MB as plain JavaScript arrays, whatever the size of the file's row groups. */
const CELLS_PER_READ = 4_000_000;

/** Rows encoded at a time from what was decoded. */
const ROWS_PER_BLOCK = 10_000;

export interface ParquetFile {
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** Blocks of the named columns. */
  read(columns: readonly string[]): AsyncGenerator<ColumnBlock>;
}

/**
 * Opens a Parquet file: reads its footer only.
 * @throws UsageError when it is none, or has nested columns among those asked for
 */
export async function openParquet(path: string): Promise<ParquetFile> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw new UsageError(`${path} is no Parquet file: ${String((error as Error).message)}`);
  });
  const fields = parquetSchema(metadata).children;
  const nested = new Set(fields.filter((field) => field.children.length > 0).map((field) => field.element.name));
  const rowCount = Number(metadata.num_rows);

  async function* read(columns: readonly string[]): AsyncGenerator<ColumnBlock> {
    const unreadable = columns.filter((column) => nested.has(column));
    if (unreadable.length > 0) {
      throw new UsageError(
        `${path}: column ${unreadable.join(', ')} holds lists or structs, which are no feature: leave it out with --ignore`,
      );
    }
    const scan = await parquetScan({ file, metadata, compressors, columns: [...columns] });
    const rowsPerRead = Math.max(ROWS_PER_BLOCK, Math.floor(CELLS_PER_READ / Math.max(columns.length, 1)));
    for (const range of scan.ranges) {
      for (let start = range.rowStart; start < range.rowEnd; start += rowsPerRead) {
        const end = Math.min(start + rowsPerRead, range.rowEnd);
        const decoded = await Promise.all(
          columns.map((column) => scan.readColumn({ column, rowStart: start, rowEnd: end })),
        );
        for (let offset = 0; offset < end - start; offset += ROWS_PER_BLOCK) {
          const count = Math.min(ROWS_PER_BLOCK, end - start - offset);
          yield {
            firstRow: start + offset + 1,
            rowCount: count,
            columns: new Map(columns.map((column, index) => [column, decoded[index]!.slice(offset, offset + count)])),
            faults: [],
            progress: (start + offset + count) / rowCount,
          };
        }
      }
    }
  }
  return { columns: fields.map((field) => field.element.name), rowCount, read };
}
