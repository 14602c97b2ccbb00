import { type Route, type RouteDeclaration, routeDeclarationSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, json, millis } from '../row-types.js';
import type { Store } from '../store.js';

export interface StoredRoute extends Route {
  readonly updatedBy: string;
  readonly updatedAtMs: number;
}

const selectRoutes = defineQuery({
  name: 'select routes',
  sql: `SELECT project, route, declaration, updated_by, toUnixTimestamp64Milli(updated_at) AS updated_at_ms FROM route FINAL
        WHERE project IN {projects:Array(String)} AND ({route:String} = '' OR route = {route:String}) AND deleted = 0
        ORDER BY project, route`,
  params: z.object({ projects: z.array(z.string()), route: z.string() }),
  row: z
    .object({
      project: z.string(),
      route: z.string(),
      declaration: json(routeDeclarationSchema),
      updated_by: z.string(),
      updated_at_ms: millis,
    })
    .transform((values): StoredRoute => ({
      project: values.project,
      route: values.route,
      declaration: values.declaration,
      updatedBy: values.updated_by,
      updatedAtMs: values.updated_at_ms,
    })),
});

const selectLast = defineQuery({
  name: 'select last change of a route',
  sql: `SELECT toUnixTimestamp64Milli(max(updated_at)) AS at_ms FROM route
        WHERE project = {project:String} AND route = {route:String}`,
  params: z.object({ project: z.string(), route: z.string() }),
  row: z.object({ at_ms: millis }),
});

/**
 * Writes a route's declaration; the last one wins, though the clock may have been set back since the one before.
 * @param change `declaration` is undefined for a route that is deleted
 */
export async function saveRoute(
  store: Store,
  change: Omit<StoredRoute, 'declaration'> & { readonly declaration: RouteDeclaration | undefined },
): Promise<void> {
  const { project, route } = change;
  const [last] = await store.query(selectLast, { project, route });
  const updatedAtMs = Math.max(change.updatedAtMs, (last?.at_ms ?? 0) + 1);
  const declaration = change.declaration === undefined ? '' : JSON.stringify(change.declaration);
  const row = {
    project,
    route,
    declaration,
    deleted: change.declaration === undefined ? 1 : 0,
    updated_by: change.updatedBy,
    updated_at: instant(updatedAtMs),
  };
  await store.insert('route', [row], `route:${project}/${route}:${updatedAtMs}:${declaration}`);
}

export async function findRoute(store: Store, project: string, route: string): Promise<StoredRoute | undefined> {
  return (await store.query(selectRoutes, { projects: [project], route }))[0];
}

/** Returns the routes of some projects, by name. */
export async function listRoutes(store: Store, projects: readonly string[]): Promise<StoredRoute[]> {
  return store.query(selectRoutes, { projects: [...projects], route: '' });
}
