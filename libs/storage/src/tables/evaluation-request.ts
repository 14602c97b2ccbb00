import type { Transition } from '@plumbline/contracts';
import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';
import { transitionColumns, transitionOfRow, transitionRow } from './transition.js';

const statuses = ['running', 'done', 'failed'] as const;

/** How far an evaluation on request is. */
export interface EvaluationRun {
  readonly project: string;
  readonly model: string;
  readonly evaluationId: string;
  readonly status: (typeof statuses)[number];
  readonly windowsTotal: number;
  readonly windowsDone: number;
  /** 0 while nobody has taken it up. */
  readonly attempts: number;
  /** At which instants it may have decided transitions: known before they are written. */
  readonly decidedAtMs: readonly number[];
  /** Why it failed; "" otherwise. */
  readonly error: string;
  readonly requestedAtMs: number;
  readonly updatedAtMs: number;
}

/** An evaluation that was asked for, and that nobody has taken up yet. */
export function newEvaluationRun({
  project,
  model,
  evaluationId,
  requestedAtMs,
}: Pick<EvaluationRun, 'project' | 'model' | 'evaluationId' | 'requestedAtMs'>): EvaluationRun {
  return {
    project,
    model,
    evaluationId,
    status: 'running',
    windowsTotal: 0,
    windowsDone: 0,
    attempts: 0,
    decidedAtMs: [],
    error: '',
    requestedAtMs,
    updatedAtMs: requestedAtMs,
  };
}

/** More steps than an attempt has windows. */
const STEPS_PER_ATTEMPT = 2 ** 33;

/** Orders what is said of one evaluation: a later attempt over an earlier, its end over its progress, progress by windows. */
function versionOf({ attempts, status, windowsTotal, windowsDone }: EvaluationRun): number {
  const step = status === 'running' ? 2 * windowsDone + (windowsTotal > 0 ? 1 : 0) : STEPS_PER_ATTEMPT - 1;
  return attempts * STEPS_PER_ATTEMPT + step;
}

/** Keeps how far evaluations are; of two rows of one evaluation the one further on holds, whoever wrote last. */
export async function saveEvaluationRuns(store: Store, runs: readonly EvaluationRun[]): Promise<void> {
  if (runs.length === 0) return;
  const rows = runs.map((run) => ({
    project: run.project,
    model: run.model,
    evaluation_id: run.evaluationId,
    status: run.status,
    windows_total: run.windowsTotal,
    windows_done: run.windowsDone,
    attempts: run.attempts,
    decided_at: run.decidedAtMs.map(instant),
    error: run.error,
    requested_at: instant(run.requestedAtMs),
    updated_at: instant(run.updatedAtMs),
    version: versionOf(run),
  }));
  const token = rows.map(({ evaluation_id, version, updated_at }) => `${evaluation_id}:${version}:${updated_at}`);
  await store.insert('evaluation_request', rows, `evaluation_request:${token.join()}`);
}

const selectRun = defineQuery({
  name: 'select evaluation request',
  sql: `SELECT project, model, evaluation_id, status, windows_total, windows_done, attempts,
          arrayMap(at -> toUnixTimestamp64Milli(at), decided_at) AS decided_at_ms, error,
          toUnixTimestamp64Milli(requested_at) AS requested_at_ms, toUnixTimestamp64Milli(updated_at) AS updated_at_ms
        FROM evaluation_request WHERE project = {project:String} AND evaluation_id = {evaluation_id:String}
        ORDER BY version DESC, updated_at DESC LIMIT 1`,
  params: z.object({ project: z.string(), evaluation_id: z.string() }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      evaluation_id: z.string(),
      status: z.enum(statuses),
      windows_total: integer,
      windows_done: integer,
      attempts: integer,
      decided_at_ms: z.array(millis),
      error: z.string(),
      requested_at_ms: millis,
      updated_at_ms: millis,
    })
    .transform((values): EvaluationRun => ({
      project: values.project,
      model: values.model,
      evaluationId: values.evaluation_id,
      status: values.status,
      windowsTotal: values.windows_total,
      windowsDone: values.windows_done,
      attempts: values.attempts,
      decidedAtMs: values.decided_at_ms,
      error: values.error,
      requestedAtMs: values.requested_at_ms,
      updatedAtMs: values.updated_at_ms,
    })),
});

/** Returns how far an evaluation is, or undefined when the project has none of that id. */
export async function findEvaluationRun(
  store: Store,
  project: string,
  evaluationId: string,
): Promise<EvaluationRun | undefined> {
  return (await store.query(selectRun, { project, evaluation_id: evaluationId }))[0];
}

const selectTransitions = defineQuery({
  name: 'select transitions of an evaluation request',
  sql: `SELECT ${transitionColumns} FROM transition FINAL
        WHERE project = {project:String} AND model = {model:String}
          AND toUnixTimestamp64Milli(decided_at) IN {decided_at:Array(Int64)}
        ORDER BY decided_at, window_end, transition_id`,
  params: z.object({ project: z.string(), model: z.string(), decided_at: z.array(z.number()) }),
  row: transitionRow.transform(transitionOfRow),
});

/** Returns what an evaluation has changed so far, in all its attempts. */
export async function listTransitionsOfRun(
  store: Store,
  { project, model, decidedAtMs }: EvaluationRun,
): Promise<Transition[]> {
  if (decidedAtMs.length === 0) return [];
  return store.query(selectTransitions, { project, model, decided_at: [...decidedAtMs] });
}
