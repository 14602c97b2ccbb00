import { z } from 'zod';
import { defineQuery } from '../query.js';
import { float, integer } from '../row-types.js';
import type { Store } from '../store.js';
import { ENGINE_FORMATS } from './engine-format.js';
import { columnName, type SourceFile } from './source-file.js';
import type { MergedPerformance } from './window-data.js';

/** Columns of a reference file that say how good the model was; "" where the file has none. */
export interface PerformanceColumns {
  readonly prediction: string;
  readonly score: string;
  readonly label: string;
}

/** Canonical text of a class column: true and false are 1 and 0, as at intake. */
const classOf = (column: string): string =>
  `multiIf({${column}:Identifier} IS NULL, '', toTypeName({${column}:Identifier}) NOT LIKE '%Bool%',
     ifNull(toString({${column}:Identifier}), ''), toString({${column}:Identifier}) = 'true', '1', '0')`;

const performanceOf = (file: string): string => `
        SELECT count() AS labelled,
          arrayMap(pair -> (pair.1, pair.2, toUInt64(countEqual(pairs, pair))), arrayDistinct(groupArrayIf((class, truth), class != '') AS pairs)) AS confusion_rows,
          countIf(has_score) AS scored,
          sumMapIf([score_bin], [toUInt64(1)], has_score AND positive) AS positives,
          sumMapIf([score_bin], [toUInt64(1)], has_score AND NOT positive) AS negatives,
          sumIf(if(positive, -log(clipped), -log(1 - clipped)), has_score) AS log_loss,
          sumIf(pow(score - positive, 2), has_score) AS brier,
          countIf(has_value) AS valued, sumIf(error, has_value) AS errors, sumIf(abs(error), has_value) AS absolute_errors,
          sumIf(error * error, has_value) AS squared_errors
        FROM (
          SELECT if({prediction:String} = '', '', ${classOf('prediction_column')}) AS class, ${classOf('label_column')} AS truth,
            if({score:String} = '', nan, ifNull(toFloat64OrNull(toString({score_column:Identifier})), nan)) AS score,
            NOT isNaN(score) AND truth != '' AS has_score, truth = {positive_class:String} AS positive,
            toUInt16(least(255, greatest(0, floor(if(isNaN(score), 0, score) * 256)))) AS score_bin,
            least(1 - 2.220446049250313e-16, greatest(2.220446049250313e-16, if(isNaN(score), 0.5, score))) AS clipped,
            if({prediction:String} = '', NULL, toFloat64OrNull(class)) - toFloat64OrNull(truth) AS error_or_null,
            error_or_null IS NOT NULL AS has_value, ifNull(error_or_null, 0) AS error
          FROM ${file}
          WHERE truth != '')`;

const performanceParams = z.object({
  prediction: z.string(),
  score: z.string(),
  prediction_column: z.string(),
  score_column: z.string(),
  label_column: z.string(),
  positive_class: z.string(),
});

const performanceRow = z.object({
  labelled: integer,
  confusion_rows: z.array(z.tuple([z.string(), z.string(), integer])),
  scored: integer,
  positives: z.tuple([z.array(z.number()), z.array(integer)]),
  negatives: z.tuple([z.array(z.number()), z.array(integer)]),
  log_loss: float,
  brier: float,
  valued: integer,
  errors: float,
  absolute_errors: float,
  squared_errors: float,
});

const performanceOfFile = defineQuery({
  name: 'measure performance of a file',
  sql: performanceOf('file({path:String}, {format:String})'),
  params: performanceParams.extend({ path: z.string(), format: z.string() }),
  row: performanceRow,
});

const performanceOfTable = defineQuery({
  name: 'measure performance of a file',
  sql: performanceOf('{table:Identifier}'),
  params: performanceParams.extend({ table: z.string() }),
  row: performanceRow,
});

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
  const rows =
    file.table === undefined
      ? await store.query(performanceOfFile, { ...bound, path: file.path, format: ENGINE_FORMATS[file.format] })
      : await store.query(performanceOfTable, { ...bound, table: file.table.name });
  const row = rows[0]!;
  const dense = ([indexes, counts]: readonly [readonly number[], readonly number[]]): number[] => {
    const bins = new Array<number>(256).fill(0);
    indexes.forEach((index, i) => (bins[index] = counts[i]!));
    return bins;
  };
  return {
    labelled: row.labelled,
    confusion: row.confusion_rows.map(([predicted, label, n]) => ({ predicted, label, n })).filter(({ n }) => n > 0),
    scored: row.scored,
    positives: dense(row.positives),
    negatives: dense(row.negatives),
    sumLogLoss: row.log_loss,
    sumBrier: row.brier,
    valued: row.valued,
    sumError: row.errors,
    sumAbsoluteError: row.absolute_errors,
    sumSquaredError: row.squared_errors,
  };
}
