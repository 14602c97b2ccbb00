import type { ModelReportScope } from '@plumbline/contracts';
import { timeColumns, type VersionPresence } from '@plumbline/monitoring';
import { listTrafficColumns, type Store } from '@plumbline/storage';

const HOUR_MS = 3_600_000;
const MAX_COLUMNS = 500;

export type VersionOfRange = VersionPresence & { readonly predictions: number };

/** Reads which versions answered in the range, how often, and from when to when; the newest first. */
export async function readVersions(store: Store, scope: ModelReportScope): Promise<VersionOfRange[]> {
  const grid = timeColumns(scope.fromMs, scope.toMs, HOUR_MS, MAX_COLUMNS);
  const rows = await listTrafficColumns(store, scope, grid);
  const firstColumn = Math.min(...rows.map(({ column }) => column));
  const lastColumn = Math.max(...rows.map(({ column }) => column));
  return [...new Set(rows.map(({ version }) => version))]
    .map((version) => ({ version, of: rows.filter((row) => row.version === version) }))
    .map(({ version, of }): VersionOfRange => ({
      version,
      predictions: of.reduce((sum, { predictions }) => sum + predictions, 0),
      firstMs: Math.min(...of.map(({ startMs }) => startMs)),
      lastMs: Math.max(...of.map(({ endMs }) => endMs)),
      fromStart: of.some(({ column }) => column === firstColumn),
      toEnd: of.some(({ column }) => column === lastColumn),
    }))
    .sort((left, right) => right.lastMs - left.lastMs || right.firstMs - left.firstMs);
}
