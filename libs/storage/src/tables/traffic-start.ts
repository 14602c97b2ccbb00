import { z } from 'zod';
import { defineQuery } from '../query.js';
import { integer, millis, second } from '../row-types.js';
import type { Store } from '../store.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';

const selectStart = defineQuery({
  name: 'select start of traffic',
  sql: `SELECT count() AS cells, toUnixTimestamp(min(minute)) * 1000 AS start_ms FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND segment = '' AND minute >= {since:DateTime('UTC')}`,
  params: z.object({ project: z.string(), model: z.string(), since: z.number().transform(second) }),
  row: z.object({ cells: integer, start_ms: millis }),
});

/** Returns the first minute since an instant in which the model made a prediction; undefined when it made none. */
export async function findTrafficStart(
  store: Store,
  project: string,
  model: string,
  sinceMs: number,
): Promise<number | undefined> {
  const [row] = await store.query(selectStart, { project, model, since: sinceMs });
  return row === undefined || row.cells === 0 ? undefined : row.start_ms;
}

const selectLast = defineQuery({
  name: 'select last traffic',
  sql: `SELECT count() AS cells, toUnixTimestamp(max(minute)) * 1000 AS last_ms FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND version = {version:String} AND segment = ''
          AND minute < {before:DateTime('UTC')}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    version: z.string(),
    before: z.number().transform(second),
  }),
  row: z.object({ cells: integer, last_ms: millis }),
});

/** Returns the last minute before an instant in which a version made a prediction; undefined when it made none. */
export async function findLastTraffic(
  store: Store,
  of: ModelKey & { readonly version: string; readonly beforeMs: number },
): Promise<number | undefined> {
  const { project, model, version, beforeMs } = of;
  const [row] = await store.query(selectLast, { project, model, version, before: beforeMs });
  return row === undefined || row.cells === 0 ? undefined : row.last_ms;
}

const selectHourly = defineQuery({
  name: 'select hourly traffic',
  sql: `SELECT version, toUnixTimestamp(toStartOfHour(minute) AS hour) * 1000 AS hour_ms, sum(n) AS n_ FROM traffic_cell
        WHERE project = {project:String} AND model = {model:String} AND segment = '' AND minute < {before:DateTime('UTC')}
        GROUP BY version, hour HAVING n_ > 0 ORDER BY hour, version LIMIT 20000`,
  params: z.object({ project: z.string(), model: z.string(), before: z.number().transform(second) }),
  row: z
    .object({ version: z.string(), hour_ms: millis, n_: integer })
    .transform((row) => ({ version: row.version, hourMs: row.hour_ms, n: row.n_ })),
});

/** Predictions of each version by the hour, from the model's first on and before an instant; at most 20 000 hours. */
export async function listHourlyTraffic(
  store: Store,
  { project, model }: ModelKey,
  beforeMs: number,
): Promise<{ readonly version: string; readonly hourMs: number; readonly n: number }[]> {
  return store.query(selectHourly, { project, model, before: beforeMs });
}

const selectStarts = defineQuery({
  name: 'select starts of traffic',
  sql: `SELECT project, model, toUnixTimestamp(min(minute)) * 1000 AS start_ms FROM traffic_cell
        WHERE (project, model) IN (${MODEL_KEYS}) AND segment = '' AND minute >= {since:DateTime('UTC')}
        GROUP BY project, model`,
  params: modelKeyParams.extend({ since: z.number().transform(second) }),
  row: z.object({ project: z.string(), model: z.string(), start_ms: millis }),
});

/** Returns the same for those of some models that made a prediction since, by `project/model`. */
export async function findTrafficStarts(
  store: Store,
  models: readonly ModelKey[],
  sinceMs: number,
): Promise<Map<string, number>> {
  const rows = await store.query(selectStarts, { ...bindModelKeys(models), since: sinceMs });
  return new Map(rows.map(({ project, model, start_ms }) => [`${project}/${model}`, start_ms]));
}
