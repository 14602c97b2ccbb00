import type { Silence } from '@plumbline/contracts';
import { findSilence, type Store } from '@plumbline/storage';
import { Problem } from '../http/problem.js';

/** Returns the silence of a project. @throws Problem 404 */
export async function existingSilence(store: Store, project: string, silenceId: string): Promise<Silence> {
  const found = await findSilence(store, project, silenceId);
  if (found === undefined) throw new Problem(404, `there is no silence "${silenceId}": GET /v1/silences lists them`);
  return found;
}
