import type { RetrainingComparison, RetrainingEvent, RetrainingRun, RetrainingRunStatus } from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';
import { mayFollow } from './run-progress.js';

export interface RunChange {
  readonly to: RetrainingRunStatus;
  /** A person, a pipeline, or "plumbline". */
  readonly who: string;
  readonly detail?: string;
  readonly newVersion?: string | undefined;
  readonly externalId?: string | undefined;
  readonly externalUrl?: string | undefined;
  readonly comparison?: RetrainingComparison;
}

/** A pipeline that says the same more often than this is not written down. */
const SIGN_OF_LIFE_MS = 60_000;

/**
 * Returns the event that changes a run, or undefined when the change may not follow its status, or says nothing new. Its id is a
 * hash of what changes and not of when, so that who changes the run twice, after a crash or side by side, writes one event.
 */
export function changeRun(run: RetrainingRun, change: RunChange, nowMs: number): RetrainingEvent | undefined {
  const { project, model, runId, status: from } = run;
  const { to, who, detail = '', newVersion = '', externalId = '', externalUrl = '', comparison } = change;
  if (!mayFollow(from, to)) return undefined;
  // A sign of life is news though it says the same again, but not every second.
  const signOfLife = from === 'running' && nowMs >= run.updatedAtMs + SIGN_OF_LIFE_MS;
  const repeated = from === to && detail === run.detail && (newVersion === '' || newVersion === run.newVersion);
  if (repeated && !signOfLife && comparison?.sentence === run.comparison?.sentence) return undefined;
  const told = from === to ? [detail, newVersion, comparison?.sentence ?? ''] : [];
  const bucket = signOfLife ? [Math.floor(nowMs / SIGN_OF_LIFE_MS)] : [];
  return {
    project,
    model,
    runId,
    eventId: stableId('retraining event', project, runId, from, to, ...told, ...bucket),
    from,
    to,
    who,
    detail,
    newVersion,
    externalId,
    externalUrl,
    comparison,
    // The last word on a run is the last change, whatever the clock has done since.
    atMs: from === to ? Math.max(nowMs, run.updatedAtMs + 1) : nowMs,
  };
}
