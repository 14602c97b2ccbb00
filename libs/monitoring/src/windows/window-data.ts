import type { FeatureKind } from '@plumbline/contracts';
import type { CalibrationBin, ConfusionCell, LogBin, RegressionSums } from '@plumbline/statistics';

/** What the cells of a window add up to, for one (version, segment). */
export interface WindowData {
  readonly series: readonly SeriesData[];
  readonly traffic: TrafficData;
  readonly performance: PerformanceData;
}

/** One series (feature, $prediction or $score) under one bin set. Sums and bounds are of numeric values. */
export interface SeriesData {
  readonly series: string;
  readonly kind?: FeatureKind;
  /** "" when the series has no reference and so no bins. */
  readonly binSetId: string;
  /** Valid values; missing and invalid ones are counted apart. */
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly min: number;
  readonly max: number;
  /** Values per bin, dense: as long as the counts of the reference series with the same bin set. */
  readonly counts: readonly number[];
}

export interface TrafficData {
  /** Predictions that were stored. */
  readonly n: number;
  readonly errors: number;
  readonly latencyCount: number;
  readonly latencyBins: readonly { readonly index: number; readonly count: number }[];
  /** Predictions that the service made: more than `n` where it sends a sample, each of which stands for several. */
  readonly weight: number;
  /** Sum of the squares of what each stands for. */
  readonly weightSquares: number;
}

/** What the labels that are known by now say of the predictions of a window. Every field is a sum, or made of sums alone. */
export interface PerformanceData extends RegressionSums {
  readonly predicted: number;
  readonly labelled: number;
  readonly confusion: readonly ConfusionCell[];
  /** Rows with a label and a score: of the positive class, or where there is none of every class. */
  readonly scored: number;
  /**
   * Per class, ascending by score: rows whose label is the class, and the others. Of a binary model the positive class alone. An
   * entry is one score where these are `exact`, else a bin of scores that are close together.
   */
  readonly scores: readonly ClassScores[];
  /** Rows whose scores all lie within [0, 1]: what log loss, Brier score and calibration are over. */
  readonly probable: number;
  readonly sumLogLoss: number;
  readonly sumLogLossSquares: number;
  readonly sumBrier: number;
  readonly sumBrierSquares: number;
  /** 15 bins of equal width of the score; of several classes of the highest score, which hits where it is of the true class. */
  readonly calibration: readonly CalibrationBin[];
  /** Milliseconds from prediction to label. */
  readonly lagBins: readonly LogBin[];
}

export interface ClassScores {
  readonly name: string;
  readonly exact: boolean;
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/** Of a window without predictions. */
export const noPerformance: PerformanceData = {
  predicted: 0,
  labelled: 0,
  confusion: [],
  scored: 0,
  scores: [],
  probable: 0,
  sumLogLoss: 0,
  sumLogLossSquares: 0,
  sumBrier: 0,
  sumBrierSquares: 0,
  calibration: [],
  valued: 0,
  sumError: 0,
  sumAbsoluteError: 0,
  sumSquaredError: 0,
  sumQuarticError: 0,
  sumPercentageError: 0,
  sumPercentageErrorSquares: 0,
  truthMean: 0,
  truthSquares: 0,
  truthQuartics: 0,
  squaredErrorByTruth: 0,
  errorBins: [],
  lagBins: [],
};
