import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, integer, second } from '../row-types.js';
import type { Store } from '../store.js';

/** Two versions, and the predictions of a time range. Whole seconds; `toMs` is exclusive. */
export interface VersionPair {
  readonly project: string;
  readonly model: string;
  readonly oldVersion: string;
  readonly newVersion: string;
  /** Of a binary model, for the Brier score; "" when there is none. */
  readonly positiveClass: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A mean over pairs, as sums. */
export interface PairedSums {
  readonly n: number;
  readonly oldSum: number;
  readonly newSum: number;
  /** Of new − old. */
  readonly differenceSum: number;
  readonly differenceSquares: number;
}

export interface PairedPerformance {
  /** 1 where the class was right, 0 where it was not. */
  readonly accuracy: PairedSums;
  /** Squared error of the score. */
  readonly brier: PairedSums;
  /** Absolute error of the value. */
  readonly mae: PairedSums;
}

const range = `project = {project:String} AND model = {model:String} AND timestamp >= {from:DateTime('UTC')}
  AND timestamp < {to:DateTime('UTC')} AND trace_id != ''`;

/** One answer per request: the first, where a version gave several. */
const answersOf = (version: string): string => `SELECT trace_id, argMin(toString(label), timestamp) AS class,
    argMin(score, timestamp) AS score_, argMin(value, timestamp) AS value_
  FROM prediction FINAL WHERE ${range} AND version = ${version} AND error = '' GROUP BY trace_id`;

/** Sums over the pairs for which something is known, as a tuple. */
const sums = (known: string, before: string, after: string): string =>
  `tuple(countIf(${known}), sumIf(${before}, ${known}), sumIf(${after}, ${known}),
    sumIf(${after} - ${before}, ${known}), sumIf(pow(${after} - ${before}, 2), ${known}))`;

const pairedRow = z
  .tuple([integer, float, float, float, float])
  .transform(([n, oldSum, newSum, differenceSum, differenceSquares]): PairedSums => ({
    n,
    oldSum,
    newSum,
    differenceSum,
    differenceSquares,
  }));

/**
 * Requests that both versions answered, by their trace id: a prediction id is one prediction, so that the two have one each, and a
 * label of either is the truth for both.
 */
const selectPairs = defineQuery({
  name: 'select paired performance',
  sql: `SELECT
          ${sums(`truth != '' AND o.class != '' AND c.class != ''`, 'toFloat64(o.class = truth)', 'toFloat64(c.class = truth)')} AS accuracy,
          ${sums(
            `{positive:String} != '' AND truth != '' AND NOT isNaN(o.score_) AND NOT isNaN(c.score_)`,
            'pow(o.score_ - (truth = {positive:String}), 2)',
            'pow(c.score_ - (truth = {positive:String}), 2)',
          )} AS brier,
          ${sums(
            'NOT isNaN(truth_value) AND NOT isNaN(o.value_) AND NOT isNaN(c.value_)',
            'abs(o.value_ - truth_value)',
            'abs(c.value_ - truth_value)',
          )} AS mae
        FROM (${answersOf('{old:String}')}) AS o
        INNER JOIN (${answersOf('{new:String}')}) AS c ON c.trace_id = o.trace_id
        INNER JOIN (
          SELECT p.trace_id AS trace_id, argMax(l.truth, l.at) AS truth, argMax(l.truth_value, l.at) AS truth_value
          FROM (
            SELECT trace_id, prediction_id FROM prediction FINAL WHERE ${range} AND version IN ({old:String}, {new:String})
          ) AS p
          INNER JOIN (
            SELECT prediction_id, toString(label) AS truth, value AS truth_value, timestamp AS at FROM label FINAL
            WHERE project = {project:String} AND model = {model:String} AND prediction_id IN (
              SELECT prediction_id FROM prediction WHERE ${range} AND version IN ({old:String}, {new:String}))
          ) AS l ON l.prediction_id = p.prediction_id
          GROUP BY trace_id
        ) AS t ON t.trace_id = o.trace_id`,
  params: z.object({
    project: z.string(),
    model: z.string(),
    old: z.string(),
    new: z.string(),
    positive: z.string(),
    from: z.number().transform(second),
    to: z.number().transform(second),
  }),
  row: z.object({ accuracy: pairedRow, brier: pairedRow, mae: pairedRow }),
});

/** Returns how two versions did on the labelled requests that both answered; all zero when there are none. @throws StorageError */
export async function readPairedPerformance(store: Store, pair: VersionPair): Promise<PairedPerformance> {
  const [row] = await store.query(selectPairs, {
    project: pair.project,
    model: pair.model,
    old: pair.oldVersion,
    new: pair.newVersion,
    positive: pair.positiveClass,
    from: pair.fromMs,
    to: pair.toMs,
  });
  return row!;
}
