import { stat } from 'node:fs/promises';
import type { ColumnBlock, RowFault } from './column-block.js';
import { readLines } from './read-lines.js';

const ROWS_PER_BLOCK = 10_000;

/** Yields the rows of an NDJSON file of flat objects, by column. A name an object does not have is undefined in its column. */
export async function* readNdjson(path: string): AsyncGenerator<ColumnBlock> {
  const { size: sizeBytes } = await stat(path);
  let block = new BlockBuilder(1);
  let line = 0;
  for await (const { bytes, ends, bytesRead } of readLines(path)) {
    let start = 0;
    for (const end of ends) {
      line += 1;
      block.add(bytes.toString('utf8', start, end), line);
      start = end + 1;
      if (block.size >= ROWS_PER_BLOCK) {
        yield block.build(bytesRead / sizeBytes);
        block = new BlockBuilder(line + 1);
      }
    }
  }
  if (block.size > 0) yield block.build(1);
}

class BlockBuilder {
  private readonly rows: Record<string, unknown>[] = [];
  private readonly rowNumbers: number[] = [];
  private readonly faults: RowFault[] = [];

  constructor(private readonly firstRow: number) {}

  get size(): number {
    return this.rows.length + this.faults.length;
  }

  add(text: string, row: number): void {
    if (text.trim() === '') return;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        this.rows.push(value as Record<string, unknown>);
        this.rowNumbers.push(row);
        return;
      }
      this.faults.push({ row, field: '', reason: 'not_an_object', message: 'the line is no JSON object' });
    } catch (error) {
      this.faults.push({ row, field: '', reason: 'not_json', message: (error as Error).message });
    }
  }

  build(progress: number): ColumnBlock {
    const names = new Set(this.rows.flatMap((row) => Object.keys(row)));
    return {
      firstRow: this.firstRow,
      rowCount: this.rows.length,
      rowNumbers: this.rowNumbers,
      columns: new Map(
        [...names].map((name) => [name, this.rows.map((row) => (Object.hasOwn(row, name) ? row[name] : undefined))]),
      ),
      faults: this.faults,
      progress,
    };
  }
}
