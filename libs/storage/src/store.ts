import { randomUUID } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { mkdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { z } from 'zod';
import { openClient } from './client.js';
import type { NativeBlock } from './native/native-block.js';
import type { Command, Query } from './query.js';
import { storageError } from './storage-error.js';
import type { StoreOptions } from './store-options.js';

/** A connection that runs one statement at a time. */
interface Session {
  readonly client: ClickHouseClient;
  running: number;
}

/** Settings of every statement. They are all sent each time because chDB keeps a SET for the rest of its session. */
const SETTINGS: ClickHouseSettings = {
  async_insert: 0,
  // Merging a block before it is written costs three times the write; batches hold few rows that replace one another.
  optimize_on_insert: 0,
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 1,
  date_time_input_format: 'best_effort',
  input_format_null_as_default: 1,
  // A file may have columns that a query does not read.
  input_format_skip_unknown_fields: 1,
  // The engine's default parser of floats may be off by one unit in the last place, enough to change a value's bin.
  precise_float_parsing: 1,
  // Rows that replace one another share their hour or their minute, so they share the partition.
  do_not_merge_across_partitions_select_final: 1,
};

/** Where a write stands. The conservation harness listens and ends the process there; unheard it costs a look at a flag. */
const failpoints = channel('plumbline:failpoint');

/**
 * The only way to the tables: runs queries that are values, and inserts under a deduplication token.
 *
 * Every insert carries a token: without one the engine drops a batch whose content equals an earlier one, and with chDB the
 * token of the previous insert would still be set.
 */
export class Store {
  private constructor(
    /** Sessions of the embedded engine run one statement at a time: a long read must not hold up ingest, nor raw rows their cells. */
    private readonly reader: ClickHouseClient,
    private readonly writers: readonly [Session, Session],
    /** Folder for files handed to the embedded engine; undefined with a server. */
    private readonly exchangeDir: string | undefined,
    readonly database: string,
  ) {}

  /**
   * Opens the embedded engine or connects to a server, and makes the database if it is missing.
   * @throws StorageError `locked` when another process holds the data folder, `unavailable` when the server does not answer
   */
  static async open(options: StoreOptions): Promise<Store> {
    const dataDir = resolve(options.dataDir);
    const embedded = options.url === undefined;
    const exchangeDir = embedded ? join(dataDir, 'exchange') : undefined;
    if (exchangeDir !== undefined) {
      // What a killed process left there belongs to batches that were never acknowledged.
      await rm(exchangeDir, { recursive: true, force: true });
      await mkdir(exchangeDir, { recursive: true });
    }
    const open = async (): Promise<ClickHouseClient> => openClient(options, join(dataDir, 'engine'));
    const reader = await open();
    const writers = [
      { client: await open(), running: 0 },
      { client: await open(), running: 0 },
    ] as const;
    return new Store(reader, writers, exchangeDir, options.database);
  }

  get embedded(): boolean {
    return this.exchangeDir !== undefined;
  }

  /** Returns the rows of a query. @throws StorageError */
  async query<P extends z.ZodType, R extends z.ZodType>(
    query: Query<P, R>,
    params: z.input<P>,
  ): Promise<z.output<R>[]> {
    let rows: unknown[];
    try {
      const result = await this.reader.query({
        query: query.sql,
        query_params: bindable(query.params.parse(params)),
        format: 'JSONEachRow',
        clickhouse_settings: SETTINGS,
      });
      rows = await result.json();
    } catch (error) {
      throw storageError(query.name, error);
    }
    return z.array(query.row).parse(rows);
  }

  /**
   * Returns the rows of a query as arrays of column values, without a schema: for pages of raw rows, where a schema per row
   * would cost more than the work.
   */
  async queryCompact<P extends z.ZodType>(
    query: Pick<Query<P, z.ZodType>, 'name' | 'sql' | 'params'>,
    params: z.input<P>,
  ): Promise<unknown[][]> {
    try {
      const result = await this.reader.query({
        query: query.sql,
        query_params: bindable(query.params.parse(params)),
        format: 'JSONCompactEachRow',
        clickhouse_settings: SETTINGS,
      });
      return await result.json();
    } catch (error) {
      throw storageError(query.name, error);
    }
  }

  /**
   * Runs a statement without result. An INSERT … SELECT must come with a token.
   * @throws StorageError
   */
  async command<P extends z.ZodType>(
    command: Command<P>,
    params: z.input<P>,
    token: string = randomUUID(),
  ): Promise<void> {
    try {
      await this.write(command.name, (client) =>
        client.command({
          query: command.sql,
          query_params: bindable(command.params.parse(params)),
          clickhouse_settings: { ...SETTINGS, insert_deduplication_token: token },
        }),
      );
    } catch (error) {
      throw storageError(command.name, error);
    }
  }

  /**
   * Inserts rows as JSON: for small tables. NaN is written as null, which the column's default turns into NaN again.
   * @param token identity of the batch: the same token inserts nothing a second time
   */
  async insert(table: string, rows: readonly object[], token: string): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.write(`insert ${table}`, (client) =>
        client.insert({
          table,
          values: rows as object[],
          format: 'JSONEachRow',
          // A misspelt column of ours must not be dropped in silence.
          clickhouse_settings: { ...SETTINGS, input_format_skip_unknown_fields: 0, insert_deduplication_token: token },
        }),
      );
    } catch (error) {
      throw storageError(`insert ${table}`, error);
    }
  }

  /**
   * Inserts a block in the engine's own columnar format: for the ingest path.
   * @param token identity of the batch: the same token inserts nothing a second time
   */
  async insertBlock(table: string, block: NativeBlock, token: string): Promise<void> {
    if (block.rows === 0) return;
    const settings = { ...SETTINGS, insert_deduplication_token: token };
    try {
      if (this.exchangeDir === undefined) {
        await this.write(`insert ${table}`, (client) =>
          client.exec({
            query: `INSERT INTO ${table} (${block.columnNames}) FORMAT Native`,
            values: Readable.from([block.bytes()], { objectMode: false }),
            clickhouse_settings: settings,
          }),
        );
        return;
      }
      // chDB takes binary formats from files only. Path and structure are ours and stand in the text, because chDB runs
      // statements with parameters one at a time in the whole process.
      const path = join(this.exchangeDir, `${randomUUID()}.native`);
      const source = `file(${literal(path)}, 'Native', ${literal(block.structure)})`;
      const query = `INSERT INTO ${table} (${block.columnNames}) SELECT ${block.columnNames} FROM ${source}`;
      try {
        await writeFile(path, block.bytes());
        await this.write(`insert ${table}`, (client) => client.command({ query, clickhouse_settings: settings }));
      } finally {
        await unlink(path).catch(() => undefined);
      }
    } catch (error) {
      throw storageError(`insert ${table}`, error);
    }
  }

  async ping(): Promise<boolean> {
    return (await this.reader.ping({ select: true })).success;
  }

  async close(): Promise<void> {
    await this.reader.close();
    for (const { client } of this.writers) await client.close();
  }

  /** Runs a write in the session that has less to do. */
  private async write(name: string, run: (client: ClickHouseClient) => Promise<unknown>): Promise<void> {
    const [first, second] = this.writers;
    const session = second.running < first.running ? second : first;
    session.running++;
    try {
      if (failpoints.hasSubscribers) failpoints.publish(`before ${name}`);
      await run(session.client);
      if (failpoints.hasSubscribers) failpoints.publish(`after ${name}`);
    } finally {
      session.running--;
    }
  }
}

/** A string literal of SQL. Only for texts of our own. */
function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** chDB refuses whole numbers beyond 2^53 and drops the sign of zero; as text both survive. Floats travel as text in arrays. */
function bindable(params: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries((params ?? {}) as Record<string, unknown>).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isSafeInteger(value) ? String(value) : value,
    ]),
  );
}
