import type { Model } from '@plumbline/contracts';
import {
  type Alert,
  listActiveSegments,
  listActiveVersions,
  listAlerts,
  listMissingReferences,
  type MissingReference,
  type Store,
} from '@plumbline/storage';
import { findRegisteredModel } from '../../../registry/find-registered-model.js';
import type { PageFilters } from '../page-filters.js';

const MAX_OPEN = 200;

/** What stands around every tab of a model. */
export interface ModelFrameData {
  readonly model: Model;
  /** Versions and segments with predictions in the range, and those that the address names. */
  readonly versions: readonly string[];
  readonly segments: readonly string[];
  /** Worst first. */
  readonly openAlerts: readonly Alert[];
  /** Monitors that had nothing to compare their newest window of the range with. */
  readonly missing: readonly MissingReference[];
}

/** Reads what stands around every tab of a model: five queries. @throws Problem 404 when there is no such model */
export async function readModelFrame(
  store: Store,
  project: string,
  name: string,
  { fromMs, toMs, version, segment }: PageFilters,
): Promise<ModelFrameData> {
  const model = await findRegisteredModel(store, project, name);
  const [versions, segments, openAlerts, missing] = await Promise.all([
    listActiveVersions(store, project, name, fromMs, toMs),
    listActiveSegments(store, project, name, fromMs, toMs),
    listAlerts(store, { project, model: name, status: 'firing', worstFirst: true, limit: MAX_OPEN }),
    listMissingReferences(store, project, name, fromMs),
  ]);
  const named = [...segments].flatMap(([of, names]) => (version === undefined || of === version ? names : []));
  return {
    model,
    versions: withChosen(versions, version),
    segments: withChosen([...new Set(named)].sort(), segment === '' ? undefined : segment),
    openAlerts,
    missing,
  };
}

function withChosen(names: readonly string[], chosen: string | undefined): readonly string[] {
  return chosen === undefined || names.includes(chosen) ? names : [chosen, ...names];
}
