import { z } from 'zod';
import { defineQuery } from '../query.js';
import type { Store } from '../store.js';
import { ENGINE_FORMATS } from './engine-format.js';
import {
  MAX_WINDOW_SCORES,
  type MergedPerformance,
  performanceScores,
  performanceSums,
  performanceTotals,
  performanceTruths,
  readPerformance,
  scoresRow,
  totalsRow,
  truthsRow,
} from './performance-sums.js';
import { columnName, type SourceFile } from './source-file.js';

/** Columns of a reference file that say how good the model was; "" where the file has none. */
export interface PerformanceColumns {
  readonly prediction: string;
  readonly score: string;
  readonly label: string;
}

/** Canonical text of a class column: true and false are 1 and 0, as at intake. */
const classOf = (column: string): string =>
  `multiIf(${column} IS NULL, '', toTypeName(${column}) NOT LIKE '%Bool%', ifNull(toString(${column}), ''),
     toString(${column}) = 'true', '1', '0')`;

/**
 * The rows of a file as one cell. The columns get names of ours first, for the file may call them anything, "class" or "score" too. A
 * file has no times of prediction and label: no lag is read from it.
 */
const cellOf = (file: string): string =>
  performanceSums(
    `SELECT if({prediction:String} = '', '', ${classOf('plumbline_prediction')}) AS class, ${classOf('plumbline_label')} AS truth,
       if({score:String} = '', nan, ifNull(toFloat64OrNull(toString(plumbline_score)), nan)) AS read_score,
       if(isFinite(read_score), read_score, nan) AS score, CAST(map(), 'Map(String, Float64)') AS scores,
       if({prediction:String} = '', nan, ifNull(toFloat64OrNull(class), nan)) AS value,
       ifNull(toFloat64OrNull(truth), nan) AS truth_value, toInt64(0) AS lag_ms
     FROM (SELECT {prediction_column:Identifier} AS plumbline_prediction, {score_column:Identifier} AS plumbline_score,
                  {label_column:Identifier} AS plumbline_label
           FROM ${file})
     WHERE truth != ''`,
    '',
    MAX_WINDOW_SCORES,
  );

const performanceParams = z.object({
  prediction: z.string(),
  score: z.string(),
  prediction_column: z.string(),
  score_column: z.string(),
  label_column: z.string(),
  positive_class: z.string(),
});

/** The queries of a place that rows are read from. */
const queriesOf = <P extends z.ZodType>(file: string, params: P) => {
  const name = 'measure performance of a file';
  return {
    totals: defineQuery({ name, sql: performanceTotals(cellOf(file)), params, row: totalsRow }),
    truths: defineQuery({ name, sql: performanceTruths(cellOf(file)), params, row: truthsRow }),
    scores: defineQuery({ name, sql: performanceScores(cellOf(file)), params, row: scoresRow }),
  };
};
const ofFile = queriesOf(
  'file({path:String}, {format:String})',
  performanceParams.extend({ path: z.string(), format: z.string() }),
);
const ofTable = queriesOf('{table:Identifier}', performanceParams.extend({ table: z.string() }));

/** Sums of the model's performance over a file with labels, in the form of a window's performance cells. */
export async function measureFilePerformance(
  store: Store,
  file: SourceFile,
  columns: PerformanceColumns,
  positiveClass: string,
): Promise<MergedPerformance> {
  const bound = {
    prediction: columns.prediction,
    score: columns.score,
    // A column must exist even where its value is not used.
    prediction_column: columnName(file, columns.prediction === '' ? columns.label : columns.prediction),
    score_column: columnName(file, columns.score === '' ? columns.label : columns.score),
    label_column: columnName(file, columns.label),
    positive_class: positiveClass,
  };
  if (file.table !== undefined) {
    const read = { ...bound, table: file.table.name };
    return readPerformance({
      totals: () => store.query(ofTable.totals, read),
      truths: () => store.query(ofTable.truths, read),
      scores: () => store.query(ofTable.scores, read),
    });
  }
  const read = { ...bound, path: file.path, format: ENGINE_FORMATS[file.format] };
  return readPerformance({
    totals: () => store.query(ofFile.totals, read),
    truths: () => store.query(ofFile.truths, read),
    scores: () => store.query(ofFile.scores, read),
  });
}
