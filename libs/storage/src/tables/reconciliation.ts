import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant } from '../row-types.js';
import type { Store } from '../store.js';
import type { ModelKey } from './model-key.js';

/** Says that a reconcile that was asked for is done. Saying it twice is saying it once. */
export async function insertReconciliation(
  store: Store,
  { project, model }: ModelKey,
  requestId: string,
  finishedAtMs: number,
): Promise<void> {
  const row = { request_id: requestId, project, model, finished_at: instant(finishedAtMs) };
  await store.insert('reconciliation', [row], `reconciliation:${requestId}`);
}

const selectFinished = defineQuery({
  name: 'select finished reconciliations',
  sql: 'SELECT DISTINCT request_id FROM reconciliation WHERE request_id IN {request_ids:Array(String)}',
  params: z.object({ request_ids: z.array(z.string()) }),
  row: z.object({ request_id: z.string() }).transform((values) => values.request_id),
});

/** Returns those of the requests that are done. */
export async function findFinishedReconciliations(
  store: Store,
  requestIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (requestIds.length === 0) return new Set();
  return new Set(await store.query(selectFinished, { request_ids: [...requestIds] }));
}
