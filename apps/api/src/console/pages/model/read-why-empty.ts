import type { Model } from '@plumbline/contracts';
import { lastClosedWindowEnd, resolveWindowing } from '@plumbline/monitoring';
import { findTrafficStart, listMeasurements, type Store } from '@plumbline/storage';
import { filterQuery, type PageFilters } from '../page-filters.js';

/** Why a range holds no measurement. */
export type WhyEmpty =
  | { readonly kind: 'no_predictions' }
  /** There are predictions, and no window of them is over. */
  | { readonly kind: 'not_closed'; readonly firstMs: number; readonly closesMs: number }
  /** There are measurements, of other times. */
  | { readonly kind: 'elsewhere'; readonly newestMs: number }
  /** There are measurements in the range, of other versions or segments. */
  | { readonly kind: 'filtered'; readonly query: Readonly<Record<string, string>> };

/** Finds out why nothing was measured in a range: three queries at most. Returns undefined when something was. */
export async function readWhyEmpty(
  store: Store,
  model: Model,
  filters: PageFilters,
  nowMs: number,
): Promise<WhyEmpty | undefined> {
  const key = { project: model.project, model: model.model };
  const { fromMs, toMs, version, segment } = filters;
  const [inRange] = await listMeasurements(store, { ...key, fromMs, toMs, limit: 1 });
  if (inRange !== undefined) {
    const chosen = inRange.version === version || version === undefined;
    if (chosen && segment === '') return undefined;
    return { kind: 'filtered', query: filterQuery({ ...filters, version: undefined, segment: '' }) };
  }
  const [newest] = await listMeasurements(store, { ...key, limit: 1 });
  if (newest !== undefined) return { kind: 'elsewhere', newestMs: newest.windowEndMs };
  const firstMs = await findTrafficStart(store, key.project, key.model, 0);
  if (firstMs === undefined) return { kind: 'no_predictions' };
  const windowing = resolveWindowing(model.declaration.windows);
  const nextMs = lastClosedWindowEnd(windowing, nowMs) + windowing.everyMs + windowing.settleMs;
  return { kind: 'not_closed', firstMs, closesMs: nextMs };
}
