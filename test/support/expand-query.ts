/** What a query is filled in with, as Grafana and the ClickHouse data source do it. */
export interface QueryContext {
  readonly fromMs: number;
  readonly toMs: number;
  /** Width of a point, as in `$__interval_s`. */
  readonly intervalSeconds: number;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Expands macros and variables as the data source does: `$__timeFilter(c)`, `$__timeInterval(c)`, `$__fromTime`, `$__toTime`,
 * `$__interval_s`, `${name}` and `${name:singlequote}`.
 * @throws Error for what it does not know, which Grafana would send as it stands
 */
export function expandQuery(rawSql: string, { fromMs, toMs, intervalSeconds, variables }: QueryContext): string {
  const [from, to] = [fromMs, toMs].map((ms) => `toDateTime(${Math.floor(ms / 1_000)})`) as [string, string];
  const sql = rawSql
    .replace(/\$__timeFilter\(([^()]+)\)/g, (_, column: string) => `${column} >= ${from} AND ${column} <= ${to}`)
    .replace(
      /\$__timeInterval\(([^()]+)\)/g,
      (_, column: string) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalSeconds} second)`,
    )
    .replace(/\$__fromTime/g, from)
    .replace(/\$__toTime/g, to)
    .replace(/\$__interval_s/g, String(intervalSeconds))
    .replace(/\$\{(\w+)(?::(\w+))?\}/g, (whole, name: string, format: string | undefined) => {
      const value = variables[name];
      if (value === undefined) throw new Error(`no variable for ${whole}`);
      return format === 'singlequote' ? `'${value.replace(/'/g, "\\'")}'` : value;
    });
  const left = /\$[_{\w]+/.exec(sql);
  if (left !== null && !sql.includes("'$")) throw new Error(`not expanded: ${left[0]}`);
  return sql;
}
