import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileFormat } from '@plumbline/contracts';
import { z } from 'zod';
import { defineCommand, defineQuery } from '../query.js';
import type { Store } from '../store.js';
import { ENGINE_FORMATS } from './engine-format.js';
import { unreadable } from './unreadable-source-error.js';

/** A reference file as queries find it: the embedded engine reads the file itself, a server has its rows in a table. */
export interface SourceFile {
  readonly type: 'file';
  readonly path: string;
  readonly format: FileFormat;
  /** Of a server, for as long as the file is read; undefined with the embedded engine. */
  readonly table: StagedTable | undefined;
}

interface StagedTable {
  readonly name: string;
  readonly columns: readonly FileColumn[];
}

export interface FileColumn {
  readonly name: string;
  /** As the engine writes types. */
  readonly type: string;
}

const STAGED = 'reference_upload_';
/** Types are inferred from what the engine would read for it: so many rows of a text file. */
const SAMPLE_ROWS = 25_000;
const SAMPLE_BYTES = 8 * 1024 * 1024;
const PARQUET_MAGIC = 'PAR1';

const describeSample = defineQuery({
  name: 'describe file',
  sql: 'DESCRIBE TABLE format({format:String}, base64Decode({sample:String})) SETTINGS schema_inference_make_columns_nullable = 1',
  params: z.object({ format: z.string(), sample: z.string() }),
  row: z.object({ name: z.string(), type: z.string() }),
});

const describeLocal = defineQuery({
  name: 'describe file',
  sql: 'DESCRIBE TABLE file({path:String}, {format:String})',
  params: z.object({ path: z.string(), format: z.string() }),
  row: z.object({ name: z.string(), type: z.string() }),
});

const selectAbandoned = defineQuery({
  name: 'select abandoned uploads',
  sql: `SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String})
          AND metadata_modification_time < now() - INTERVAL 1 DAY`,
  params: z.object({ database: z.string(), prefix: z.string() }),
  row: z.object({ name: z.string() }),
});

/**
 * Gives `run` the file as queries can read it, and takes it away again. A server cannot read our files, so its rows are sent
 * into a table of their own; that is not tried again when the way to the server fails, the whole of it may be.
 * @throws UnreadableSourceError when it is not a file of that format
 */
export async function withSourceFile<T>(
  store: Store,
  path: string,
  format: FileFormat,
  run: (file: SourceFile) => Promise<T>,
): Promise<T> {
  if (store.embedded) return run({ type: 'file', path, format, table: undefined });
  await dropAbandoned(store);
  const table = `${STAGED}${randomUUID().replaceAll('-', '')}`;
  try {
    const columns = await stage(store, table, path, format);
    return await run({ type: 'file', path, format, table: { name: table, columns } });
  } finally {
    await store.command(dropStaged(table), {});
  }
}

async function stage(store: Store, table: string, path: string, format: FileFormat): Promise<FileColumn[]> {
  const sample = (await (format === 'parquet' ? readFooter(path) : readHead(path))).toString('base64');
  try {
    const columns = await store.query(describeSample, { format: ENGINE_FORMATS[format], sample });
    await store.command(createStaged(table, columns), {});
    await store.insertFile(table, path, ENGINE_FORMATS[format]);
    return columns;
  } catch (error) {
    throw unreadable(error);
  }
}

/** Columns of a file, in their order. @throws UnreadableSourceError when it is not a file of that format */
export async function describeFile(store: Store, { path, format, table }: SourceFile): Promise<FileColumn[]> {
  if (table !== undefined) return [...table.columns];
  try {
    return await store.query(describeLocal, { path, format: ENGINE_FORMATS[format] });
  } catch (error) {
    throw unreadable(error);
  }
}

/** Name by which a query calls a column of the file. */
export function columnName({ table }: SourceFile, column: string): string {
  const position = table?.columns.findIndex(({ name }) => name === column) ?? -1;
  return position === -1 ? column : aliasOf(position);
}

/** The client escapes quotes in parameters, which the server takes literally in names: so a column has one of ours as well. */
function aliasOf(position: number): string {
  return `plumbline_column_${position}`;
}

function quoted(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

/** Rows keep the order of the file: they are inserted one after the other, and merges put parts one behind the other. */
function createStaged(table: string, columns: readonly FileColumn[]) {
  // Names of columns cannot be parameters of a CREATE; types are the engine's own words.
  const list = [
    ...columns.map(({ name, type }) => `${quoted(name)} ${type}`),
    ...columns.map(({ name, type }, position) => `${aliasOf(position)} ${type} ALIAS ${quoted(name)}`),
  ].join(', ');
  return defineCommand({
    name: 'stage file',
    sql: `CREATE TABLE IF NOT EXISTS ${table} (${list}) ENGINE = MergeTree ORDER BY tuple()`,
    params: z.object({}),
  });
}

function dropStaged(table: string) {
  return defineCommand({ name: 'drop staged file', sql: `DROP TABLE IF EXISTS ${table}`, params: z.object({}) });
}

/** Removes what processes that were killed have left. */
async function dropAbandoned(store: Store): Promise<void> {
  for (const { name } of await store.query(selectAbandoned, { database: store.database, prefix: STAGED })) {
    await store.command(dropStaged(name), {});
  }
}

/** The first rows of a text file, whole ones where it is longer. */
async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(SAMPLE_BYTES), position: 0 });
    const head = buffer.subarray(0, bytesRead);
    let end = 0;
    for (let row = 0; row < SAMPLE_ROWS; row++) {
      const newline = head.indexOf(10, end);
      if (newline === -1) return bytesRead < SAMPLE_BYTES || end === 0 ? head : head.subarray(0, end);
      end = newline + 1;
    }
    return head.subarray(0, end);
  } finally {
    await file.close();
  }
}

/** What says the columns of a Parquet file stands at its end; all of a file that is none, for the engine to say so. */
async function readFooter(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(8, size));
    await file.read(tail, 0, tail.length, size - tail.length);
    const footer = tail.length === 8 ? tail.readUInt32LE(0) : 0;
    const isParquet = tail.subarray(4).toString('latin1') === PARQUET_MAGIC && footer + 12 <= size;
    const length = isParquet ? footer + 8 : Math.min(size, SAMPLE_BYTES);
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, size - length);
    return isParquet ? Buffer.concat([Buffer.from(PARQUET_MAGIC), bytes]) : bytes;
  } finally {
    await file.close();
  }
}
