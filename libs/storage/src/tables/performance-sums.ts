import { z } from 'zod';
import { flag, float, integer } from '../row-types.js';

/** What the performance cells of a window, or the rows of a file, add up to. Every field is a sum, or made of sums alone. */
export interface MergedPerformance {
  readonly labelled: number;
  readonly confusion: readonly { readonly predicted: string; readonly label: string; readonly n: number }[];
  /** Rows with a label and a score: of the positive class, or where there is none of every class. */
  readonly scored: number;
  /**
   * Per class, ascending by score: rows whose label is the class, and the others. Of a binary model the positive class alone. An
   * entry is one score where these are `exact`, else a bin of scores that are close together.
   */
  readonly scores: readonly {
    readonly name: string;
    readonly exact: boolean;
    readonly positives: readonly number[];
    readonly negatives: readonly number[];
  }[];
  /** Rows whose scores all lie within [0, 1]: what the sums of log loss, Brier score and calibration are over. */
  readonly probable: number;
  readonly sumLogLoss: number;
  readonly sumLogLossSquares: number;
  readonly sumBrier: number;
  readonly sumBrierSquares: number;
  /** 15 bins of equal width of the score (of several classes: of the highest): rows, rows where it was right, sum of scores. */
  readonly calibration: readonly { readonly n: number; readonly hits: number; readonly sumScore: number }[];
  /** Rows with a predicted and a true number, which what follows is over. */
  readonly valued: number;
  readonly sumError: number;
  readonly sumAbsoluteError: number;
  readonly sumSquaredError: number;
  readonly sumQuarticError: number;
  readonly sumPercentageError: number;
  readonly sumPercentageErrorSquares: number;
  /** Of the true values: mean, and sums of the second and fourth power of their distance from it. */
  readonly truthMean: number;
  readonly truthSquares: number;
  readonly truthQuartics: number;
  /** Sum of the squared error times the squared distance of the true value from the mean. */
  readonly squaredErrorByTruth: number;
  /** Amounts of the error, and milliseconds from prediction to label, by the bins of LOG_BIN_RATIO. */
  readonly errorBins: readonly LogBin[];
  readonly lagBins: readonly LogBin[];
}

/** Bin i holds [ratio^i, ratio^(i+1)); `index` ZERO_BIN holds 0 and what is below. */
export interface LogBin {
  readonly index: number;
  readonly count: number;
}

/** Different scores of a class that a minute keeps apart, and that a window or a file is judged by. More are joined to bins. */
export const MAX_CELL_SCORES = 4_096;
export const MAX_WINDOW_SCORES = 32_768;

const CALIBRATION_BINS = 15;
/** Ratio of the edges of bins of errors and lags: their geometric middle is within 1 % of every value in them. */
const LOG_BIN_RATIO = '1.02';
const ZERO_BIN = '-2000000000';
/** Models with more classes have no ranking metrics: each class is a list of scores of its own. */
const MAX_RANKED_CLASSES = 50;

/** Bits of a key that may be cut. What is left of the last: 8 bits of the mantissa, 256 bins per doubling of the score. */
const SHIFTS = '[0, 16, 20, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44]::Array(UInt8)';

/** The engine takes both branches of an if where the amount is a constant, as the lag of a file is. */
const logBin = (amount: string): string =>
  `if(${amount} > 0, toInt32(floor(log(if(${amount} > 0, ${amount}, 1)) / log(${LOG_BIN_RATIO}))), toInt32(${ZERO_BIN}))`;

const HALF = '4602678819172646912';
/** A number's place among all doubles, as an integer: greater for a greater number, and 0 for 0 and −0. */
const ordinal = (x: string): string => `toInt64(sign(${x})) * reinterpretAsInt64(abs(${x}))`;
/**
 * An integer that keeps the order of scores, and whose leading bits keep them apart near 1 as well as near 0: the ordinal of the
 * score below ½, of its distance from 1 above. Beyond 1, where scores are no probabilities, in steps of 2^10 doubles.
 */
const scoreKey = (x: string, place: string): string =>
  `multiIf(${x} < 0.5, ${place}, ${place} >= 0, 2 * ${HALF} - ${place}, 2 * ${HALF} + 1 - intDiv(${place}, 1024))`;

const ones = (count: string): string => `arrayWithConstant(${count}, toUInt64(1))`;
const zeros = (count: string): string => `arrayWithConstant(${count}, toUInt64(0))`;
const cut = (keys: string, shift: string): string =>
  `arrayMap(key -> bitShiftLeft(bitShiftRight(key, ${shift}), ${shift}), ${keys})`;

/** Fewest bits to cut from ascending keys, and not fewer than `floor`, so that at most `limit` different ones are left. */
const leastShift = (keys: string, limit: number, floor = 'toUInt8(0)'): string =>
  `if(length(${keys}) <= ${limit}, ${floor}, arrayFirst(shift -> shift >= ${floor} AND (shift = 44 OR
     arrayCount(step -> step != 0, arrayDifference(arrayMap(key -> bitShiftRight(key, shift), ${keys}))) < ${limit}), ${SHIFTS}))`;

/** Columns of performance_cell that `performanceSums` gives, in its order, after the key and before the revision. */
export const PERFORMANCE_COLUMNS = `labelled, confusion, scored, score_classes, score_keys, score_positives, score_negatives,
  score_shifts, probable, sum_log_loss, sum_log_loss_squares, sum_brier, sum_brier_squares, calibration_rows, calibration_hits,
  calibration_scores, valued, sum_error, sum_absolute_error, sum_squared_error, sum_quartic_error, sum_percentage_error,
  sum_percentage_error_squares, truth_mean, truth_squares, truth_cubes, truth_quartics, squared_error_by_truth, error_bins, lag_bins`;

/**
 * Returns a SELECT of the key and PERFORMANCE_COLUMNS from rows that have a label.
 *
 * Rows need `class` and `truth` ("" where there is none), `score` (NaN where there is none), `scores` (Map(String, Float64)), `value`,
 * `truth_value` (NaN where there is none), `lag_ms`. A score speaks for `{positive_class:String}`; when a row has none, the score of
 * that class among `scores` does. Without a positive class the row's `scores` are used; a true class that they do not list has the
 * probability 0. Log loss clips at 2^-52, as scikit-learn does.
 * @param keys columns to group by; "" for one row in all
 */
export function performanceSums(rows: string, keys: string, maxScores: number): string {
  const group = keys === '' ? '' : `${keys}, `;
  return `
    SELECT ${group}labelled, confusion, scored,
      arrayFlatten(arrayMap(one -> arrayWithConstant(length(one.3.1), one.1), ranked)) AS score_classes,
      arrayFlatten(arrayMap(one -> one.3.1, ranked)) AS score_keys,
      arrayFlatten(arrayMap(one -> one.3.2, ranked)) AS score_positives,
      arrayFlatten(arrayMap(one -> one.3.3, ranked)) AS score_negatives,
      arrayFlatten(arrayMap(one -> arrayWithConstant(length(one.3.1), one.2), ranked)) AS score_shifts,
      probable, sum_log_loss, sum_log_loss_squares, sum_brier, sum_brier_squares, calibration_rows, calibration_hits,
      calibration_scores, valued, sum_error, sum_absolute_error, sum_squared_error, sum_quartic_error, sum_percentage_error,
      sum_percentage_error_squares, truth_mean,
      arraySum(y -> pow(y - truth_mean, 2), truths) AS truth_squares, arraySum(y -> pow(y - truth_mean, 3), truths) AS truth_cubes,
      arraySum(y -> pow(y - truth_mean, 4), truths) AS truth_quartics,
      if(valued = 0, [], [arraySum((e, y) -> e * e * (y - truth_mean), errors, truths),
                          arraySum((e, y) -> e * e * pow(y - truth_mean, 2), errors, truths)]) AS squared_error_by_truth,
      error_bins, lag_bins
    FROM (
      SELECT *, arrayMap(one -> (one.1, one.4, arrayReduce('sumMap',
          [arrayConcat(${cut('one.2', 'one.4')}, ${cut('one.3', 'one.4')})],
          [arrayConcat(${ones('length(one.2)')}, ${zeros('length(one.3)')})],
          [arrayConcat(${zeros('length(one.2)')}, ${ones('length(one.3)')})])), shifted) AS ranked
      FROM (
        SELECT *, arrayMap(one -> (one.1, one.2, one.3, ${leastShift('arraySort(arrayConcat(one.2, one.3))', maxScores)}),
          arrayMap(name -> (name, positives[name], negatives[name]), names)) AS shifted
        FROM (SELECT *, arraySort(arrayDistinct(arrayConcat(mapKeys(positives), mapKeys(negatives)))) AS names
        FROM (
          SELECT ${group}count() AS labelled,
            sumMap(if(class != '' AND truth != '', map(concat(toString(lengthUTF8(class)), ':', class, truth), toUInt64(1)),
                      CAST(map(), 'Map(String, UInt64)'))) AS confusion,
            countIf(has_score) AS scored,
            groupArrayMap(CAST(if(ranks AND has_truth, map(truth, hit_key), map()), 'Map(String, Int64)')) AS positives,
            groupArrayMap(CAST(if(ranks, mapFromArrays(missed, missed_keys), map()), 'Map(String, Int64)')) AS negatives,
            countIf(is_probable) AS probable,
            sumIf(loss, is_probable) AS sum_log_loss, sumIf(loss * loss, is_probable) AS sum_log_loss_squares,
            sumIf(distance, is_probable) AS sum_brier, sumIf(distance * distance, is_probable) AS sum_brier_squares,
            sumMap(CAST(if(is_probable, map(calibration_bin, 1), map()), 'Map(UInt8, UInt64)')) AS calibration_rows,
            sumMap(CAST(if(is_probable, map(calibration_bin, right_), map()), 'Map(UInt8, UInt64)')) AS calibration_hits,
            sumMap(CAST(if(is_probable, map(calibration_bin, confidence), map()), 'Map(UInt8, Float64)')) AS calibration_scores,
            countIf(has_value) AS valued, sumIf(error, has_value) AS sum_error, sumIf(abs(error), has_value) AS sum_absolute_error,
            sumIf(error * error, has_value) AS sum_squared_error, sumIf(pow(error, 4), has_value) AS sum_quartic_error,
            sumIf(percentage, has_value) AS sum_percentage_error,
            sumIf(percentage * percentage, has_value) AS sum_percentage_error_squares,
            groupArrayIf(error, has_value) AS errors, groupArrayIf(truth_value, has_value) AS truths,
            if(countIf(has_value) = 0, 0, sumKahanIf(truth_value, has_value) / countIf(has_value)) AS truth_mean,
            sumMap(CAST(if(has_value, map(error_bin, 1), map()), 'Map(Int32, UInt64)')) AS error_bins,
            sumMap(CAST(map(lag_bin, 1), 'Map(Int32, UInt64)')) AS lag_bins
          FROM (
            SELECT *, -log(least(1 - 2.220446049250313e-16, greatest(2.220446049250313e-16, chance_of_truth))) AS loss,
              if(speaks_for != '', pow(1 - chance_of_truth, 2),
                 arraySum(p -> p * p, offered_scores) - 2 * truth_score + 1) AS distance,
              if(speaks_for != '', toUInt64(truth = speaks_for),
                 toUInt64(truth = offered_names[indexOf(offered_scores, confidence)])) AS right_,
              toUInt8(if(is_probable, least(${CALIBRATION_BINS - 1}, floor(confidence * ${CALIBRATION_BINS})), 0)) AS calibration_bin,
              abs(error) / greatest(2.220446049250313e-16, abs(truth_value)) AS percentage,
              ${logBin('abs(error)')} AS error_bin, ${logBin('lag_ms')} AS lag_bin,
              ${scoreKey('truth_score', 'truth_place')} AS hit_key,
              arrayMap((one, place) -> ${scoreKey('one', 'place')}, missed_scores, missed_places) AS missed_keys
            FROM (
              SELECT *, has_score AND length(offered_names) <= ${MAX_RANKED_CLASSES} AS ranks, mapContains(offered, truth) AS has_truth,
                arrayFilter(name -> name != truth, offered_names) AS missed,
                arrayFilter((one, name) -> name != truth, offered_scores, offered_names) AS missed_scores,
                ${ordinal('least(truth_score, 1 - truth_score)')} AS truth_place,
                arrayMap(one -> ${ordinal('least(one, 1 - one)')}, missed_scores) AS missed_places,
                has_score AND arrayAll(p -> p >= 0 AND p <= 1, offered_scores) AS is_probable,
                multiIf(speaks_for = '', truth_score, truth = speaks_for, own_score, 1 - own_score) AS chance_of_truth,
                if(speaks_for != '', own_score, arrayMax(offered_scores)) AS confidence
              FROM (
                SELECT *, NOT empty(offered) AS has_score, mapKeys(offered) AS offered_names, mapValues(offered) AS offered_scores,
                  offered[truth] AS truth_score
                FROM (
                  -- The scores that count, by class.
                  SELECT *, multiIf(truth = '', CAST(map(), 'Map(String, Float64)'),
                      speaks_for != '', CAST(if(isNaN(own_score), map(), map(speaks_for, own_score)), 'Map(String, Float64)'),
                      empty(scores) OR mapContains(scores, truth), scores,
                      mapUpdate(scores, map(truth, toFloat64(0)))) AS offered
                  FROM (
                    SELECT *, {positive_class:String} AS speaks_for,
                      if(speaks_for != '' AND isNaN(score) AND mapContains(scores, speaks_for), scores[speaks_for], score) AS own_score,
                      isFinite(value) AND isFinite(truth_value) AS has_value, value - truth_value AS error
                    FROM (${rows}))))))
          ${keys === '' ? '' : `GROUP BY ${keys}`}))))`;
}

/** Returns a SELECT of one row, read by `totalsRow`: what rows with PERFORMANCE_COLUMNS add up to, but for truths and scores. */
export function performanceTotals(cells: string): string {
  return `
    SELECT sum(labelled) AS labelled_, sumMap(confusion) AS confusion_map,
      arrayZip(mapKeys(confusion_map), mapValues(confusion_map)) AS confusion_,
      sum(scored) AS scored_, sum(probable) AS probable_, sum(sum_log_loss) AS log_loss, sum(sum_log_loss_squares) AS log_loss_squares,
      sum(sum_brier) AS brier, sum(sum_brier_squares) AS brier_squares,
      sumMap(calibration_rows) AS calibration_rows_, sumMap(calibration_hits) AS calibration_hits_,
      sumMap(calibration_scores) AS calibration_scores_,
      sum(valued) AS valued_, sum(sum_error) AS error, sum(sum_absolute_error) AS absolute_error,
      sum(sum_squared_error) AS squared_error, sum(sum_quartic_error) AS quartic_error,
      sum(sum_percentage_error) AS percentage_error, sum(sum_percentage_error_squares) AS percentage_error_squares,
      sumMap(error_bins) AS error_map, arrayZip(mapKeys(error_map), mapValues(error_map)) AS error_bins_,
      sumMap(lag_bins) AS lag_map, arrayZip(mapKeys(lag_map), mapValues(lag_map)) AS lag_bins_
    FROM (${cells})`;
}

/** Returns a SELECT of one row, read by `truthsRow`: sums about the mean of each cell, moved to the mean of all. */
export function performanceTruths(cells: string): string {
  return `
    SELECT groupArrayIf((valued, truth_mean, truth_squares, truth_cubes, truth_quartics, sum_squared_error, squared_error_by_truth), valued > 0) AS parts,
      if(empty(parts), 0, arraySum(part -> part.1 * part.2, parts) / arraySum(part -> part.1, parts)) AS truth_mean_,
      arraySum(part -> part.3 + part.1 * pow(part.2 - truth_mean_, 2), parts) AS truth_squares_,
      arraySum(part -> part.5 + 4 * (part.2 - truth_mean_) * part.4 + 6 * pow(part.2 - truth_mean_, 2) * part.3
        + part.1 * pow(part.2 - truth_mean_, 4), parts) AS truth_quartics_,
      arraySum(part -> part.7[2] + 2 * (part.2 - truth_mean_) * part.7[1] + pow(part.2 - truth_mean_, 2) * part.6, parts) AS by_truth
    FROM (${cells})`;
}

/** Returns a SELECT of one row per class, read by `scoresRow`. */
export function performanceScores(cells: string): string {
  return `
    SELECT name, shift = 0 AS exact,
      if(exact, (keys, positives_, negatives_), arrayReduce('sumMap', [${cut('keys', 'shift')}], [positives_], [negatives_])) AS counts,
      counts.2 AS positives, counts.3 AS negatives
    FROM (
      SELECT name, groupArray(key) AS keys, groupArray(n_positive) AS positives_, groupArray(n_negative) AS negatives_,
        ${leastShift('keys', MAX_WINDOW_SCORES, 'max(least_shift)')} AS shift
      FROM (
        SELECT toString(entry.1) AS name, entry.2 AS key, max(entry.5) AS least_shift, sum(entry.3) AS n_positive, sum(entry.4) AS n_negative
        FROM (SELECT score_classes, score_keys, score_positives, score_negatives, score_shifts FROM (${cells}))
        ARRAY JOIN arrayZip(score_classes, score_keys, score_positives, score_negatives, score_shifts) AS entry
        GROUP BY name, key ORDER BY name, key)
      GROUP BY name)
    ORDER BY name`;
}

const bins = z
  .array(z.tuple([z.number(), integer]))
  .transform((pairs) => pairs.map(([index, count]): LogBin => ({ index, count })));

/** A map whose keys are numbers; JSON has texts for them. */
const byIndex = <T extends z.ZodType>(value: T) =>
  z.record(z.string(), value).transform((found) => new Map(Object.entries(found)));

export const totalsRow = z.object({
  labelled_: integer,
  confusion_: z.array(z.tuple([z.string(), integer])),
  scored_: integer,
  probable_: integer,
  log_loss: float,
  log_loss_squares: float,
  brier: float,
  brier_squares: float,
  calibration_rows_: byIndex(integer),
  calibration_hits_: byIndex(integer),
  calibration_scores_: byIndex(float),
  valued_: integer,
  error: float,
  absolute_error: float,
  squared_error: float,
  quartic_error: float,
  percentage_error: float,
  percentage_error_squares: float,
  error_bins_: bins,
  lag_bins_: bins,
});

export const truthsRow = z.object({
  truth_mean_: float,
  truth_squares_: float,
  truth_quartics_: float,
  by_truth: float,
});

export const scoresRow = z.object({
  name: z.string(),
  exact: flag,
  positives: z.array(integer),
  negatives: z.array(integer),
});

/**
 * Returns the sums whose rows `query` reads with a SELECT of this file. Truths and scores are asked for where there are any: most
 * models have one of them, and a query costs more to plan than to run.
 */
export async function readPerformance(query: {
  readonly totals: () => Promise<readonly z.output<typeof totalsRow>[]>;
  readonly truths: () => Promise<readonly z.output<typeof truthsRow>[]>;
  readonly scores: () => Promise<readonly z.output<typeof scoresRow>[]>;
}): Promise<MergedPerformance> {
  const [row] = await query.totals();
  const { valued_: valued, scored_: scored } = row!;
  const [truths] = valued > 0 ? await query.truths() : [];
  return {
    labelled: row!.labelled_,
    confusion: row!.confusion_.map(([key, n]) => ({ ...classesOf(key), n })),
    scored,
    scores: scored > 0 ? await query.scores() : [],
    probable: row!.probable_,
    sumLogLoss: row!.log_loss,
    sumLogLossSquares: row!.log_loss_squares,
    sumBrier: row!.brier,
    sumBrierSquares: row!.brier_squares,
    calibration: Array.from({ length: CALIBRATION_BINS }, (_, bin) => ({
      n: row!.calibration_rows_.get(String(bin)) ?? 0,
      hits: row!.calibration_hits_.get(String(bin)) ?? 0,
      sumScore: row!.calibration_scores_.get(String(bin)) ?? 0,
    })),
    valued,
    sumError: row!.error,
    sumAbsoluteError: row!.absolute_error,
    sumSquaredError: row!.squared_error,
    sumQuarticError: row!.quartic_error,
    sumPercentageError: row!.percentage_error,
    sumPercentageErrorSquares: row!.percentage_error_squares,
    truthMean: truths?.truth_mean_ ?? 0,
    truthSquares: truths?.truth_squares_ ?? 0,
    truthQuartics: truths?.truth_quartics_ ?? 0,
    squaredErrorByTruth: truths?.by_truth ?? 0,
    errorBins: row!.error_bins_,
    lagBins: row!.lag_bins_,
  };
}

/** Reads `<characters of the predicted class>:<predicted class><true class>`. */
function classesOf(key: string): { predicted: string; label: string } {
  const colon = key.indexOf(':');
  const characters = [...key.slice(colon + 1)];
  const length = Number(key.slice(0, colon));
  return { predicted: characters.slice(0, length).join(''), label: characters.slice(length).join('') };
}
