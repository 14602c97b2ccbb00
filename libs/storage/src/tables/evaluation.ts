import { z } from 'zod';
import { defineQuery } from '../query.js';
import { instant, integer, millis } from '../row-types.js';
import type { Store } from '../store.js';
import type { Chain } from './measurement.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';
import { steadyTime } from './steady-time.js';

/** That a window was evaluated, with what was known at `evaluatedAtMs`. */
export interface EvaluationMark {
  readonly windowEndMs: number;
  /** Start of the data that it was judged by: before the start of the window where that was widened. */
  readonly dataStartMs: number;
  readonly revision: number;
  readonly evaluatedAtMs: number;
}

/** Says that the windows are done: to be written after everything that came of them. */
export async function insertEvaluationMarks(
  store: Store,
  { project, model, monitor, windowMs }: Chain,
  marks: readonly EvaluationMark[],
  identity: string,
): Promise<void> {
  const rows = marks.map(({ windowEndMs, dataStartMs, revision, evaluatedAtMs }) => ({
    project,
    model,
    monitor,
    window_ms: windowMs,
    window_end: instant(windowEndMs),
    data_start: instant(dataStartMs),
    revision,
    // As it is: data that was marked while the window was measured came after this, and opens the window again.
    evaluated_at: instant(evaluatedAtMs),
  }));
  // What is marked from now on is later than the evaluation, whatever the clock does.
  const latestMs = marks.reduce((latest, { evaluatedAtMs }) => Math.max(latest, evaluatedAtMs), 0);
  await steadyTime(store, { project, model }, latestMs);
  await store.insert('evaluation', rows, `evaluation:${identity}`);
}

// Marks of the time before data_start was noted know of their own window only.
const dataStart = `if(data_start = toDateTime64(0, 3, 'UTC'), toUnixTimestamp64Milli(window_end) - toInt64(window_ms),
            toUnixTimestamp64Milli(data_start)) AS data_start_ms`;

const selectMarks = defineQuery({
  name: 'select evaluation marks',
  sql: `SELECT toUnixTimestamp64Milli(window_end) AS window_end_ms, ${dataStart}, revision,
          toUnixTimestamp64Milli(evaluated_at) AS evaluated_at_ms
        FROM evaluation FINAL
        WHERE project = {project:String} AND model = {model:String} AND monitor = {monitor:String}
          AND window_ms = {window_ms:UInt64} AND window_end >= {first:DateTime64(3, 'UTC')}
        ORDER BY window_end`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    monitor: z.string(),
    window_ms: z.number(),
    first: z.number().transform(instant),
  }),
  row: z
    .object({ window_end_ms: millis, data_start_ms: millis, revision: integer, evaluated_at_ms: millis })
    .transform((values): EvaluationMark => ({
      windowEndMs: values.window_end_ms,
      dataStartMs: values.data_start_ms,
      revision: values.revision,
      evaluatedAtMs: values.evaluated_at_ms,
    })),
});

/** An evaluated window of one of the chains of a model. */
export interface ChainMark extends EvaluationMark {
  readonly monitor: string;
  readonly windowMs: number;
}

const selectMarksOfModels = defineQuery({
  name: 'select evaluation marks of models',
  sql: `SELECT project, model, monitor, window_ms, toUnixTimestamp64Milli(window_end) AS window_end_ms,
          ${dataStart}, revision,
          toUnixTimestamp64Milli(evaluated_at) AS evaluated_at_ms
        FROM evaluation FINAL
        WHERE (project, model) IN (${MODEL_KEYS}) AND window_end >= {first:DateTime64(3, 'UTC')}
        ORDER BY project, model, monitor, window_ms, window_end`,
  params: modelKeyParams.extend({ first: z.number().transform(instant) }),
  row: z
    .object({
      project: z.string(),
      model: z.string(),
      monitor: z.string(),
      window_ms: integer,
      window_end_ms: millis,
      data_start_ms: millis,
      revision: integer,
      evaluated_at_ms: millis,
    })
    .transform((values): ChainMark & ModelKey => ({
      project: values.project,
      model: values.model,
      monitor: values.monitor,
      windowMs: values.window_ms,
      windowEndMs: values.window_end_ms,
      dataStartMs: values.data_start_ms,
      revision: values.revision,
      evaluatedAtMs: values.evaluated_at_ms,
    })),
});

/** Returns the evaluated windows of all chains of the models that end at `firstEndMs` or later, oldest first within a chain. */
export async function listEvaluationMarksOfModels(
  store: Store,
  models: readonly ModelKey[],
  firstEndMs: number,
): Promise<(ChainMark & ModelKey)[]> {
  return store.query(selectMarksOfModels, { ...bindModelKeys(models), first: firstEndMs });
}

/** Returns the evaluated windows of the chain that end at `firstEndMs` or later, oldest first. */
export async function listEvaluationMarks(
  store: Store,
  { project, model, monitor, windowMs }: Chain,
  firstEndMs: number,
): Promise<EvaluationMark[]> {
  return store.query(selectMarks, { project, model, monitor, window_ms: windowMs, first: firstEndMs });
}
