import type { FeatureKind, ReferenceChunk } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { flag, float, integer, second } from '../row-types.js';
import type { Store } from '../store.js';
import { ENGINE_FORMATS } from './engine-format.js';
import { columnName, describeFile, type SourceFile } from './source-file.js';
import { unreadable } from './unreadable-source-error.js';

/** Where a reference is read from: a file that the engine parses, or past predictions of one version. */
export type ReferenceSource =
  | SourceFile
  | {
      readonly type: 'range';
      readonly project: string;
      readonly model: string;
      readonly version: string;
      readonly fromMs: number;
      readonly toMs: number;
    };

const timeParams = { timestamp: z.string(), timed: z.boolean() };
const fileParams = { path: z.string(), format: z.string(), column: z.string(), ...timeParams };
const tableParams = { table: z.string(), column: z.string(), ...timeParams };
const rangeParams = {
  project: z.string(),
  model: z.string(),
  version: z.string(),
  from: z.number().transform(second),
  to: z.number().transform(second),
  column: z.string(),
};

/** One thread reads the rows as they come; several would number them as they please. */
const IN_ORDER = 'max_threads = 1, input_format_parquet_preserve_order = 1';

/**
 * What is read of a row of a file: the column as text, and the place of the row in the order of chunks: its time where there is one, rows
 * without come last, then the order of the file. A file may have columns of any name, which an alias would hide: so these are unlikely.
 */
const cellsOf = (file: string): string => `
  SELECT toString({column:Identifier}) AS plumbline_text,
    if({timed:Bool}, coalesce(toFloat64OrNull(toString({timestamp:Identifier})),
      toFloat64(toUnixTimestamp64Micro(parseDateTime64BestEffortOrNull(toString({timestamp:Identifier}), 6, 'UTC'))), 1e300), 0) AS plumbline_at,
    rowNumberInAllBlocks() AS plumbline_tie
  FROM ${file}`;
const PLACE_IN_RANGE = 'toFloat64(toUnixTimestamp64Milli(p.timestamp)) AS at, murmurHash3_32(p.prediction_id) AS tie';

/**
 * Relations of one column `x`. A text that is no number gives NULL in `x` and 1 in `bad`. Of a range, `$prediction` and
 * `$score` are columns too. `(at, tie)` orders the rows. Adding 0 makes a minus zero a zero: they are equal, and written apart.
 */
const rowsOf = (file: string) => ({
  number: `SELECT if(isNaN(v), NULL, v + 0) AS x, v IS NULL AND raw IS NOT NULL AND raw != '' AS bad, at, tie
           FROM (SELECT plumbline_text AS raw, toFloat64OrNull(plumbline_text) AS v, plumbline_at AS at, plumbline_tie AS tie
                 FROM (${cellsOf(file)}))`,
  text: `SELECT nullIf(plumbline_text, '') AS x, plumbline_at AS at, plumbline_tie AS tie FROM (${cellsOf(file)})`,
});
const relations = {
  file: { params: fileParams, ...rowsOf('file({path:String}, {format:String})') },
  table: { params: tableParams, ...rowsOf('{table:Identifier}') },
  range: {
    params: rangeParams,
    number: `SELECT multiIf({column:String} = '$prediction', if(isNaN(p.value), NULL, p.value + 0),
                            {column:String} = '$score', if(isNaN(p.score), NULL, p.score + 0),
                            position = 0 OR isNaN(p.numbers[position]), NULL, p.numbers[position] + 0) AS x, 0 AS bad,
                    ${PLACE_IN_RANGE}
             FROM (SELECT *, indexOf(s.number_names, {column:String}) AS position FROM prediction AS p FINAL
                   INNER JOIN (SELECT * FROM feature_schema FINAL) AS s USING schema_id
                   WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
                     AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')}) AS p`,
    text: `SELECT multiIf({column:String} = '$prediction', nullIf(p.label, ''),
                          position = 0 OR p.texts[position] = char(0), NULL, toString(p.texts[position])) AS x,
                  ${PLACE_IN_RANGE}
           FROM (SELECT *, indexOf(arrayConcat(s.text_names, s.boolean_names), {column:String}) AS position FROM prediction AS p FINAL
                 INNER JOIN (SELECT * FROM feature_schema FINAL) AS s USING schema_id
                 WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
                   AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')}) AS p`,
  },
} as const;

function relationOf(source: ReferenceSource): keyof typeof relations {
  return source.type === 'file' && source.table !== undefined ? 'table' : source.type;
}

/** @param timestamp column of a file that orders its rows; undefined to keep their own order */
function bind(source: ReferenceSource, column: string, timestamp: string | undefined): Record<string, unknown> {
  if (source.type === 'file') {
    // A column must be named even where its value is not used.
    const time = { timestamp: columnName(source, timestamp ?? column), timed: timestamp !== undefined };
    return source.table === undefined
      ? { path: source.path, format: ENGINE_FORMATS[source.format], column, ...time }
      : { table: source.table.name, column: columnName(source, column), ...time };
  }
  const { project, model, version, fromMs, toMs } = source;
  return { project, model, version, from: fromMs, to: toMs, column };
}

/** Runs one query over the source, and says which column and row the engine could not read. */
async function read<E extends z.ZodRawShape, R extends z.ZodType>(
  store: Store,
  source: ReferenceSource,
  column: string,
  query: {
    readonly name: string;
    readonly sql: (relation: (typeof relations)[keyof typeof relations]) => string;
    readonly params: E;
    readonly row: R;
  },
  extra: Record<string, unknown>,
  timestamp?: string,
): Promise<z.output<R>[]> {
  const relation = relations[relationOf(source)];
  const params: z.ZodType<Record<string, unknown>, Record<string, unknown>> = z.object({
    ...relation.params,
    ...query.params,
  });
  const definition = defineQuery({ name: query.name, sql: query.sql(relation), params, row: query.row });
  try {
    return await store.query(definition, { ...bind(source, column, timestamp), ...extra });
  } catch (error) {
    throw unreadable(error, column);
  }
}

export interface SourceColumn {
  readonly name: string;
  /** Kind that the column's type suggests; undefined for types that are no feature (dates, arrays, …). */
  readonly kind: FeatureKind | undefined;
}

/** Columns of a file, in their order. @throws UnreadableSourceError when it is not a file of that format */
export async function describeSourceFile(store: Store, file: SourceFile): Promise<SourceColumn[]> {
  return (await describeFile(store, file)).map(({ name, type }) => ({ name, kind: kindOfType(type) }));
}

function kindOfType(type: string): FeatureKind | undefined {
  const plain = type.replace(/^(Nullable|LowCardinality)\(/, '').replace(/^Nullable\(/, '');
  if (/^(U?Int|Float|BFloat|Decimal)/.test(plain)) return 'numeric';
  if (/^Bool/.test(plain)) return 'boolean';
  return /^(String|FixedString|Enum|UUID)/.test(plain) ? 'categorical' : undefined;
}

export interface NumberSummary {
  readonly rows: number;
  readonly missing: number;
  /** Infinities. */
  readonly invalid: number;
  /** Texts that are no number; `badRow` is the first of them, from 1. */
  readonly bad: number;
  readonly badRow: number;
  readonly distinct: number;
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  /** All distinct values ascending when there are at most 120, else empty. */
  readonly values: readonly number[];
}

const numberSummary = {
  name: 'summarize number column',
  sql: (relation: { readonly number: string }) => `
    SELECT count() AS rows, countIf(x IS NULL AND NOT bad) AS missing, countIf(isInfinite(x)) AS invalid, countIf(bad) AS bad_rows,
      minIf(row, bad) AS bad_row, uniqExactIf(x, isFinite(x)) AS distinct_values,
      avgIf(x, isFinite(x)) AS mean, stddevPopStableIf(x, isFinite(x)) AS std, minIf(x, isFinite(x)) AS least,
      maxIf(x, isFinite(x)) AS most, if(distinct_values <= 120, arraySort(groupUniqArrayIf(121)(x, isFinite(x))), []) AS value_list
    FROM (SELECT x, bad, rowNumberInAllBlocks() + 1 AS row FROM (${relation.number}))
    SETTINGS max_threads = 1`,
  params: {},
  row: z
    .object({
      rows: integer,
      missing: integer,
      invalid: integer,
      bad_rows: integer,
      bad_row: integer,
      distinct_values: integer,
      mean: float,
      std: float,
      least: float,
      most: float,
      value_list: z.array(z.number().nullable()),
    })
    .transform((row): NumberSummary => ({
      rows: row.rows,
      missing: row.missing,
      invalid: row.invalid,
      bad: row.bad_rows,
      badRow: row.bad_row,
      distinct: row.distinct_values,
      mean: row.mean,
      std: row.std,
      min: row.least,
      max: row.most,
      values: row.value_list.map(Number),
    })),
};

/** Counts and moments of a numeric column over its finite values. @throws UnreadableSourceError */
export async function summarizeNumbers(store: Store, source: ReferenceSource, column: string): Promise<NumberSummary> {
  return (await read(store, source, column, numberSummary, {}))[0]!;
}

// Not by an index into one sorted array: the engine copies such an array for each of the positions.
const orderStatistics = {
  name: 'select order statistics',
  sql: (relation: { readonly number: string }) => `
    SELECT place, value FROM (
      SELECT value, rowNumberInAllBlocks() AS place
      FROM (SELECT assumeNotNull(x) AS value FROM (${relation.number}) WHERE isFinite(x) ORDER BY value))
    WHERE place IN ({positions:Array(UInt64)}) SETTINGS max_threads = 1`,
  params: { positions: z.array(z.number()) },
  row: z.object({ place: integer, value: z.number() }),
};

/** Finite values of the column at the given positions (from 0) of their ascending order. */
export async function selectOrderStatistics(
  store: Store,
  source: ReferenceSource,
  column: string,
  positions: readonly number[],
): Promise<number[]> {
  const rows = await read(store, source, column, orderStatistics, { positions: [...positions] });
  const values = new Map(rows.map(({ place, value }) => [place, value]));
  return positions.map((position) => values.get(position)!);
}

/** How the rows of a source are cut into chunks: chunk k begins with the row at the k-th of the bounds. */
export interface ChunkCut {
  /** Column of a file that orders its rows; undefined where they keep their own order. */
  readonly timestamp: string | undefined;
  readonly at: readonly number[];
  readonly tie: readonly number[];
}

// Not by an index into one sorted array: the engine copies such an array for each of the positions.
const chunkBounds = {
  name: 'select bounds of chunks',
  sql: (relation: { readonly number: string }) => `
    WITH (SELECT count() FROM (${relation.number})) AS total
    SELECT at, tie, place FROM (
      SELECT at, tie, rowNumberInAllBlocks() AS place FROM (SELECT at, tie FROM (${relation.number}) ORDER BY at, tie))
    WHERE place IN (SELECT intDiv(arrayJoin(range(1, {chunks:UInt64})) * total, {chunks:UInt64})) ORDER BY place SETTINGS ${IN_ORDER}`,
  params: { chunks: z.number() },
  row: z.object({ at: z.number(), tie: integer, place: integer }),
};

/**
 * Cuts the rows into chunks of equal size (give or take one row), in the order of time where they have one.
 * @param column any column of the source
 * @param timestamp column of a file with the times of its rows, as numbers or as texts that the engine can read
 */
export async function cutIntoChunks(
  store: Store,
  source: ReferenceSource,
  column: string,
  timestamp: string | undefined,
  chunks: number,
): Promise<ChunkCut> {
  const rows = await read(store, source, column, chunkBounds, { chunks }, timestamp);
  return { timestamp, at: rows.map(({ at }) => at), tie: rows.map(({ tie }) => tie) };
}

const CHUNK =
  'arrayCount((bound_at, bound_tie) -> (bound_at, bound_tie) <= (at, tie), arrayMap(text -> toFloat64(text), {at:Array(String)}), {tie:Array(UInt64)})';
const chunkParams = {
  at: z.array(z.number()).transform((values) => values.map(String)),
  tie: z.array(z.number()),
};

const numberChunks = {
  name: 'count numbers per chunk and bin',
  sql: (relation: { readonly number: string }) => `
    SELECT ${CHUNK} AS chunk, multiIf(x IS NULL, 'missing', isInfinite(x), 'invalid', 'valid') AS state,
           if(state = 'valid', roundDown(assumeNotNull(x), arrayConcat([-inf], arrayMap(edge -> toFloat64(edge), {edges:Array(String)}))), 0) AS lower,
           count() AS n, sumIf(x, state = 'valid') AS total, sumIf(x * x, state = 'valid') AS squares,
           minIf(x, state = 'valid') AS least, maxIf(x, state = 'valid') AS most
    FROM (${relation.number}) GROUP BY chunk, state, lower SETTINGS ${IN_ORDER}`,
  params: { ...chunkParams, edges: z.array(z.number()).transform((edges) => edges.map(String)) },
  row: z.object({
    chunk: integer,
    state: z.enum(['missing', 'invalid', 'valid']),
    lower: float,
    n: integer,
    total: float,
    squares: float,
    least: float,
    most: float,
  }),
};

/** The column in each chunk that has rows: finite values per bin [edges[i-1], edges[i]), outer bins open, and their moments. */
export async function countNumberChunks(
  store: Store,
  source: ReferenceSource,
  column: string,
  edges: readonly number[],
  { timestamp, at, tie }: ChunkCut,
): Promise<ReferenceChunk[]> {
  const extra = { edges: [...edges], at: [...at], tie: [...tie] };
  const rows = await read(store, source, column, numberChunks, extra, timestamp);
  const positions = new Map(edges.map((edge, index) => [edge, index + 1]));
  const chunks = emptyChunks(at.length + 1, edges.length + 1);
  for (const { chunk, state, lower, n, total, squares, least, most } of rows) {
    const open = chunks[chunk]!;
    if (state !== 'valid') open[state] += n;
    else {
      open.counts[lower === -Infinity ? 0 : positions.get(lower)!]! += n;
      open.n += n;
      open.sum += total;
      open.sumSquares += squares;
      open.min = Math.min(open.min, least);
      open.max = Math.max(open.max, most);
    }
  }
  return chunks.filter(hasRows).map((chunk) => ({
    ...chunk,
    sum: finiteOrNaN(chunk.sum),
    sumSquares: finiteOrNaN(chunk.sumSquares),
  }));
}

const categoryChunks = {
  name: 'count categories per chunk',
  sql: (relation: { readonly text: string }) => `
    SELECT ${CHUNK} AS chunk, x IS NULL AS absent, indexOf({categories:Array(String)}, ifNull(x, '')) AS position, count() AS n
    FROM (${relation.text}) GROUP BY chunk, absent, position SETTINGS ${IN_ORDER}`,
  params: { ...chunkParams, categories: z.array(z.string()) },
  row: z.object({ chunk: integer, absent: flag, position: integer, n: integer }),
};

/** The column in each chunk that has rows: rows per category in the given order, then of any other, then 0 for unseen ones. */
export async function countCategoryChunks(
  store: Store,
  source: ReferenceSource,
  column: string,
  categories: readonly string[],
  { timestamp, at, tie }: ChunkCut,
): Promise<ReferenceChunk[]> {
  const extra = { categories: [...categories], at: [...at], tie: [...tie] };
  const rows = await read(store, source, column, categoryChunks, extra, timestamp);
  const chunks = emptyChunks(at.length + 1, categories.length + 2);
  for (const { chunk, absent, position, n } of rows) {
    const open = chunks[chunk]!;
    if (absent) open.missing += n;
    else {
      open.counts[position === 0 ? categories.length : position - 1]! += n;
      open.n += n;
    }
  }
  return chunks.filter(hasRows).map((chunk) => ({ ...chunk, min: 0, max: 0 }));
}

function emptyChunks(chunks: number, bins: number) {
  return Array.from({ length: chunks }, () => ({
    counts: new Array<number>(bins).fill(0),
    n: 0,
    missing: 0,
    invalid: 0,
    sum: 0,
    sumSquares: 0,
    min: Infinity,
    max: -Infinity,
  }));
}

function finiteOrNaN(value: number): number {
  return Number.isFinite(value) ? value : NaN;
}

function hasRows({ n, missing, invalid }: ReferenceChunk): boolean {
  return n + missing + invalid > 0;
}

export interface CategorySummary {
  readonly rows: number;
  readonly missing: number;
  readonly distinct: number;
  /** Categories of exactly one row. */
  readonly singletons: number;
  /** The most frequent ones, most frequent first, ties in text order. */
  readonly categories: readonly { readonly category: string; readonly n: number }[];
  /** MurmurHash3 of the categories beyond these, ascending. */
  readonly otherHashes: readonly number[];
}

const categorySummary = {
  name: 'summarize categories',
  sql: (relation: { readonly text: string }) => `
    WITH ranked AS (SELECT x AS category, count() AS n FROM (${relation.text}) WHERE x IS NOT NULL GROUP BY category
                    ORDER BY n DESC, category)
    SELECT (SELECT count() FROM (${relation.text})) AS rows,
           (SELECT count() FROM (${relation.text}) WHERE x IS NULL) AS missing,
           count() AS distinct_values, countIf(n = 1) AS singletons,
           groupArray((assumeNotNull(category), n)) AS all_pairs,
           arraySlice(all_pairs, 1, {limit:UInt32}) AS pairs,
           arraySort(arrayDistinct(arrayMap(pair -> murmurHash3_32(pair.1), arraySlice(all_pairs, {limit:UInt32} + 1)))) AS others
    FROM ranked`,
  params: { limit: z.number() },
  row: z
    .object({
      rows: integer,
      missing: integer,
      distinct_values: integer,
      singletons: integer,
      pairs: z.array(z.tuple([z.string(), integer])),
      others: z.array(z.number()),
    })
    .transform((row): CategorySummary => ({
      rows: row.rows,
      missing: row.missing,
      distinct: row.distinct_values,
      singletons: row.singletons,
      categories: row.pairs.map(([category, n]) => ({ category, n })),
      otherHashes: row.others,
    })),
};

/** Categories of a column as text. @param limit how many are listed one by one */
export async function summarizeCategories(
  store: Store,
  source: ReferenceSource,
  column: string,
  limit: number,
): Promise<CategorySummary> {
  return (await read(store, source, column, categorySummary, { limit }))[0]!;
}

const rangeColumns = defineQuery({
  name: 'select features of a range',
  sql: `SELECT arrayDistinct(arrayFlatten(groupArray(number_names))) AS numbers,
               arrayDistinct(arrayFlatten(groupArray(text_names))) AS texts,
               arrayDistinct(arrayFlatten(groupArray(boolean_names))) AS booleans
        FROM feature_schema FINAL WHERE schema_id IN (
          SELECT DISTINCT schema_id FROM prediction
          WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
            AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')})`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    version: z.string(),
    from: z.number().transform(second),
    to: z.number().transform(second),
  }),
  row: z.object({ numbers: z.array(z.string()), texts: z.array(z.string()), booleans: z.array(z.string()) }),
});

/** Features that predictions of the range were stored with. */
export async function describeSourceRange(
  store: Store,
  source: Extract<ReferenceSource, { type: 'range' }>,
): Promise<SourceColumn[]> {
  const { project, model, version, fromMs, toMs } = source;
  const row = (await store.query(rangeColumns, { project, model, version, from: fromMs, to: toMs }))[0]!;
  const columns = (names: readonly string[], kind: FeatureKind): SourceColumn[] =>
    names.map((name) => ({ name, kind }));
  return [
    ...columns(row.numbers, 'numeric'),
    ...columns(row.texts, 'categorical'),
    ...columns(row.booleans, 'boolean'),
  ];
}
