import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, millis } from '../row-types.js';
import type { Store } from '../store.js';

/** A monitor whose newest window had nothing to be compared with. */
export interface MissingReference {
  readonly monitor: string;
  readonly version: string;
  readonly windowEndMs: number;
  /** The sentence of one of its measurements: what is missing and what to do about it. */
  readonly reason: string;
}

const selectMissing = defineQuery({
  name: 'select monitors without a reference',
  sql: `SELECT monitor, version, toUnixTimestamp64Milli(max(window_end)) AS window_end_ms,
          argMaxIf(reason, (window_end, -length(reason)), severity = 'no_reference') AS reason_
        FROM measurement FINAL
        WHERE project = {project:String} AND model = {model:String} AND window_end > {since:DateTime64(3, 'UTC')} AND gone = 0
        GROUP BY monitor, version HAVING maxIf(window_end, severity = 'no_reference') = max(window_end)
        ORDER BY monitor, version LIMIT 100`,
  params: z.object({ project: z.string(), model: z.string(), since: z.number().transform(instant) }),
  row: z
    .object({ monitor: z.string(), version: z.string(), window_end_ms: millis, reason_: z.string() })
    .transform((row): MissingReference => ({
      monitor: row.monitor,
      version: row.version,
      windowEndMs: row.window_end_ms,
      reason: row.reason_,
    })),
});

/** Returns the monitors of a model that had nothing to compare their newest window with, of windows that end after `sinceMs`. */
export async function listMissingReferences(
  store: Store,
  project: string,
  model: string,
  sinceMs: number,
): Promise<MissingReference[]> {
  return store.query(selectMissing, { project, model, since: sinceMs });
}
