import { countPredictions, type FleetDetail, type FleetModel, listFleet, type Store } from '@plumbline/storage';
import type { FleetDetails } from './fleet-details.js';
import { FLEET_STATES, fleetStateOf, type ListedState } from './fleet-state.js';

export const FLEET_PAGE_SIZE = 50;
const DAY_MS = 86_400_000;

export interface FleetFilter {
  /** Part of the name, whatever its case; "" for all. */
  readonly search: string;
  readonly state: ListedState | undefined;
  /** Counted from 1. */
  readonly page: number;
}

export interface FleetRow extends FleetModel, FleetDetail {
  /** Of the last 24 hours. */
  readonly predictions: number;
  readonly state: ListedState;
}

export interface Fleet {
  /** Models of the project. */
  readonly total: number;
  /** Models that the search finds, in each state. */
  readonly counts: ReadonlyMap<ListedState, number>;
  /** Models that the filter finds. */
  readonly found: number;
  /** The page that is shown: the last one where a later one was asked for. */
  readonly page: number;
  readonly pages: number;
  readonly rows: readonly FleetRow[];
}

/** Returns a page of the models of a project, worst first. Details are read of the models on the page only. */
export async function readFleet(
  store: Store,
  details: FleetDetails,
  project: string,
  filter: FleetFilter,
  nowMs: number,
): Promise<Fleet> {
  const all = (await listFleet(store, project, nowMs)).map((model) => ({ ...model, state: fleetStateOf(model) }));
  const wanted = filter.search.toLowerCase();
  const matching = wanted === '' ? all : all.filter(({ model }) => model.toLowerCase().includes(wanted));
  const counts = new Map<ListedState, number>();
  for (const { state } of matching) counts.set(state, (counts.get(state) ?? 0) + 1);
  const found = filter.state === undefined ? matching : matching.filter(({ state }) => state === filter.state);
  found.sort(
    (a, b) =>
      FLEET_STATES.indexOf(a.state) - FLEET_STATES.indexOf(b.state) ||
      b.firing - a.firing ||
      (a.model < b.model ? -1 : 1),
  );
  const pages = Math.max(1, Math.ceil(found.length / FLEET_PAGE_SIZE));
  const page = Math.min(filter.page, pages);
  const shown = found.slice((page - 1) * FLEET_PAGE_SIZE, page * FLEET_PAGE_SIZE);
  const names = shown.map(({ model }) => model);
  const [predictions, detailOf] = await Promise.all([
    countPredictions(store, project, names, nowMs - DAY_MS),
    details.of(project, shown),
  ]);
  return {
    total: all.length,
    counts,
    found: found.length,
    page,
    pages,
    rows: shown.map((model) => ({
      ...model,
      ...detailOf.get(model.model)!,
      predictions: predictions.get(model.model) ?? 0,
    })),
  };
}
