import type { RetrainingEvent, RetrainingPolicy, RetrainingRun } from '@plumbline/contracts';
import { listRetrainingEvents, listRetrainingPolicies, listRetrainingRuns, type Store } from '@plumbline/storage';
import { existingRun } from '../../../queries/change-retraining-run.js';

const MAX_RUNS = 100;

export interface RetrainingTabData {
  readonly policies: readonly RetrainingPolicy[];
  /** The newest first. */
  readonly runs: readonly RetrainingRun[];
  readonly moreRuns: boolean;
  /** The run that the address names, with all that happened to it. */
  readonly chosen: { readonly run: RetrainingRun; readonly events: readonly RetrainingEvent[] } | undefined;
}

/** Reads the retraining of a model: two queries, four with a chosen run. @throws Problem 404 when there is no such run */
export async function readRetrainingTab(
  store: Store,
  { project, model }: { readonly project: string; readonly model: string },
  runId: string | undefined,
): Promise<RetrainingTabData> {
  const [policies, found] = await Promise.all([
    listRetrainingPolicies(store, project, model),
    listRetrainingRuns(store, { project, model, limit: MAX_RUNS + 1 }),
  ]);
  const chosen =
    runId === undefined
      ? undefined
      : {
          run: await existingRun(store, project, runId),
          events: await listRetrainingEvents(store, project, runId),
        };
  return { policies, runs: found.slice(0, MAX_RUNS), moreRuns: found.length > MAX_RUNS, chosen };
}
