import type { SelectOnlyEngine, Store } from '@plumbline/storage';
import { expandQuery, type QueryContext } from './expand-query.js';

const MEBIBYTE = 1024 * 1024;

/** What a query of a dashboard gave and cost. */
export interface GrafanaReply {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** As the engine counts them: whole granules of the tables, those of subqueries included. */
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedMs: number;
}

/** Opens the tables as the read-only ClickHouse interface does, with its limits. */
export async function openAsGrafana(store: Store): Promise<SelectOnlyEngine> {
  return store.openReader({
    executionMs: 30_000,
    memoryBytes: 1024 * MEBIBYTE,
    rowsRead: 500_000_000,
    resultRows: 1_000_000,
    resultBytes: 256 * MEBIBYTE,
    concurrency: 2,
    waiting: 64,
  });
}

/** Runs a query of a dashboard with its macros and variables filled in. @throws ReadRefusedError with the engine's words */
export async function askAsGrafana(
  engine: SelectOnlyEngine,
  rawSql: string,
  context: QueryContext,
): Promise<GrafanaReply> {
  const started = performance.now();
  const reply = await engine.run({
    sql: expandQuery(rawSql, context),
    project: undefined,
    parameters: new Map(),
    formatting: new Map(),
    format: 'JSON',
  });
  const elapsedMs = performance.now() - started;
  const { data, statistics } = JSON.parse(reply.toString()) as {
    data: Record<string, unknown>[];
    statistics: { rows_read: number; bytes_read: number };
  };
  return { rows: data, rowsRead: statistics.rows_read, bytesRead: statistics.bytes_read, elapsedMs };
}
