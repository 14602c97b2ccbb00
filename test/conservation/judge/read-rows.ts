import type { Store } from '@plumbline/storage';
import { z } from 'zod';

/**
 * Returns the rows of a query of the judge's own, as arrays of column values: what it reads must not go through the code that it
 * judges. 64-bit integers come as numbers.
 */
export async function readRows(store: Store, sql: string, params: Record<string, string> = {}): Promise<unknown[][]> {
  return store.queryCompact({ name: 'judge', sql, params: z.record(z.string(), z.string()) }, params);
}

/** The one project of a run without API keys. */
export const PROJECT = 'default';
