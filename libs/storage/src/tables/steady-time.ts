import { z } from 'zod';
import { defineQuery } from '../query.js';
import { integer } from '../row-types.js';
import type { Store } from '../store.js';
import type { ModelKey } from './model-key.js';

const selectLatest = defineQuery({
  name: 'select latest times of models',
  sql: `SELECT project, model, max(at_ms) AS latest_ms FROM (
          SELECT toString(project) AS project, toString(model) AS model, max(touched_at) AS at_ms FROM dirty_hour GROUP BY project, model
          UNION ALL
          SELECT toString(project) AS project, toString(model) AS model, toUInt64(toUnixTimestamp64Milli(max(evaluated_at))) AS at_ms
          FROM evaluation GROUP BY project, model)
        GROUP BY project, model`,
  params: z.object({}),
  row: z.object({ project: z.string(), model: z.string(), latest_ms: integer }),
});

/** Latest time given out for each model, by store: what is stored when a process starts counts too. */
const latestTimes = new WeakMap<Store, Promise<Map<string, number>>>();

/**
 * Returns the time, or the latest one that this process has given out or found stored for the model: marks of a model never get
 * older, though the clock may be set back. In milliseconds since 1970.
 * @throws StorageError
 */
export async function steadyTime(store: Store, { project, model }: ModelKey, nowMs: number): Promise<number> {
  const times = await latestOf(store);
  const key = `${project}/${model}`;
  const steadyMs = Math.max(nowMs, times.get(key) ?? 0);
  times.set(key, steadyMs);
  return steadyMs;
}

async function latestOf(store: Store): Promise<Map<string, number>> {
  let times = latestTimes.get(store);
  if (times === undefined) {
    times = readLatest(store);
    latestTimes.set(store, times);
    // A store that does not answer is asked again.
    times.catch(() => latestTimes.delete(store));
  }
  return times;
}

async function readLatest(store: Store): Promise<Map<string, number>> {
  const rows = await store.query(selectLatest, {});
  return new Map(rows.map(({ project, model, latest_ms }) => [`${project}/${model}`, latest_ms]));
}
