import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';

/** A query of the ClickHouse data source, in its SQL editor. */
interface ClickhouseQuery {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly editorType: 'sql';
  readonly rawSql: string;
  readonly queryType: 'timeseries' | 'table';
  /** 0: time series, 1: table. */
  readonly format: 0 | 1;
  _implementsDataqueryVariant(): void;
}

/** The data source that the viewer has chosen, of ClickHouse. */
export const CLICKHOUSE = { type: 'grafana-clickhouse-datasource', uid: '${datasource}' } as const;
export const PROMETHEUS = { type: 'prometheus', uid: '${prometheus}' } as const;

/** Makes a query of a panel; the text may be indented as the code is. */
export function sql(rawSql: string, as: 'timeseries' | 'table' = 'timeseries', refId = 'A'): Builder<Dataquery> {
  const query: ClickhouseQuery = {
    refId,
    datasource: CLICKHOUSE,
    editorType: 'sql',
    rawSql: rawSql.trim().replace(/\n\s+/g, '\n'),
    queryType: as,
    format: as === 'table' ? 1 : 0,
    _implementsDataqueryVariant: () => undefined,
  };
  return { build: () => query };
}
