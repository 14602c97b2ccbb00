import { z } from 'zod';
import { defineCommand } from '../query.js';
import { second } from '../row-types.js';
import type { Store } from '../store.js';

/**
 * Joins the distinct predictions of the hours with their labels and writes the performance cells of these hours anew. A cell is
 * one row, so the newest revision replaces the older one whole.
 *
 * Score bins: 256 equal ones over [0, 1]; AUC read from them is within 1e-5 of exact. Log loss clips at 2^-52, as scikit-learn does.
 * Labels have no time of their own here: a row belongs to the minute of its prediction.
 */
const rebuild = defineCommand({
  name: 'rebuild performance cells',
  sql: `INSERT INTO performance_cell
        SELECT project, model, version, segment, minute,
          count() AS labelled,
          sumMap(if(class != '' AND truth != '', map(concat(toString(lengthUTF8(class)), ':', class, truth), toUInt64(1)),
                    CAST(map(), 'Map(String, UInt64)'))) AS confusion,
          countIf(has_score) AS scored,
          sumMap(if(has_score AND positive, map(score_bin, toUInt64(1)), CAST(map(), 'Map(UInt16, UInt64)'))) AS positives,
          sumMap(if(has_score AND NOT positive, map(score_bin, toUInt64(1)), CAST(map(), 'Map(UInt16, UInt64)'))) AS negatives,
          sumIf(if(positive, -log(clipped), -log(1 - clipped)), has_score) AS sum_log_loss,
          sumIf(pow(score - positive, 2), has_score) AS sum_brier,
          countIf(has_value) AS valued,
          sumIf(error, has_value) AS sum_error, sumIf(abs(error), has_value) AS sum_absolute_error,
          sumIf(error * error, has_value) AS sum_squared_error,
          greatest({revision:UInt64}, (
            SELECT max(revision) + 1 FROM performance_cell
            WHERE project = {project:String} AND model = {model:String} AND minute >= {from:DateTime('UTC')}
              AND minute < {to:DateTime('UTC')} + INTERVAL 1 HOUR)) AS revision
        FROM (
          SELECT p.project AS project, p.model AS model, p.version AS version, p.minute AS minute,
            arrayJoin(arrayConcat([''], p.segments)) AS segment,
            p.class AS class, l.truth AS truth, p.score AS score,
            NOT isNaN(p.score) AND l.truth != '' AS has_score,
            l.truth = {positive_class:String} AS positive,
            toUInt16(least(255, greatest(0, floor(if(isNaN(p.score), 0, p.score) * 256)))) AS score_bin,
            least(1 - 2.220446049250313e-16, greatest(2.220446049250313e-16, if(isNaN(p.score), 0.5, p.score))) AS clipped,
            NOT isNaN(p.value) AND NOT isNaN(l.truth_value) AS has_value,
            p.value - l.truth_value AS error
          FROM (
            SELECT project, model, version, toStartOfMinute(timestamp) AS minute, prediction_id, segments, label AS class, score, value
            FROM prediction FINAL
            WHERE project = {project:String} AND model = {model:String}
              AND toStartOfHour(timestamp) IN ({hours:Array(DateTime('UTC'))})
              AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')} + INTERVAL 1 HOUR
          ) AS p
          INNER JOIN (
            SELECT prediction_id, label AS truth, value AS truth_value FROM label FINAL
            WHERE project = {project:String} AND model = {model:String} AND prediction_id IN (
              SELECT prediction_id FROM prediction
              WHERE project = {project:String} AND model = {model:String}
                AND toStartOfHour(timestamp) IN ({hours:Array(DateTime('UTC'))})
                AND timestamp >= {from:DateTime('UTC')} AND timestamp < {to:DateTime('UTC')} + INTERVAL 1 HOUR
            )
          ) AS l ON p.prediction_id = l.prediction_id
        )
        GROUP BY project, model, version, segment, minute`,
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

/**
 * Recomputes the performance cells of the hours from raw predictions and labels.
 * @param positiveClass of a binary model; "" when there is none, and then scores give no AUC
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
  if (hoursMs.length === 0) return;
  const from = hoursMs.reduce((least, hour) => Math.min(least, hour), Infinity);
  const to = hoursMs.reduce((most, hour) => Math.max(most, hour), 0);
  await store.command(
    rebuild,
    { project, model, hours: [...hoursMs], from, to, positive_class: positiveClass, revision: nowMs },
    `performance_cell:${project}/${model}:${from}-${to}:${hoursMs.length}:${nowMs}`,
  );
}
