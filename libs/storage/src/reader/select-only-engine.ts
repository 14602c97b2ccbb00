import { storageError, StorageError } from '../storage-error.js';
import { type ReadingRules, refusalOf } from './check-statement.js';
import { READABLE_TABLES, READER_ROLE, SHARED_TABLES } from './engine-access.js';
import { harmlessFunctions } from './harmless-functions.js';
import { parseSyntaxTree } from './syntax-tree.js';

/** A session of the embedded engine, as its binding gives it. */
interface EngineSession {
  queryAsync(sql: string, options: { format: string }): Promise<{ bytes(): Uint8Array }>;
  close(): void;
}

export interface ReadLimits {
  readonly executionMs: number;
  /** Of one statement, as memory of the engine. */
  readonly memoryBytes: number;
  readonly rowsRead: number;
  readonly resultRows: number;
  readonly resultBytes: number;
  /** Statements at work; others wait. */
  readonly concurrency: number;
  /** Statements that wait; more are refused. */
  readonly waiting: number;
}

export interface ReadRequest {
  readonly sql: string;
  /** Only rows of this project; of all when undefined. */
  readonly project: string | undefined;
  /** Values of `{name:Type}` in the statement. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Settings that decide how a result is written, as in `date_time_output_format`. */
  readonly formatting: ReadonlyMap<string, string>;
  /** When the statement names none. */
  readonly format: string;
}

/** A statement that a reader may not run, or cannot: with the engine's code where it is the engine that refuses. */
export class ReadRefusedError extends Error {
  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}

/** Codes of the engine: access denied, syntax error, too many queries at once. */
const ACCESS_DENIED = 497;
const SYNTAX_ERROR = 62;
const TOO_MANY = 202;

/** How a result is written: nothing here changes what is read or how much. */
const FORMATTING =
  /^(output_format_\w+|date_time_output_format|low_cardinality_allow_in_native_format|format_csv_delimiter)$/;

/** The engine's own tables that clients ask for the structure, and for what the engine can do. */
const SYSTEM_TABLES = new Set(
  ['one', 'numbers', 'databases', 'tables', 'columns', 'functions', 'settings'].map((table) => `system.${table}`),
);
const TABLE_FUNCTIONS = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'values',
  'view',
  'generate_series',
  'generateseries',
]);

/**
 * Runs statements of people and dashboards on the embedded engine: they may read the tables of Plumbline, within limits, and do
 * nothing else. Each runs in a session of its own, which takes on the role of a reader, filters tables to one project where that is
 * asked for, sets its limits, and is read-only before it sees the statement. The engine parses a statement before it runs it
 * (see refusalOf), and what runs is the text that the engine has made of what it parsed, so both are about the same.
 */
export class SelectOnlyEngine {
  private running = 0;
  private readonly queue: (() => void)[] = [];
  private closed = false;

  private constructor(
    private readonly newSession: () => EngineSession,
    private readonly database: string,
    private readonly limits: ReadLimits,
    private readonly rulesOfProject: ReadingRules,
    private readonly rulesOfAll: ReadingRules,
  ) {}

  /** @param newSession opens a session on the folder that the store has open */
  static async open(newSession: () => EngineSession, database: string, limits: ReadLimits): Promise<SelectOnlyEngine> {
    const session = newSession();
    try {
      const rows = async (sql: string): Promise<unknown[][]> => {
        const text = Buffer.from((await session.queryAsync(sql, { format: 'JSONCompactEachRow' })).bytes()).toString();
        return text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as unknown[]);
      };
      const functions = await rows('SELECT name, is_aggregate, alias_to, categories FROM system.functions');
      const combinators = await rows('SELECT name FROM system.aggregate_function_combinators');
      const isHarmless = harmlessFunctions(
        functions.map(([name, aggregate, aliasOf, category]) => ({
          name: String(name),
          aggregate: Number(aggregate) === 1,
          aliasOf: String(aliasOf),
          category: String(category),
        })),
        combinators.map(([name]) => String(name)),
      );
      const common = { database, systemTables: SYSTEM_TABLES, tableFunctions: TABLE_FUNCTIONS, isHarmless };
      const all = { ...common, tables: new Set<string>([...READABLE_TABLES, ...SHARED_TABLES]) };
      const ofProject = { ...common, tables: new Set<string>(READABLE_TABLES) };
      return new SelectOnlyEngine(newSession, database, limits, ofProject, all);
    } finally {
      session.close();
    }
  }

  /**
   * Returns the result of a statement, written in the format that it names, else in that of the request.
   * @throws ReadRefusedError
   */
  async run(request: ReadRequest): Promise<Buffer> {
    await this.turn();
    let session: EngineSession | undefined;
    try {
      if (this.closed) throw new ReadRefusedError('the server stops', TOO_MANY);
      session = this.newSession();
      return await this.runIn(session, request);
    } catch (error) {
      throw asRefusal(error);
    } finally {
      session?.close();
      this.running--;
      this.queue.shift()?.();
    }
  }

  /** Refuses what comes, and waits for what is at work. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.running > 0) await new Promise<void>((resume) => setTimeout(resume, 10));
  }

  private async turn(): Promise<void> {
    if (this.running >= this.limits.concurrency) {
      if (this.queue.length >= this.limits.waiting) {
        throw new ReadRefusedError('too many statements wait: ask again in a moment', TOO_MANY);
      }
      await new Promise<void>((resume) => this.queue.push(resume));
    }
    this.running++;
  }

  private async runIn(session: EngineSession, request: ReadRequest): Promise<Buffer> {
    const { project, parameters, formatting } = request;
    const text = async (sql: string): Promise<string> =>
      Buffer.from((await session.queryAsync(sql, { format: 'TSVRaw' })).bytes()).toString();
    await text(this.preparation(project));
    for (const [name, value] of parameters) {
      if (!/^\w+$/.test(name)) throw new ReadRefusedError(`a parameter cannot be called ${name}`, SYNTAX_ERROR);
      await text(`SET param_${name} = ${literal(value)}`);
    }
    for (const [name, value] of formatting) {
      if (FORMATTING.test(name)) await text(`SET ${name} = ${literal(value)}`);
    }
    await text('SET readonly = 1');
    // Refuses more than one statement. Without comments and with names in quotes where they need some.
    const statement = (await text(`SELECT formatQuerySingleLine(${literal(request.sql)})`)).replace(/\n$/, '');
    const tree = parseSyntaxTree(await text(`EXPLAIN AST ${statement}`));
    const refusal = refusalOf(tree, project === undefined ? this.rulesOfAll : this.rulesOfProject);
    if (refusal !== undefined) throw new ReadRefusedError(refusal, ACCESS_DENIED);
    return Buffer.from((await session.queryAsync(statement, { format: request.format })).bytes());
  }

  private preparation(project: string | undefined): string {
    const { executionMs, memoryBytes, rowsRead, resultRows, resultBytes } = this.limits;
    const filters = project === undefined ? [] : READABLE_TABLES.map((table) => this.filterOf(table, project));
    const settings = {
      max_execution_time: String(executionMs / 1_000),
      max_memory_usage: String(memoryBytes),
      max_rows_to_read: String(rowsRead),
      max_result_rows: String(resultRows),
      max_result_bytes: String(resultBytes),
      result_overflow_mode: "'throw'",
      // One core stays for the events.
      max_threads: '1',
      session_timezone: "'UTC'",
      max_ast_depth: '500',
      max_ast_elements: '20000',
      additional_table_filters: `{${filters.join(', ')}}`,
      allow_introspection_functions: '0',
    };
    const assignments = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    return `USE ${identifier(this.database)}; SET ${assignments.join(', ')}; SET ROLE ${READER_ROLE}`;
  }

  private filterOf(table: string, project: string): string {
    return `${literal(`${this.database}.${table}`)}: ${literal(`project = ${literal(project)}`)}`;
  }
}

function asRefusal(error: unknown): Error {
  if (error instanceof ReadRefusedError || error instanceof StorageError) return error;
  if (error instanceof RangeError) return new ReadRefusedError(error.message, SYNTAX_ERROR);
  const message = error instanceof Error ? error.message : String(error);
  const code = /Code: (\d+)/.exec(message)?.[1];
  return code === undefined ? storageError('read', error) : new ReadRefusedError(message, Number(code));
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function identifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}
