import type { Silence } from '@plumbline/contracts';
import { saveSilence, type Store } from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';
import { Problem } from '../http/problem.js';
import { checkMatchers } from './check-matchers.js';
import { wakeProject } from './wake-project.js';

export interface SilenceDependencies {
  readonly store: Store;
  readonly stream: EventStream;
  readonly logger: Logger;
}

/**
 * Saves a silence, in place of one of its id, and wakes whoever tells of the alerts of its project.
 * @throws Problem 400 that names a matcher that is none, or the end that lies before the start
 */
export async function createSilence(
  { store, stream, logger }: SilenceDependencies,
  wanted: Omit<Silence, 'updatedAtMs'>,
  nowMs: number,
): Promise<Silence> {
  checkMatchers(wanted.matchers);
  if (wanted.endsAtMs <= wanted.startsAtMs) {
    const message = 'must be later than "starts_at"';
    throw new Problem(400, `ends_at: ${message}`, { errors: [{ field: 'ends_at', message }] });
  }
  const kept = await saveSilence(store, { ...wanted, updatedAtMs: nowMs });
  await wakeProject(store, stream, logger, wanted.project);
  return kept;
}
