import type { Model } from '@plumbline/contracts';
import { findModel, type Store } from '@plumbline/storage';
import { Problem } from '../http/problem.js';

/** Returns a model of the registry. @throws Problem 404 when there is none of that name */
export async function findRegisteredModel(store: Store, project: string, model: string): Promise<Model> {
  const found = await findModel(store, project, model);
  if (found === undefined) {
    throw new Problem(
      404,
      `there is no model "${model}": declare it with PUT /v1/models/${model}, or send its first prediction`,
    );
  }
  return found;
}
