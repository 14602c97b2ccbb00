import { randomUUID } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { createReadStream } from 'node:fs';
import { mkdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { z } from 'zod';
import {
  addressOf,
  createDatabase,
  embeddedClient,
  engineSessions,
  REQUEST_TIMEOUT_MS,
  serverClient,
} from './client.js';
import {
  type DamagedPart,
  damageError,
  damageOf,
  deleteReplacedParts,
  findPartsSetAside,
  markRefused,
  partsOnDisk,
  removeDamage,
} from './damaged-parts.js';
import { multipartParameters } from './multipart-parameters.js';
import type { NativeBlock } from './native/native-block.js';
import type { Command, Query } from './query.js';
import { clusterSettings, renderForCluster } from './render-for-cluster.js';
import { writeEngineAccess } from './reader/engine-access.js';
import { type ReadLimits, SelectOnlyEngine } from './reader/select-only-engine.js';
import { engineCode, isPassing, StorageError, storageError } from './storage-error.js';
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
  // Otherwise a column of a CSV file with a 1e-05 in it is one of texts.
  input_format_try_infer_exponent_floats: 1,
  // Rows that replace one another share their hour or their minute, so they share the partition.
  do_not_merge_across_partitions_select_final: 1,
};

/** Of a statement for which the way to the server failed. */
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;
/** Request time-outs that a statement which rewrites rows may take. */
const PATIENCE = 6;

/** Where a write stands. The conservation harness listens and ends the process there; unheard it costs a look at a flag. */
const failpoints = channel('plumbline:failpoint');

/**
 * The only way to the tables: runs queries that are values, and inserts under a deduplication token.
 *
 * Every insert carries a token: without one the engine drops a batch whose content equals an earlier one, and with chDB the
 * token of the previous insert would still be set.
 */
export class Store {
  private removed: readonly DamagedPart[] = [];

  private constructor(
    /** Sessions of the embedded engine run one statement at a time: a long read must not hold up ingest, nor raw rows their cells. */
    private readonly readers: readonly [Session, Session],
    private readonly writers: readonly [Session, Session],
    /** For statements that take long and say nothing meanwhile, as DELETE and DDL; undefined with the embedded engine. */
    private readonly patient: ClickHouseClient | undefined,
    /** Folder for files handed to the embedded engine; undefined with a server. */
    private readonly exchangeDir: string | undefined,
    private readonly options: StoreOptions,
    /** First session of the process, which has brought the engine its users and roles; undefined without readers. */
    private readonly anchor?: { close(): void },
  ) {}

  /**
   * Opens the embedded engine, or connects to a server, which `migrate` makes the database of.
   * @throws StorageError `locked` when another process holds the data folder, `unavailable` when the server does not answer
   */
  static async open(options: StoreOptions): Promise<Store> {
    const { url } = options;
    if (url !== undefined) {
      const client = serverClient({ ...options, url });
      const session = { client, running: 0 };
      const patientMs = PATIENCE * (options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
      // Uncompressed: its bodies may be forms.
      const patient = serverClient({ ...options, url, requestTimeoutMs: patientMs, compress: false });
      const store = new Store([session, session], [session, session], patient, undefined, options);
      try {
        await store.tried('connect', async () => {
          const reply = await client.ping();
          if (!reply.success) throw reply.error;
        });
      } catch (error) {
        await store.close();
        throw error;
      }
      return store;
    }
    const dataDir = resolve(options.dataDir);
    const exchangeDir = join(dataDir, 'exchange');
    const engineDir = join(dataDir, 'engine');
    const before = await partsOnDisk(engineDir);
    const anchor = options.readers === true ? await openAnchor(dataDir, engineDir, options.database) : undefined;
    const open = async (): Promise<ClickHouseClient> => embeddedClient(options, engineDir);
    // The lock: as long as another process has it, the files are its own.
    const first = await open();
    // What a killed process left there belongs to batches that were never acknowledged.
    await rm(exchangeDir, { recursive: true, force: true });
    await mkdir(exchangeDir, { recursive: true });
    const session = async (): Promise<Session> => ({ client: await open(), running: 0 });
    const readers = [{ client: first, running: 0 }, await session()] as const;
    const writers = [await session(), await session()] as const;
    const store = new Store(readers, writers, undefined, exchangeDir, options, anchor);
    try {
      store.removed = await seeToDamage(first, options, before, join(dataDir, 'damaged'));
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  }

  /** Damaged parts that opening has moved out of the data folder, where that is accepted: someone should be told. */
  get damagedParts(): readonly DamagedPart[] {
    return this.removed;
  }

  get embedded(): boolean {
    return this.exchangeDir !== undefined;
  }

  get database(): string {
    return this.options.database;
  }

  /** Makes the database on a server if it is missing; the embedded engine has made it. @throws StorageError */
  async createDatabase(): Promise<void> {
    const { url } = this.options;
    if (url !== undefined) await createDatabase({ ...this.options, url });
  }

  /** Returns the rows of a query. @throws StorageError */
  async query<P extends z.ZodType, R extends z.ZodType>(
    query: Query<P, R>,
    params: z.input<P>,
  ): Promise<z.output<R>[]> {
    const rows = await this.read(query, params, 'JSONEachRow');
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
    return (await this.read(query, params, 'JSONCompactEachRow')) as unknown[][];
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
    const query_params = bindable(command.params.parse(params));
    const clickhouse_settings = {
      ...this.settings(/^\s*INSERT INTO (\w+)/.exec(command.sql)?.[1]),
      insert_deduplication_token: token,
    };
    for (const query of this.rendered(command.sql)) {
      await this.write(command.name, async (client) => {
        const form = this.patient === undefined ? undefined : multipartParameters(query_params);
        if (this.patient === undefined || form === undefined) {
          return (this.patient ?? client).command({ query, query_params, clickhouse_settings });
        }
        const { stream } = await this.patient.exec({
          query,
          values: Readable.from([Buffer.from(form.body)], { objectMode: false }),
          http_headers: { 'content-type': form.contentType },
          clickhouse_settings,
        });
        return finished(stream.resume());
      });
    }
  }

  /**
   * Inserts rows as JSON: for small tables. NaN is written as null, which the column's default turns into NaN again.
   * @param token identity of the batch: the same token inserts nothing a second time
   */
  async insert(table: string, rows: readonly object[], token: string): Promise<void> {
    if (rows.length === 0) return;
    const clickhouse_settings = {
      ...this.settings(table),
      // A misspelt column of ours must not be dropped in silence.
      input_format_skip_unknown_fields: 0 as const,
      insert_deduplication_token: token,
    };
    await this.write(`insert ${table}`, (client) =>
      client.insert({ table, values: rows as object[], format: 'JSONEachRow', clickhouse_settings }),
    );
  }

  /**
   * Inserts a block in the engine's own columnar format: for the ingest path. The block is used up.
   * @param token identity of the batch: the same token inserts nothing a second time
   */
  async insertBlock(table: string, block: NativeBlock, token: string): Promise<void> {
    if (block.rows === 0) return;
    const settings = { ...this.settings(table), insert_deduplication_token: token };
    if (this.exchangeDir === undefined) {
      const query = `INSERT INTO ${table} (${block.columnNames}) FORMAT Native`;
      const bytes = block.bytes();
      block.release();
      await this.write(`insert ${table}`, async (client) => {
        const values = Readable.from([bytes], { objectMode: false });
        const { stream } = await client.exec({ query, values, clickhouse_settings: settings });
        // A reply that is not read to its end keeps its connection.
        await finished(stream.resume());
      });
      return;
    }
    // chDB takes binary formats from files only. Path and structure are ours and stand in the text, because chDB runs
    // statements with parameters one at a time in the whole process.
    const path = join(this.exchangeDir, `${randomUUID()}.native`);
    const source = `file(${literal(path)}, 'Native', ${literal(block.structure)})`;
    const query = `INSERT INTO ${table} (${block.columnNames}) SELECT ${block.columnNames} FROM ${source}`;
    try {
      await writeFile(path, block.chunks());
      await this.write(`insert ${table}`, (client) => client.command({ query, clickhouse_settings: settings }));
    } catch (error) {
      throw storageError(`insert ${table}`, error);
    } finally {
      block.release();
      await unlink(path).catch(() => undefined);
    }
  }

  /**
   * Sends a file of the given format of the engine into a table of a server. Not tried again when its outcome is unknown: its
   * blocks have no identity.
   */
  async insertFile(table: string, path: string, format: string): Promise<void> {
    const { url } = this.options;
    try {
      const { stream } = await (this.patient ?? this.readers[0].client).exec({
        query: `INSERT INTO ${table} FORMAT ${format}`,
        values: createReadStream(path),
        clickhouse_settings: { ...this.settings(table), insert_deduplication_token: table },
      });
      await finished(stream.resume());
    } catch (error) {
      throw storageError(`insert ${table}`, error, url === undefined ? undefined : addressOf(url));
    }
  }

  /**
   * Opens the way of people and dashboards to the tables of the embedded engine, to be closed before the store.
   * @throws StorageError unless the store was opened with `readers`
   */
  async openReader(limits: ReadLimits): Promise<SelectOnlyEngine> {
    if (this.anchor === undefined) {
      throw new StorageError('this store was not opened for readers', 'rejected', false);
    }
    const newSession = await engineSessions(this.options.dataDir, join(resolve(this.options.dataDir), 'engine'));
    return SelectOnlyEngine.open(newSession, this.options.database, limits);
  }

  async ping(): Promise<boolean> {
    return (await this.readers[0].client.ping({ select: true })).success;
  }

  async close(): Promise<void> {
    const clients = new Set([...this.readers, ...this.writers].map((session) => session.client));
    if (this.patient !== undefined) clients.add(this.patient);
    for (const client of clients) await client.close();
    this.anchor?.close();
  }

  private async read<P extends z.ZodType>(
    query: Pick<Query<P, z.ZodType>, 'name' | 'sql' | 'params'>,
    params: z.input<P>,
    format: 'JSONEachRow' | 'JSONCompactEachRow',
  ): Promise<unknown[]> {
    const query_params = bindable(query.params.parse(params));
    return inIdlerOf(this.readers, async (client) =>
      this.tried(query.name, async () => {
        const result = await client.query({
          query: query.sql,
          query_params,
          format,
          clickhouse_settings: this.settings(undefined),
        });
        return result.json();
      }),
    );
  }

  private async write(name: string, run: (client: ClickHouseClient) => Promise<unknown>): Promise<void> {
    await inIdlerOf(this.writers, async (client) =>
      this.tried(name, async () => {
        if (failpoints.hasSubscribers) failpoints.publish(`before ${name}`);
        await run(client);
        if (failpoints.hasSubscribers) failpoints.publish(`after ${name}`);
      }),
    );
  }

  /**
   * Runs a statement, and again where the way to a server failed, for a bounded time. Its outcome may be unknown then, which
   * does no harm: what is inserted carries the same token, and every other statement gives the same when it is run twice.
   * @throws StorageError
   */
  private async tried<T>(name: string, run: () => Promise<T>): Promise<T> {
    const { url, requestTimeoutMs = REQUEST_TIMEOUT_MS } = this.options;
    const startedMs = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (cause) {
        if (url === undefined) throw await this.embeddedFailure(name, cause);
        const error = storageError(name, cause, addressOf(url));
        const spentMs = performance.now() - startedMs;
        const again = error.retryable && isPassing(error.cause ?? error);
        // A server that is silent has cost a whole time-out already: whoever asked has other things to see to meanwhile.
        if (!again || attempt >= MAX_ATTEMPTS || spentMs >= requestTimeoutMs) throw error;
        await delay(FIRST_PAUSE_MS * 4 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  }

  /** A damaged part is named with its table; the engine's message has a path alone. */
  private async embeddedFailure(name: string, cause: unknown): Promise<StorageError> {
    const error = storageError(name, cause);
    const damage = damageOf(engineCode(error.cause), error.message);
    if (damage === undefined) return error;
    const { tableId, part, path } = damage;
    const query = 'SELECT name FROM system.tables WHERE toString(uuid) = {tableId:String}';
    const rows = await this.readers[0].client
      .query({ query, query_params: { tableId }, format: 'JSONEachRow' })
      .then(async (result) => result.json<{ readonly name: string }>())
      .catch(() => []);
    return damageError([{ table: rows[0]?.name ?? tableId, part, path }], { cause });
  }

  /** Settings of a statement. @param table that it writes to; undefined for one that only reads */
  private settings(table: string | undefined): ClickHouseSettings {
    if (this.options.url === undefined) return SETTINGS;
    const { cluster, insertQuorum } = this.options;
    return {
      ...SETTINGS,
      // A failure half-way through a reply would come after the status 200.
      wait_end_of_query: 1,
      ...(cluster !== undefined && clusterSettings(table, insertQuorum)),
    };
  }

  private rendered(sql: string): readonly string[] {
    const { cluster, database } = this.options;
    return cluster === undefined ? [sql] : renderForCluster(sql, { cluster, database });
  }
}

/** Runs a statement in the session that has less to do. */
async function inIdlerOf<T>(
  [first, second]: readonly [Session, Session],
  run: (client: ClickHouseClient) => Promise<T>,
): Promise<T> {
  const session = second.running < first.running ? second : first;
  session.running++;
  try {
    return await run(session.client);
  } finally {
    session.running--;
  }
}

/**
 * Returns the damaged parts that were moved out of the data folder.
 * @throws StorageError `damaged` when the engine has set parts aside and nobody has said that this is accepted
 */
async function seeToDamage(
  client: ClickHouseClient,
  { database, acceptDamage }: StoreOptions,
  before: ReadonlySet<string>,
  keepDir: string,
): Promise<readonly DamagedPart[]> {
  await deleteReplacedParts(client, database, before);
  if (acceptDamage === true) return removeDamage(client, database, keepDir);
  const damaged = await findPartsSetAside(client, database);
  if (damaged.length > 0) throw damageError(await markRefused(damaged));
  return [];
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

/**
 * Opens the first session of the process, by which the engine gets its users and roles.
 * @throws StorageError `locked` when another process holds the data folder
 */
async function openAnchor(dataDir: string, engineDir: string, database: string): Promise<{ close(): void }> {
  const newSession = await engineSessions(dataDir, engineDir);
  return newSession(await writeEngineAccess(join(dataDir, 'access'), database));
}
