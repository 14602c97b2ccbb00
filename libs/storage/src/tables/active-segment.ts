import { z } from 'zod';
import { defineQuery } from '../query.js';
import { second } from '../row-types.js';
import type { Store } from '../store.js';

const selectActiveSegments = defineQuery({
  name: 'select active segments',
  sql: `SELECT version, segment FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND segment != ''
          AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        GROUP BY version, segment HAVING sum(n) > 0 ORDER BY version, segment`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    from: z.number().transform(second),
    to: z.number().transform(second),
  }),
  row: z.object({ version: z.string(), segment: z.string() }),
});

/** Segments of each version with predictions in a window, by version, in text order. */
export async function listActiveSegments(
  store: Store,
  project: string,
  model: string,
  fromMs: number,
  toMs: number,
): Promise<Map<string, string[]>> {
  const segments = new Map<string, string[]>();
  for (const { version, segment } of await store.query(selectActiveSegments, {
    ...{ project, model, from: fromMs, to: toMs },
  })) {
    const known = segments.get(version);
    if (known === undefined) segments.set(version, [segment]);
    else known.push(segment);
  }
  return segments;
}
