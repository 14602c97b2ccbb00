import { z } from 'zod';
import { defineQuery } from '../query.js';
import { millis } from '../row-types.js';
import type { Store } from '../store.js';
import type { ModelKey } from './model-key.js';

const selectLast = defineQuery({
  name: 'select last evaluation',
  sql: `SELECT toUnixTimestamp64Milli(max(evaluated_at)) AS at_ms FROM evaluation
        WHERE project = {project:String} AND model = {model:String}`,
  params: z.object({ project: z.string(), model: z.string() }),
  row: z.object({ at_ms: millis }),
});

/** Returns when a window of the model was evaluated last, for the first time or anew; 0 when none was. */
export async function findLastEvaluation(store: Store, { project, model }: ModelKey): Promise<number> {
  return (await store.query(selectLast, { project, model }))[0]?.at_ms ?? 0;
}
