import {
  retrainingComparisonSchema,
  type RetrainingRun,
  type RetrainingRunStatus,
  retrainingRunStatusSchema,
} from '@plumbline/contracts';
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
    scheduled_for_ms: millis,
    reason: z.string(),
    requested_at_ms: millis,
    status_: retrainingRunStatusSchema,
    detail_: z.string(),
    new_version_: z.string(),
    external_id_: z.string(),
    external_url_: z.string(),
    comparison_: z.string(),
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
    scheduledForMs: values.scheduled_for_ms,
    reason: values.reason,
    requestedAtMs: values.requested_at_ms,
    status: values.status_,
    detail: values.detail_,
    newVersion: values.new_version_,
    externalId: values.external_id_,
    externalUrl: values.external_url_,
    ...(values.comparison_ === ''
      ? {}
      : { comparison: retrainingComparisonSchema.parse(JSON.parse(values.comparison_)) }),
    updatedAtMs: values.updated_at_ms,
  }));

/**
 * The runs as they stand: the request, and what its events add up to. Of the events the one furthest on says the status, and of
 * those of one status the newest; what only some of them tell (the new version, the target's own id) is the newest that is told.
 */
const runs = `SELECT r.project AS project, r.model AS model, r.run_id AS run_id, r.version AS version, r.policy AS policy,
    r.alert_ids AS alert_ids, r.features AS features, toUnixTimestamp64Milli(r.scheduled_for) AS scheduled_for_ms,
    r.reason AS reason, toUnixTimestamp64Milli(r.requested_at) AS requested_at_ms,
    if(e.events > 0, e.to_status_, toString(r.status)) AS status_, e.detail_ AS detail_, e.new_version_ AS new_version_,
    e.external_id_ AS external_id_, e.external_url_ AS external_url_, e.comparison_ AS comparison_,
    if(e.events > 0, e.at_ms, requested_at_ms) AS updated_at_ms
  FROM retraining_run AS r FINAL
  LEFT JOIN (
    SELECT project, run_id, count() AS events, toString(argMax(to_status, rank)) AS to_status_,
      argMax(detail, rank) AS detail_, argMaxIf(new_version, rank, new_version != '') AS new_version_,
      argMaxIf(external_id, rank, external_id != '') AS external_id_,
      argMaxIf(external_url, rank, external_url != '') AS external_url_,
      argMaxIf(comparison, rank, comparison != '') AS comparison_,
      toUnixTimestamp64Milli(argMax(at, rank)) AS at_ms
    FROM retraining_event FINAL GROUP BY project, run_id
  ) AS e ON e.project = r.project AND e.run_id = r.run_id`;

const selectRun = defineQuery({
  name: 'select retraining run',
  sql: `SELECT * FROM (${runs}) WHERE project = {project:String} AND run_id = {run_id:String}`,
  params: z.object({ project: z.string(), run_id: z.string() }),
  row,
});

const selectRuns = defineQuery({
  name: 'select retraining runs',
  sql: `SELECT * FROM (${runs})
        WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
          AND (empty({statuses:Array(String)}) OR has({statuses:Array(String)}, status_))
          AND ({before_run:String} = '' OR (requested_at_ms, run_id) < ({before_ms:Int64}, {before_run:String}))
        ORDER BY requested_at_ms DESC, run_id DESC LIMIT {limit:UInt32}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    statuses: z.array(z.string()),
    before_ms: z.number(),
    before_run: z.string(),
    limit: z.number(),
  }),
  row,
});

/** A run in one of these waits for nobody. Of one that succeeded, no comparison is made twice, nor one with a version that is not known. */
const SETTLED: readonly RetrainingRunStatus[] = [
  'refused',
  'dry_run',
  'timed_out',
  'failed',
  'verified',
  'rejected',
  'cancelled',
];

const selectModelsToRetrain = defineQuery({
  name: 'select models with policies or unfinished runs',
  sql: `SELECT project, model FROM (${runs}) WHERE NOT has({settled:Array(String)}, status_)
          AND NOT (status_ = 'succeeded' AND (new_version_ = '' OR comparison_ != ''))
        UNION DISTINCT
        SELECT project, model FROM retraining_policy FINAL WHERE deleted = 0 AND JSONHas(declaration, 'schedule')
        UNION DISTINCT
        SELECT project, model FROM retraining_policy FINAL
        WHERE deleted = 0 AND (project, model) IN (
          SELECT project, model FROM transition WHERE notifiable = 1
          GROUP BY project, model, alert_id
          HAVING argMax(to_status, (decided_at, window_end, revision)) != 'inactive'
            OR max(decided_at) >= {since:DateTime64(3, 'UTC')})`,
  params: z.object({ since: z.number().transform(instant), settled: z.array(z.string()) }),
  row: z.object({ project: z.string(), model: z.string() }),
});

/** 2^52: precedence falls with time from here, so that of two rows of one id the first one stays. */
const PRECEDENCE = 4_503_599_627_370_496;

/** Writes the request of a run: its status is `requested` or `dry_run`. What comes after are events, and this never changes. */
export async function insertRetrainingRun(store: Store, run: RetrainingRun): Promise<void> {
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
        scheduled_for: instant(run.scheduledForMs),
        status: run.status,
        reason: run.reason,
        requested_at: instant(run.requestedAtMs),
        rank: PRECEDENCE - run.requestedAtMs,
      },
    ],
    `retraining_run:${run.project}/${run.runId}:${run.requestedAtMs}`,
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
  /** Any when absent. */
  readonly statuses?: readonly RetrainingRunStatus[] | undefined;
  /** The last run of the page before. */
  readonly before?: Pick<RetrainingRun, 'requestedAtMs' | 'runId'> | undefined;
  readonly limit: number;
}

/** Returns a page of runs, newest first. */
export async function listRetrainingRuns(store: Store, filter: RetrainingRunFilter): Promise<RetrainingRun[]> {
  return store.query(selectRuns, {
    project: filter.project,
    model: filter.model ?? '',
    statuses: [...(filter.statuses ?? [])],
    before_ms: filter.before?.requestedAtMs ?? 0,
    before_run: filter.before?.runId ?? '',
    limit: filter.limit,
  });
}

/**
 * Returns the models of all projects that have a run that is not settled, a policy with a schedule, or a policy and an alert that is
 * open or changed since then: what has to be looked at when nobody said so. An open alert counts however old it is: a cool-down may
 * have kept it waiting.
 */
export async function listModelsToRetrain(
  store: Store,
  sinceMs: number,
): Promise<{ readonly project: string; readonly model: string }[]> {
  return store.query(selectModelsToRetrain, { since: sinceMs, settled: [...SETTLED] });
}
