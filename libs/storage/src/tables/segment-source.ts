import type { ReferenceSeries } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, integer, second } from '../row-types.js';
import type { Store } from '../store.js';
import { ENGINE_FORMATS } from './engine-format.js';
import type { ReferenceSource } from './reference-source.js';
import { columnName, type SourceFile } from './source-file.js';
import { unreadable } from './unreadable-source-error.js';

/** A column of a file that segments are told by; a numeric one is compared as a number, the others as text. */
export interface SegmentColumn {
  readonly column: string;
  readonly numeric: boolean;
}

/** A number has `from` (inclusive) and `to` (exclusive); a text is equal or it is not. */
export type SegmentCondition = SegmentColumn &
  ({ readonly equals: string } | { readonly from: number; readonly to: number });

/** Segments of a file: a slice of the rows for which all conditions hold, or one for each value, named by prefix and value. */
export type SourceSegments =
  | { readonly segment: string; readonly conditions: readonly SegmentCondition[] }
  | {
      readonly prefix: string;
      readonly other: string;
      readonly by: SegmentColumn;
      readonly values: readonly string[];
    };

/** What the rows of a segment add up to over the bins of the reference. */
export interface SegmentCounts {
  readonly counts: readonly number[];
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly min: number;
  readonly max: number;
}

/** Where a series of the reference is read from. */
export interface SegmentSeriesSource {
  readonly series: ReferenceSeries;
  readonly column: string;
  /** Classes are written as 1 and 0 where a file says true and false. */
  readonly isClass: boolean;
}

interface Part {
  readonly sql: string;
  readonly shape: z.ZodRawShape;
  readonly values: Readonly<Record<string, unknown>>;
}

const rangeShape = {
  project: z.string(),
  model: z.string(),
  version: z.string(),
  from: z.number().transform(second),
  to: z.number().transform(second),
  column: z.string(),
};

/** Rows `(x, segments)` of past predictions: the segments are those that they were stored with. */
function rowsOfRange(source: Extract<ReferenceSource, { type: 'range' }>, column: string, numeric: boolean): Part {
  const { project, model, version, fromMs, toMs } = source;
  const x = numeric
    ? `multiIf({column:String} = '$prediction', if(isNaN(p.value), NULL, p.value),
         {column:String} = '$score', if(isNaN(p.score), NULL, p.score),
         position = 0 OR isNaN(p.numbers[position]), NULL, p.numbers[position])`
    : `multiIf({column:String} = '$prediction', nullIf(p.label, ''),
         position = 0 OR p.texts[position] = char(0), NULL, toString(p.texts[position]))`;
  const names = numeric ? 's.number_names' : 'arrayConcat(s.text_names, s.boolean_names)';
  return {
    sql: `SELECT ${x} AS x, p.segments AS segments
          FROM (SELECT *, indexOf(${names}, {column:String}) AS position FROM prediction AS p FINAL
                INNER JOIN (SELECT * FROM feature_schema FINAL) AS s USING schema_id
                WHERE project = {project:String} AND model = {model:String} AND version = {version:String}
                  AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')}) AS p`,
    shape: rangeShape,
    values: { project, model, version, from: fromMs, to: toMs, column },
  };
}

function relation(source: SourceFile): Part {
  return source.table === undefined
    ? {
        sql: 'file({path:String}, {format:String})',
        shape: { path: z.string(), format: z.string() },
        values: { path: source.path, format: ENGINE_FORMATS[source.format] },
      }
    : { sql: '{table:Identifier}', shape: { table: z.string() }, values: { table: source.table.name } };
}

const OWN_VALUE = '`value of the series, for segments`';
const OWN_SEGMENTS = '`segments of the row`';

const number = (column: string): string => `toFloat64OrNull(toString({${column}:Identifier}))`;
const text = (column: string): string => `nullIf(toString({${column}:Identifier}), '')`;
/** A number as its shortest text, as events name it; undefined ones and infinities are no value. */
const valueOf = ({ numeric }: SegmentColumn, column: string): string =>
  numeric ? `if(isFinite(${number(column)}), toString(${number(column)}), NULL)` : text(column);

/** An expression for the names of the segments of a row. Whatever was declared stands in parameters. */
function segmentsExpression(source: SourceFile, segments: readonly SourceSegments[]): Part {
  const shape: Record<string, z.ZodType> = {};
  const values: Record<string, unknown> = {};
  const bind = (name: string, type: z.ZodType, value: unknown): string => {
    shape[name] = type;
    values[name] = value;
    return name;
  };
  const column = (name: string, value: string): string => bind(name, z.string(), columnName(source, value));
  const terms = segments.map((each, i) => {
    if ('by' in each) {
      const value = valueOf(each.by, column(`s${i}`, each.by.column));
      const own = bind(`s${i}_values`, z.array(z.string()), [...each.values]);
      const prefix = bind(`s${i}_prefix`, z.string(), each.prefix);
      const other = bind(`s${i}_other`, z.string(), each.other);
      return `multiIf(${value} IS NULL, [], has({${own}:Array(String)}, assumeNotNull(${value})),
        [concat({${prefix}:String}, assumeNotNull(${value}))], [{${other}:String}])`;
    }
    const conditions = each.conditions.map((condition, j) => {
      const name = column(`s${i}_${j}`, condition.column);
      if ('equals' in condition) {
        const equals = bind(`s${i}_${j}_equals`, z.string(), condition.equals);
        return `ifNull(${valueOf(condition, name)} = {${equals}:String}, 0)`;
      }
      const from = bind(`s${i}_${j}_from`, z.string(), String(condition.from));
      const to = bind(`s${i}_${j}_to`, z.string(), String(condition.to));
      return `ifNull(${number(name)} >= toFloat64({${from}:String}) AND ${number(name)} < toFloat64({${to}:String}), 0)`;
    });
    const name = bind(`s${i}_name`, z.string(), each.segment);
    return `if(${conditions.join(' AND ')}, [{${name}:String}], [])`;
  });
  return { sql: `arrayConcat(${terms.map((term) => `(${term})`).join(', ')})`, shape, values };
}

/** Rows `(x, segments)` of a file. */
function rowsOfFile(source: SourceFile, segments: readonly SourceSegments[], column: string, numeric: boolean): Part {
  const rows = relation(source);
  const names = segmentsExpression(source, segments);
  return {
    // Inner names that no column has: an alias would hide a column of that name from the conditions.
    sql: `SELECT ${OWN_VALUE} AS x, ${OWN_SEGMENTS} AS segments FROM (
            SELECT ${numeric ? number('x_column') : text('x_column')} AS ${OWN_VALUE}, ${names.sql} AS ${OWN_SEGMENTS} FROM ${rows.sql})`,
    shape: { ...rows.shape, ...names.shape, x_column: z.string() },
    values: { ...rows.values, ...names.values, x_column: columnName(source, column) },
  };
}

const numberRow = z.object({
  segment: z.string(),
  slot: z.number(),
  lower: float,
  n: integer,
  sum: float,
  sum_squares: float,
  least: float,
  most: float,
});
const textRow = z.object({ segment: z.string(), slot: integer, n: integer });

/**
 * Counts of one series of the reference in each segment, over the bins of the series; segments without rows are left out.
 * @param segments of a file; predictions of a range are in the segments that they were stored with
 * @throws UnreadableSourceError
 */
export async function countSegments(
  store: Store,
  source: ReferenceSource,
  segments: readonly SourceSegments[],
  { series, column, isClass }: SegmentSeriesSource,
): Promise<Map<string, SegmentCounts>> {
  const numeric = series.kind === 'numeric';
  const rows =
    source.type === 'range' ? rowsOfRange(source, column, numeric) : rowsOfFile(source, segments, column, numeric);
  try {
    return numeric ? await countNumbers(store, rows, series) : await countTexts(store, rows, series, isClass);
  } catch (error) {
    throw unreadable(error, column);
  }
}

async function countNumbers(store: Store, rows: Part, { edges }: ReferenceSeries): Promise<Map<string, SegmentCounts>> {
  const query = defineQuery({
    name: 'count numbers of segments',
    sql: `SELECT segment, slot, lower, count() AS n, sum(v) AS sum, sum(v * v) AS sum_squares, min(v) AS least, max(v) AS most
          FROM (SELECT segment, multiIf(x IS NULL OR isNaN(x), 0, isInfinite(x), 1, 2) AS slot,
                  if(slot = 2, assumeNotNull(x), 0) AS v,
                  if(slot = 2, roundDown(v, arrayConcat([-inf], arrayMap(edge -> toFloat64(edge), {edges:Array(String)}))), 0) AS lower
                FROM (${rows.sql}) ARRAY JOIN segments AS segment)
          GROUP BY segment, slot, lower`,
    params: z.object({ ...rows.shape, edges: z.array(z.number()).transform((values) => values.map(String)) }),
    row: numberRow,
  });
  const positions = new Map(edges.map((edge, index) => [edge, index + 1]));
  const found = new Map<string, SegmentCounts & { counts: number[] }>();
  for (const row of await store.query(query, { ...rows.values, edges: [...edges] })) {
    const before = found.get(row.segment) ?? emptyCounts(edges.length + 1);
    found.set(row.segment, before);
    if (row.slot === 0) found.set(row.segment, { ...before, missing: before.missing + row.n });
    else if (row.slot === 1) found.set(row.segment, { ...before, invalid: before.invalid + row.n });
    else {
      before.counts[row.lower === -Infinity ? 0 : positions.get(row.lower)!]! += row.n;
      found.set(row.segment, {
        ...before,
        n: before.n + row.n,
        sum: before.sum + row.sum,
        sumSquares: before.sumSquares + row.sum_squares,
        min: Math.min(before.min, row.least),
        max: Math.max(before.max, row.most),
      });
    }
  }
  return found;
}

/** Bins of a categorical series: the listed categories, "other", "unseen". The reference has seen all of its own. */
async function countTexts(
  store: Store,
  rows: Part,
  { categories }: ReferenceSeries,
  isClass: boolean,
): Promise<Map<string, SegmentCounts>> {
  const value = isClass ? `multiIf(x = 'true', '1', x = 'false', '0', x)` : 'x';
  const query = defineQuery({
    name: 'count categories of segments',
    sql: `SELECT segment, if(x IS NULL, 0, if(position = 0, {others:UInt32}, position)) AS slot, count() AS n
          FROM (SELECT segment, x, indexOf({categories:Array(String)}, ifNull(${value}, '')) AS position
                FROM (${rows.sql}) ARRAY JOIN segments AS segment)
          GROUP BY segment, slot`,
    params: z.object({ ...rows.shape, categories: z.array(z.string()), others: z.number() }),
    row: textRow,
  });
  const found = new Map<string, SegmentCounts & { counts: number[] }>();
  const others = categories.length + 1;
  for (const { segment, slot, n } of await store.query(query, {
    ...rows.values,
    categories: [...categories],
    others,
  })) {
    const before = found.get(segment) ?? emptyCounts(categories.length + 2);
    if (slot === 0) found.set(segment, { ...before, missing: before.missing + n });
    else {
      before.counts[slot - 1]! += n;
      found.set(segment, { ...before, n: before.n + n });
    }
  }
  return found;
}

function emptyCounts(bins: number): SegmentCounts & { counts: number[] } {
  return {
    counts: new Array<number>(bins).fill(0),
    ...{ n: 0, missing: 0, invalid: 0, sum: 0, sumSquares: 0, min: Infinity, max: -Infinity },
  };
}

/** The most frequent values of a column of a file, most frequent first, ties in text order. @throws UnreadableSourceError */
export async function selectSegmentValues(
  store: Store,
  source: SourceFile,
  by: SegmentColumn,
  limit: number,
): Promise<string[]> {
  const rows = relation(source);
  const query = defineQuery({
    name: 'select segment values of a file',
    sql: `SELECT assumeNotNull(${OWN_VALUE}) AS value FROM (SELECT ${valueOf(by, 'by_column')} AS ${OWN_VALUE} FROM ${rows.sql})
          WHERE ${OWN_VALUE} IS NOT NULL
          GROUP BY value ORDER BY count() DESC, value LIMIT {limit:UInt32}`,
    params: z.object({ ...rows.shape, by_column: z.string(), limit: z.number() }),
    row: z.object({ value: z.string() }),
  });
  try {
    const found = await store.query(query, { ...rows.values, by_column: columnName(source, by.column), limit });
    return found.map(({ value }) => value);
  } catch (error) {
    throw unreadable(error, by.column);
  }
}
