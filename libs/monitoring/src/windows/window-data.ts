import type { FeatureKind } from '@plumbline/contracts';

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
  readonly n: number;
  readonly errors: number;
  readonly latencyCount: number;
  readonly latencyBins: readonly { readonly index: number; readonly count: number }[];
}

/** Predictions of the window that have a label by now. Error sums are of regression models. */
export interface PerformanceData {
  readonly predicted: number;
  readonly labelled: number;
  readonly confusion: readonly { readonly predicted: string; readonly label: string; readonly n: number }[];
  /** Scores of rows whose label is (not) the positive class, in 256 bins of equal width over [0, 1]. */
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
  readonly scored: number;
  readonly sumLogLoss: number;
  readonly sumBrier: number;
  /** Rows with a predicted and a true number, which the error sums are over. */
  readonly valued: number;
  readonly sumError: number;
  readonly sumAbsoluteError: number;
  readonly sumSquaredError: number;
}
