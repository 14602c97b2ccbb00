import {
  retrainingComparisonSchema,
  type RetrainingEvent,
  type RetrainingRun,
  type RetrainingRunStatus,
  retrainingRunStatusSchema,
} from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, millis } from '../row-types.js';
import type { Store } from '../store.js';
import type { ModelKey } from './model-key.js';
import { findRetrainingRun } from './retraining-run.js';

/**
 * How far on a status is. Several write events side by side; where two do not agree the one further on holds, whoever wrote last: a
 * refusal over an approval (nobody was called yet), a call that was made over a refusal (it is the truth), what was reported over a
 * guess.
 */
const PROGRESS: Readonly<Record<RetrainingRunStatus, number>> = {
  requested: 0,
  awaiting_approval: 1,
  approved: 2,
  refused: 3,
  cancelled: 4,
  dry_run: 5,
  triggered: 6,
  running: 7,
  timed_out: 8,
  failed: 9,
  succeeded: 10,
  rejected: 11,
  verified: 12,
};
/** Greater than any time in milliseconds for the next two centuries; so many times as much still fit a double exactly. */
const RANK_STEP = 8_000_000_000_000;
/** 2^52: of two events of one id the first one stays. */
const PRECEDENCE = 4_503_599_627_370_496;

/** Writes a change of a run; one that is there already stays as it is. */
export async function insertRetrainingEvent(store: Store, event: RetrainingEvent): Promise<void> {
  await store.insert(
    'retraining_event',
    [
      {
        project: event.project,
        model: event.model,
        run_id: event.runId,
        event_id: event.eventId,
        from_status: event.from,
        to_status: event.to,
        who: event.who,
        detail: event.detail,
        new_version: event.newVersion,
        external_id: event.externalId,
        external_url: event.externalUrl,
        comparison: event.comparison === undefined ? '' : JSON.stringify(event.comparison),
        at: instant(event.atMs),
        rank: PROGRESS[event.to] * RANK_STEP + event.atMs,
        precedence: PRECEDENCE - event.atMs,
      },
    ],
    `retraining_event:${event.eventId}:${event.atMs}`,
  );
}

const columns = `project, model, run_id, event_id, from_status, to_status, who, detail, new_version, external_id, external_url,
  comparison, toUnixTimestamp64Milli(at) AS at_ms`;

const row = z
  .object({
    project: z.string(),
    model: z.string(),
    run_id: z.string(),
    event_id: z.string(),
    from_status: retrainingRunStatusSchema,
    to_status: retrainingRunStatusSchema,
    who: z.string(),
    detail: z.string(),
    new_version: z.string(),
    external_id: z.string(),
    external_url: z.string(),
    comparison: z.string(),
    at_ms: millis,
  })
  .transform((values): RetrainingEvent => ({
    project: values.project,
    model: values.model,
    runId: values.run_id,
    eventId: values.event_id,
    from: values.from_status,
    to: values.to_status,
    who: values.who,
    detail: values.detail,
    newVersion: values.new_version,
    externalId: values.external_id,
    externalUrl: values.external_url,
    ...(values.comparison === ''
      ? {}
      : { comparison: retrainingComparisonSchema.parse(JSON.parse(values.comparison)) }),
    atMs: values.at_ms,
  }));

const selectEvents = defineQuery({
  name: 'select retraining events',
  sql: `SELECT ${columns} FROM retraining_event FINAL
        WHERE project = {project:String} AND run_id = {run_id:String} ORDER BY at, rank, event_id`,
  params: z.object({ project: z.string(), run_id: z.string() }),
  row,
});

/** Returns what happened to a run after it was requested, oldest first. */
export async function listRetrainingEvents(store: Store, project: string, runId: string): Promise<RetrainingEvent[]> {
  return store.query(selectEvents, { project, run_id: runId });
}

/** Changes of a run that people are told of. */
const NOTICES: readonly RetrainingRunStatus[] = [
  'awaiting_approval',
  'triggered',
  'succeeded',
  'failed',
  'timed_out',
  'verified',
  'rejected',
];

const selectNotices = defineQuery({
  name: 'select notices of retraining runs',
  sql: `SELECT ${columns} FROM retraining_event FINAL
        WHERE project = {project:String} AND ({model:String} = '' OR model = {model:String})
          AND at >= {since:DateTime64(3, 'UTC')} AND has({statuses:Array(String)}, toString(to_status))
        ORDER BY at, event_id LIMIT {limit:UInt32}`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    since: z.number().transform(instant),
    statuses: z.array(z.string()),
    limit: z.number(),
  }),
  row,
});

/** A change of a run that people are told of, and the run as it stands now. `event.eventId` is the same however often it is read. */
export interface RunNotice {
  readonly event: RetrainingEvent;
  readonly run: RetrainingRun;
}

const selectModelsWithNotices = defineQuery({
  name: 'select models with notices of retraining runs',
  sql: `SELECT DISTINCT project, model FROM retraining_event
        WHERE at >= {since:DateTime64(3, 'UTC')} AND has({statuses:Array(String)}, toString(to_status))`,
  params: z.object({ since: z.number().transform(instant), statuses: z.array(z.string()) }),
  row: z.object({ project: z.string(), model: z.string() }),
});

/** Returns the models of all projects with changes since an instant that people are to be told of. */
export async function listModelsWithNotices(store: Store, sinceMs: number): Promise<ModelKey[]> {
  return store.query(selectModelsWithNotices, { since: sinceMs, statuses: [...NOTICES] });
}

const MAX_NOTICES = 1_000;

/** Returns the changes since an instant that people are to be told of, oldest first; of all models of the project when none is named. */
export async function listRunNotices(
  store: Store,
  { project, model = '', sinceMs }: { readonly project: string; readonly model?: string; readonly sinceMs: number },
): Promise<RunNotice[]> {
  const filter = { project, model, since: sinceMs, statuses: [...NOTICES], limit: MAX_NOTICES };
  const events = await store.query(selectNotices, filter);
  const runs = new Map<string, RetrainingRun>();
  for (const { runId } of events) {
    if (runs.has(runId)) continue;
    const run = await findRetrainingRun(store, project, runId);
    if (run !== undefined) runs.set(runId, run);
  }
  return events.flatMap((event) => {
    const run = runs.get(event.runId);
    return run === undefined ? [] : [{ event, run }];
  });
}
