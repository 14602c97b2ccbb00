import { z } from 'zod';
import { defineCommand, defineQuery } from '../query.js';
import { second } from '../row-types.js';
import type { Store } from '../store.js';
import { MAX_CELL_SCORES, PERFORMANCE_COLUMNS, performanceSums } from './performance-sums.js';

/** Labelled predictions of the hours, one row per segment they belong to. The lag is that of the label in force. */
const labelledRows = `
  SELECT p.project AS project, p.model AS model, p.version AS version, p.minute AS minute,
    arrayJoin(arrayConcat([''], p.segments)) AS segment, p.class AS class, l.truth AS truth, p.score AS score, p.scores AS scores,
    p.value AS value, l.truth_value AS truth_value, toInt64(l.known_ms - p.at_ms) AS lag_ms
  FROM (
    SELECT project, model, version, toStartOfMinute(timestamp) AS minute, toUnixTimestamp64Milli(timestamp) AS at_ms, prediction_id,
      segments, toString(label) AS class, score, CAST(scores, 'Map(String, Float64)') AS scores, value
    FROM prediction FINAL
    WHERE project = {project:String} AND model = {model:String}
      AND toStartOfHour(timestamp) IN ({hours:Array(DateTime('UTC'))})
      AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')} + INTERVAL 1 HOUR
  ) AS p
  INNER JOIN (
    SELECT prediction_id, toString(label) AS truth, value AS truth_value, toUnixTimestamp64Milli(timestamp) AS known_ms FROM label FINAL
    WHERE project = {project:String} AND model = {model:String} AND prediction_id IN (
      SELECT prediction_id FROM prediction
      WHERE project = {project:String} AND model = {model:String}
        AND toStartOfHour(timestamp) IN ({hours:Array(DateTime('UTC'))})
        AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')} + INTERVAL 1 HOUR
    )
  ) AS l ON p.prediction_id = l.prediction_id`;

/**
 * Joins the distinct predictions of the hours with their labels and writes the performance cells of these hours anew. A cell is
 * one row, so the newest revision replaces the older one whole. Labels have no time of their own here: a row belongs to the
 * minute of its prediction.
 */
const rebuild = defineCommand({
  name: 'rebuild performance cells',
  sql: `INSERT INTO performance_cell (project, model, version, segment, minute, ${PERFORMANCE_COLUMNS}, revision)
        SELECT *, greatest({revision:UInt64}, (
            SELECT max(revision) + 1 FROM performance_cell
            WHERE project = {project:String} AND model = {model:String} AND minute >= {from:DateTime('UTC')}
              AND minute < {to:DateTime('UTC')} + INTERVAL 1 HOUR)) AS revision
        FROM (${performanceSums(labelledRows, 'project, model, version, segment, minute', MAX_CELL_SCORES)})`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    hours: z.array(z.number()).transform((values) => values.map(second)),
    from: z.number().transform(second),
    to: z.number().transform(second),
    positive_class: z.string(),
    revision: z.number(),
  }),
});

const selectAnyLabel = defineQuery({
  name: 'select any label',
  sql: `SELECT 1 AS one FROM label WHERE project = {project:String} AND model = {model:String} LIMIT 1`,
  params: z.object({ project: z.string(), model: z.string() }),
  row: z.object({ one: z.number() }),
});

/**
 * Recomputes the performance cells of the hours from raw predictions and labels.
 * @param positiveClass of a binary model; "" when there is none: then scores per class are used
 * @param nowMs revision of the cells written, unless some of the hours have a later one
 */
export async function rebuildPerformanceCells(
  store: Store,
  project: string,
  model: string,
  hoursMs: readonly number[],
  positiveClass: string,
  nowMs: number,
): Promise<void> {
  // Most models never get a label, and the statement costs more to plan than to run.
  if (hoursMs.length === 0 || (await store.query(selectAnyLabel, { project, model })).length === 0) return;
  const from = hoursMs.reduce((least, hour) => Math.min(least, hour), Infinity);
  const to = hoursMs.reduce((most, hour) => Math.max(most, hour), 0);
  await store.command(
    rebuild,
    { project, model, hours: [...hoursMs], from, to, positive_class: positiveClass, revision: nowMs },
    `performance_cell:${project}/${model}:${from}-${to}:${hoursMs.length}:${nowMs}`,
  );
}
