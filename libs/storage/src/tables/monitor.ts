import { type Monitor, type MonitorDeclaration, monitorDeclarationSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, json, millis } from '../row-types.js';
import type { Store } from '../store.js';

const row = z
  .object({
    project: z.string(),
    model: z.string(),
    monitor: z.string(),
    declaration: json(monitorDeclarationSchema),
    updated_at_ms: millis,
  })
  .transform(({ updated_at_ms, ...values }): Monitor => ({
    ...values,
    origin: 'declared',
    updatedAtMs: updated_at_ms,
  }));

const columns = 'project, model, monitor, declaration, toUnixTimestamp64Milli(updated_at) AS updated_at_ms';

const selectMonitors = defineQuery({
  name: 'select monitors',
  sql: `SELECT ${columns} FROM monitor FINAL
        WHERE project = {project:String} AND model = {model:String} AND deleted = 0 ORDER BY monitor`,
  params: z.object({ project: z.string(), model: z.string() }),
  row,
});

const selectAllMonitors = defineQuery({
  name: 'select monitors of all models',
  sql: `SELECT ${columns} FROM monitor FINAL WHERE deleted = 0 ORDER BY project, model, monitor`,
  params: z.object({}),
  row,
});

export interface MonitorChange {
  readonly project: string;
  readonly model: string;
  readonly monitor: string;
  /** undefined deletes the monitor. */
  readonly declaration: MonitorDeclaration | undefined;
  readonly updatedBy: string;
  readonly updatedAtMs: number;
}

const selectLast = defineQuery({
  name: 'select last change of a monitor',
  sql: `SELECT toUnixTimestamp64Milli(max(updated_at)) AS at_ms FROM monitor
        WHERE project = {project:String} AND model = {model:String} AND monitor = {monitor:String}`,
  params: z.object({ project: z.string(), model: z.string(), monitor: z.string() }),
  row: z.object({ at_ms: millis }),
});

/** Writes a change, which is later than the one it replaces even if the clock was set back since. */
export async function saveMonitor(store: Store, change: MonitorChange): Promise<void> {
  const { project, model, monitor } = change;
  const [last] = await store.query(selectLast, { project, model, monitor });
  const updatedAtMs = Math.max(change.updatedAtMs, (last?.at_ms ?? 0) + 1);
  const declaration = change.declaration === undefined ? '' : JSON.stringify(change.declaration);
  await store.insert(
    'monitor',
    [
      {
        project: change.project,
        model: change.model,
        monitor: change.monitor,
        declaration,
        deleted: change.declaration === undefined ? 1 : 0,
        updated_by: change.updatedBy,
        updated_at: instant(updatedAtMs),
      },
    ],
    `monitor:${change.project}/${change.model}/${change.monitor}:${updatedAtMs}:${declaration}`,
  );
}

/** Returns the declared monitors of a model by name; the default ones are not stored. */
export async function listDeclaredMonitors(store: Store, project: string, model: string): Promise<Monitor[]> {
  return store.query(selectMonitors, { project, model });
}

/** Returns the declared monitors of all models: one query a tick, however many models there are. */
export async function listAllDeclaredMonitors(store: Store): Promise<Monitor[]> {
  return store.query(selectAllMonitors, {});
}
