import { saveSilence } from '@plumbline/storage';
import type { SilenceDependencies } from './create-silence.js';
import { existingSilence } from './existing-silence.js';
import { wakeProject } from './wake-project.js';

/** Ends a silence now and wakes whoever tells of what it kept back; one that is over stays as it is. @throws Problem 404 */
export async function expireSilence(
  { store, stream, logger }: SilenceDependencies,
  project: string,
  silenceId: string,
  nowMs: number,
): Promise<void> {
  const found = await existingSilence(store, project, silenceId);
  if (found.endsAtMs <= nowMs) return;
  // One that has not begun never does.
  const startsAtMs = Math.min(found.startsAtMs, nowMs);
  await saveSilence(store, { ...found, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs });
  await wakeProject(store, stream, logger, project);
}
