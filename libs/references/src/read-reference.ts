import type { Model, ReferenceProfile } from '@plumbline/contracts';
import { parseMovingReferenceId } from '@plumbline/monitoring';
import { findModel, findReferenceById, type Store } from '@plumbline/storage';
import { loadMovingReference } from './load-moving-reference.js';

/** No reference is declared over more, and reading one would keep the store busy for long. */
const MAX_PERIOD_MS = 400 * 86_400_000;

/**
 * Returns the reference that a measurement of the model names; undefined when there is none of this id. One that moves is read from the
 * cells of its periods as they are now.
 * @throws StorageError
 */
export async function readReference(store: Store, model: Model, id: string): Promise<ReferenceProfile | undefined> {
  const moving = parseMovingReferenceId(id);
  if (moving === undefined) return findReferenceById(store, model.project, model.model, id);
  const spanMs = moving.periods[0]!.endMs - moving.periods.at(-1)!.startMs;
  const bins = await findReferenceById(store, model.project, model.model, moving.binsId);
  if (bins === undefined || !(spanMs <= MAX_PERIOD_MS)) return undefined;
  return loadMovingReference(store, model, moving, bins, { series: true, chunks: false });
}

/** Returns those of the references that move; ids of stored ones are left out. @throws StorageError */
export async function readMovingReferences(
  store: Store,
  { project, model }: Pick<Model, 'project' | 'model'>,
  ids: readonly string[],
): Promise<ReferenceProfile[]> {
  const moving = [...new Set(ids)].filter((id) => parseMovingReferenceId(id) !== undefined);
  const registered = moving.length === 0 ? undefined : await findModel(store, project, model);
  if (registered === undefined) return [];
  const found: ReferenceProfile[] = [];
  for (const id of moving) {
    const profile = await readReference(store, registered, id);
    if (profile !== undefined) found.push(profile);
  }
  return found;
}
