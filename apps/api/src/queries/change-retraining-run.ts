import type { RetrainingEvent, RetrainingRun, RetrainingRunStatus } from '@plumbline/contracts';
import { changeRun, type RunChange } from '@plumbline/monitoring';
import { wakeAlerter } from '@plumbline/platform';
import { findRetrainingRun, insertRetrainingEvent, listRetrainingEvents, type Store } from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';
import { Problem } from '../http/problem.js';

export interface ChangeRunDependencies {
  readonly store: Store;
  readonly stream: EventStream;
  readonly logger: Logger;
}

/** Returns the run of a project. @throws Problem 404 */
export async function existingRun(store: Store, project: string, runId: string): Promise<RetrainingRun> {
  const found = await findRetrainingRun(store, project, runId);
  if (found === undefined) {
    throw new Problem(404, `there is no retraining run "${runId}": GET /v1/retraining-runs lists them`);
  }
  return found;
}

/** Changes a run if the change may follow its status, wakes the alerter, and returns the run as it stands then. */
export async function changeExistingRun(
  { store, stream, logger }: ChangeRunDependencies,
  run: RetrainingRun,
  change: RunChange,
  nowMs: number,
): Promise<RetrainingRun> {
  const event = changeRun(run, change, nowMs);
  if (event === undefined) return run;
  await insertRetrainingEvent(store, event);
  const { project, model, runId } = run;
  await wakeAlerter(stream, logger, { project, model });
  return existingRun(store, project, runId);
}

/** Why a run that waits for nobody's approval does not. */
const ANSWERS: Readonly<Partial<Record<RetrainingRunStatus, string>>> = {
  requested: 'it was requested a moment ago: whether it needs approval is decided in seconds, try again',
  approved: 'it is approved already',
  refused: 'it is refused already',
  dry_run: 'it is a dry run, for which nobody is called',
  cancelled: 'it was cancelled, because its policy is gone or disabled',
};

/**
 * Approves or refuses the call of a run. Saying the same twice is no error.
 * @throws Problem 409 when the run does not wait for approval, or somebody else decided otherwise
 */
export async function decideOnRun(
  dependencies: ChangeRunDependencies,
  run: RetrainingRun,
  to: 'approved' | 'refused',
  { who, note }: { readonly who: string; readonly note: string },
  nowMs: number,
): Promise<RetrainingRun> {
  const change = { to, who, detail: note };
  const waits = run.status === 'awaiting_approval';
  const decided = waits ? await changeExistingRun(dependencies, run, change, nowMs) : run;
  if (decided.status === to) return decided;
  // Once approved a run goes on by itself, and may have done so before a repetition came, or even the first reply.
  const events = to === 'approved' && !stopped(decided) ? await eventsOf(dependencies, run) : [];
  if (events.some((event) => event.to === to)) return decided;
  const answer = ANSWERS[decided.status] ?? `it was called already and is ${decided.status}`;
  throw new Problem(409, `retraining run "${run.runId}" cannot be ${to}: ${answer}`);
}

function stopped({ status }: RetrainingRun): boolean {
  return status === 'refused' || status === 'cancelled';
}

function eventsOf({ store }: ChangeRunDependencies, { project, runId }: RetrainingRun): Promise<RetrainingEvent[]> {
  return listRetrainingEvents(store, project, runId);
}
