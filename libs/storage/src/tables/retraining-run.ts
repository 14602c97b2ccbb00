import { type RetrainingRun, type RetrainingRunStatus, retrainingRunStatusSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, millis } from '../row-types.js';
import type { Store } from '../store.js';

const row = z
  .object({
    project: z.string(),
    model: z.string(),
    run_id: z.string(),
    version: z.string(),
    policy: z.string(),
    alert_ids: z.array(z.string()),
    features: z.array(z.string()),
    status: retrainingRunStatusSchema,
    reason: z.string(),
    new_version: z.string(),
    detail: z.string(),
    requested_at_ms: millis,
    updated_at_ms: millis,
  })
  .transform((values): RetrainingRun => ({
    runId: values.run_id,
    project: values.project,
    model: values.model,
    version: values.version,
    policy: values.policy,
    alertIds: values.alert_ids,
    features: values.features,
    status: values.status,
    reason: values.reason,
    newVersion: values.new_version,
    detail: values.detail,
    requestedAtMs: values.requested_at_ms,
    updatedAtMs: values.updated_at_ms,
  }));

const columns = `project, model, run_id, version, policy, alert_ids, features, status, reason, new_version, detail,
  toUnixTimestamp64Milli(requested_at) AS requested_at_ms, toUnixTimestamp64Milli(updated_at) AS updated_at_ms`;

const selectRun = defineQuery({
  name: 'select retraining run',
  sql: `SELECT ${columns} FROM retraining_run FINAL WHERE project = {project:String} AND run_id = {run_id:String}`,
  params: z.object({ project: z.string(), run_id: z.string() }),
  row,
});

const selectRuns = defineQuery({
  name: 'select retraining runs',
  sql: `SELECT ${columns} FROM retraining_run FINAL
        WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
          AND ({status:String} = '' OR status = {status:String})
          AND ({before_run:String} = '' OR
               (toUnixTimestamp64Milli(requested_at), run_id) < ({before_ms:Int64}, {before_run:String}))
        ORDER BY requested_at DESC, run_id DESC LIMIT {limit:UInt32}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    status: z.string(),
    before_ms: z.number(),
    before_run: z.string(),
    limit: z.number(),
  }),
  row,
});

const selectModelsToRetrain = defineQuery({
  name: 'select models with policies or requested runs',
  sql: `SELECT project, model FROM retraining_run FINAL WHERE status = 'requested'
        UNION DISTINCT
        SELECT project, model FROM retraining_policy FINAL
        WHERE deleted = 0 AND (project, model) IN (
          SELECT project, model FROM transition WHERE notifiable = 1
          GROUP BY project, model, alert_id
          HAVING argMax(to_status, (decided_at, window_end, revision)) != 'inactive'
            OR max(decided_at) >= {since:DateTime64(3, 'UTC')})`,
  params: z.object({ since: z.number().transform(instant) }),
  row: z.object({ project: z.string(), model: z.string() }),
});

/** Progress of a run: a status never goes back to one of a lower rank, whoever writes last. */
const PROGRESS: Readonly<Record<RetrainingRunStatus, number>> = {
  requested: 0,
  dry_run: 1,
  triggered: 1,
  running: 2,
  succeeded: 3,
  failed: 3,
  cancelled: 3,
};
/** Greater than any time in milliseconds for the next two centuries; four times as much still fits a double exactly. */
const RANK_STEP = 8_000_000_000_000;

/** Writes the state of a run. The furthest status stays, and of the same status the newest. */
export async function saveRetrainingRun(store: Store, run: RetrainingRun): Promise<void> {
  await store.insert(
    'retraining_run',
    [
      {
        project: run.project,
        model: run.model,
        run_id: run.runId,
        version: run.version,
        policy: run.policy,
        alert_ids: run.alertIds,
        features: run.features,
        status: run.status,
        reason: run.reason,
        new_version: run.newVersion,
        detail: run.detail,
        requested_at: instant(run.requestedAtMs),
        updated_at: instant(run.updatedAtMs),
        rank: PROGRESS[run.status] * RANK_STEP + run.updatedAtMs,
      },
    ],
    `retraining_run:${run.project}/${run.runId}:${run.status}:${run.updatedAtMs}:${run.newVersion}:${run.detail}`,
  );
}

export async function findRetrainingRun(
  store: Store,
  project: string,
  runId: string,
): Promise<RetrainingRun | undefined> {
  return (await store.query(selectRun, { project, run_id: runId }))[0];
}

export interface RetrainingRunFilter {
  readonly project: string;
  readonly model?: string | undefined;
  readonly status?: RetrainingRunStatus | undefined;
  /** The last run of the page before. */
  readonly before?: Pick<RetrainingRun, 'requestedAtMs' | 'runId'> | undefined;
  readonly limit: number;
}

/** Returns a page of runs, newest first. */
export async function listRetrainingRuns(store: Store, filter: RetrainingRunFilter): Promise<RetrainingRun[]> {
  return store.query(selectRuns, {
    project: filter.project,
    model: filter.model ?? '',
    status: filter.status ?? '',
    before_ms: filter.before?.requestedAtMs ?? 0,
    before_run: filter.before?.runId ?? '',
    limit: filter.limit,
  });
}

/**
 * Returns the models of all projects that have a run whose call is still to be made, or a policy and an alert that is open or
 * changed since then: what has to be looked at when nobody said so. An open alert counts however old it is: a cool-down may have
 * kept it waiting.
 */
export async function listModelsToRetrain(
  store: Store,
  sinceMs: number,
): Promise<{ readonly project: string; readonly model: string }[]> {
  return store.query(selectModelsToRetrain, { since: sinceMs });
}
