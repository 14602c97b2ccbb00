import { z } from 'zod';
import { defineCommand, defineQuery } from '../query.js';
import { flag, integer, millis, second } from '../row-types.js';
import type { Store } from '../store.js';
import { bindModelKeys, MODEL_KEYS, type ModelKey, modelKeyParams } from './model-key.js';
import { steadyTime } from './steady-time.js';

/**
 * What happened to an hour: predictions came, labels came, or its bins changed. A `reference` mark stands at hour 0 and asks
 * for every hour of the model to be rebuilt.
 */
export const hourAspects = ['prediction', 'label', 'rebuild', 'reference'] as const;
export type HourAspect = (typeof hourAspects)[number];

export interface HourMark {
  readonly project: string;
  readonly model: string;
  readonly aspect: HourAspect;
  readonly hourMs: number;
  readonly touchedAtMs: number;
}

async function insertMarks(store: Store, marks: readonly HourMark[], dirty: 0 | 1, identity: string): Promise<void> {
  await store.insert(
    'dirty_hour',
    marks.map((mark) => ({
      project: mark.project,
      model: mark.model,
      aspect: mark.aspect,
      hour: second(mark.hourMs),
      touched_at: mark.touchedAtMs,
      dirty,
    })),
    `dirty_hour:${dirty}:${identity}`,
  );
}

/**
 * Says that the cells of these hours must be checked before they are trusted. A mark is never older than an earlier one of its
 * model: it would lose against the word that the hour is clean.
 */
export async function markHoursDirty(store: Store, marks: readonly HourMark[], identity: string): Promise<void> {
  const steady: HourMark[] = [];
  for (const mark of marks) steady.push({ ...mark, touchedAtMs: await steadyTime(store, mark, mark.touchedAtMs) });
  await insertMarks(store, steady, 1, identity);
}

/** Says that the hours were checked as of the marks; a touch that came later keeps its hour dirty. */
export async function markHoursClean(store: Store, marks: readonly HourMark[], identity: string): Promise<void> {
  await insertMarks(store, marks, 0, identity);
}

const row = z
  .object({
    project: z.string(),
    model: z.string(),
    aspect: z.enum(hourAspects),
    hour_ms: millis,
    touched_at: integer,
    dirty: flag,
  })
  .transform((values) => ({
    project: values.project,
    model: values.model,
    aspect: values.aspect,
    hourMs: values.hour_ms,
    touchedAtMs: values.touched_at,
    dirty: values.dirty,
  }));

const columns = 'project, model, aspect, toUnixTimestamp(hour) * 1000 AS hour_ms, touched_at, dirty';

const selectDirty = defineQuery({
  name: 'select dirty hours',
  sql: `SELECT ${columns} FROM dirty_hour FINAL
        WHERE project = {project:String} AND model = {model:String} AND dirty = 1 ORDER BY hour`,
  params: z.object({ project: z.string(), model: z.string() }),
  row,
});

/** Hours of a model whose cells must be checked, oldest first. */
export async function listDirtyHours(store: Store, project: string, model: string): Promise<HourMark[]> {
  return store.query(selectDirty, { project, model });
}

const selectTouched = defineQuery({
  name: 'select touched hours',
  sql: `SELECT ${columns} FROM dirty_hour FINAL
        WHERE project = {project:String} AND model = {model:String} AND touched_at > {since:UInt64} AND aspect != 'reference'
        ORDER BY hour`,
  params: z.object({ project: z.string(), model: z.string(), since: z.number() }),
  row,
});

/** Hours of a model touched after an instant, dirty or checked since: the windows over them must be evaluated again. */
export async function listTouchedHours(
  store: Store,
  project: string,
  model: string,
  sinceMs: number,
): Promise<(HourMark & { readonly dirty: boolean })[]> {
  return store.query(selectTouched, { project, model, since: sinceMs });
}

const selectTouchedOfModels = defineQuery({
  name: 'select touched hours of models',
  sql: `SELECT ${columns} FROM dirty_hour FINAL
        WHERE (project, model) IN (${MODEL_KEYS}) AND touched_at > {since:UInt64} AND aspect != 'reference'
        ORDER BY project, model, hour`,
  params: modelKeyParams.extend({ since: z.number() }),
  row,
});

/** Hours of some models touched after an instant, as `listTouchedHours` tells them of one. */
export async function listTouchedHoursOfModels(
  store: Store,
  models: readonly ModelKey[],
  sinceMs: number,
): Promise<HourMark[]> {
  return store.query(selectTouchedOfModels, { ...bindModelKeys(models), since: sinceMs });
}

const selectTouchedOfAll = defineQuery({
  name: 'select touched hours of all models',
  sql: `SELECT ${columns} FROM dirty_hour FINAL WHERE touched_at > {since:UInt64} AND aspect != 'reference' ORDER BY project, model, hour`,
  params: z.object({ since: z.number() }),
  row,
});

/** Hours of any model touched after an instant: one query a tick, however many models there are. */
export async function listAllTouchedHours(store: Store, sinceMs: number): Promise<HourMark[]> {
  return store.query(selectTouchedOfAll, { since: sinceMs });
}

const markAll = defineCommand({
  name: 'mark all hours of a model',
  sql: `INSERT INTO dirty_hour (project, model, aspect, hour, touched_at, dirty)
        SELECT DISTINCT project, model, {aspect:String}, hour, {touched_at:UInt64}, 1 FROM (
          SELECT project, model, toStartOfHour(minute) AS hour FROM traffic_cell
          UNION ALL
          SELECT project, model, toStartOfHour(minute) AS hour FROM feature_cell
          UNION ALL
          SELECT project, model, hour FROM feature_cell_hour
          UNION ALL
          SELECT project, model, toStartOfHour(minute) AS hour FROM performance_cell
          UNION ALL
          SELECT project, model, toStartOfHour(timestamp) AS hour FROM prediction)
        WHERE project = {project:String} AND model = {model:String}`,
  params: z.object({ project: z.string(), model: z.string(), aspect: z.enum(hourAspects), touched_at: z.number() }),
});

/**
 * Says that something about every hour of the model must be computed again: `label` for performance alone. Raw rows count as much
 * as cells of any table: an hour may have lost what it had of one of them.
 */
export async function markAllHours(
  store: Store,
  project: string,
  model: string,
  aspect: 'rebuild' | 'label',
  nowMs: number,
): Promise<void> {
  const token = `dirty_hour:all:${aspect}:${project}/${model}:${nowMs}`;
  const touchedAtMs = await steadyTime(store, { project, model }, nowMs);
  await store.command(markAll, { project, model, aspect, touched_at: touchedAtMs }, token);
}

/**
 * Announces that a model's reference is about to change. Written before the reference, so that a crash between the two at
 * worst rebuilds cells for nothing.
 */
export async function markReferenceChanged(store: Store, project: string, model: string, nowMs: number): Promise<void> {
  const mark: HourMark = { project, model, aspect: 'reference', hourMs: 0, touchedAtMs: nowMs };
  await markHoursDirty(store, [mark], `reference:${project}/${model}:${nowMs}`);
}
