/** Positions of the values of a raw row: which feature stands where. Content-addressed, so equal schemas have equal ids. */
export interface FeatureSchema {
  /** Below 2^48, so that it is exact as a number. */
  readonly schemaId: number;
  readonly numberNames: readonly string[];
  readonly textNames: readonly string[];
  readonly booleanNames: readonly string[];
}

/** Stands for a missing text in `texts`; no accepted feature value is this one-character text. */
export const MISSING_TEXT = '\u0000';

/** Names, and what belongs to each. */
export type NamedValues<V> = readonly [readonly string[], readonly V[]];

/**
 * Predictions of one model, version and schema as far as their cells depend on them: what ingest counts, and what a rebuild reads
 * back from raw. Entry i of every list belongs to row i; a column that no row has anything of is undefined.
 */
export interface CellColumns {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly schema: FeatureSchema;
  readonly rows: number;
  readonly timestampsMs: ArrayLike<number>;
  readonly idHashes: ArrayLike<number>;
  /** One list per name of schema.numberNames; NaN: missing. */
  readonly numbers: readonly ArrayLike<number>[];
  /** One list per name of schema.textNames, then of booleanNames ("true"/"false"); MISSING_TEXT: missing. */
  readonly texts: readonly (readonly string[])[];
  /**
   * Rows with values of the wrong type, which are missing in their own list: names of the features, and their values as JSON
   * text.
   */
  readonly invalid: ReadonlyMap<number, NamedValues<string>>;
  /** Rows of each declared segment, ascending. */
  readonly segments: ReadonlyMap<string, readonly number[]>;
  /** Predicted class; "" when there is none. */
  readonly labels: readonly string[] | undefined;
  /** Predicted number; NaN when there is none. */
  readonly values: ArrayLike<number> | undefined;
  /** Probability of the positive class; NaN when there is none. */
  readonly scores: ArrayLike<number> | undefined;
  /** NaN when unknown. */
  readonly latenciesMs: ArrayLike<number> | undefined;
  /** "" when the call succeeded. */
  readonly errors: readonly string[] | undefined;
  /** How many predictions of the service each row stands for, 1 or more; undefined: each for itself alone. */
  readonly sampleWeights: ArrayLike<number> | undefined;
}

/** Predictions of one model, version and schema as they are stored. */
export interface StoredColumns extends CellColumns {
  readonly predictionIds: readonly string[];
  readonly classScores: ReadonlyMap<number, NamedValues<number>>;
  readonly tags: ReadonlyMap<number, NamedValues<string>>;
  readonly entityHashes: readonly string[] | undefined;
  readonly traceIds: readonly string[] | undefined;
  readonly receivedAtMs: ArrayLike<number>;
}

/**
 * Series of the cell that vouches for the other cells of its minute: its `n` counts predictions, and together with `idHashSum` says
 * which. It is stored in one piece with them.
 */
export const VOUCHING_SERIES = '';

/** Mergeable statistics of one series in one minute. `binIndexes` ascend; both arrays have the same length. */
export interface FeatureCell {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  /** "" for all events. */
  readonly segment: string;
  readonly series: string;
  /** "" when the series has no reference and so no bins. */
  readonly binSetId: string;
  readonly minuteMs: number;
  /** Valid values; missing and invalid ones are counted apart. */
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** +Infinity and -Infinity when there is no number. */
  readonly min: number;
  readonly max: number;
  readonly binIndexes: readonly number[];
  readonly binCounts: readonly number[];
  /** Only of the cell that vouches for its minute. */
  readonly idHashSum?: number;
}

/** Events, errors and latencies of one minute. `idHashSum` together with `n` vouches for the minute's cells. */
export interface TrafficCell {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly segment: string;
  readonly minuteMs: number;
  readonly n: number;
  readonly idHashSum: number;
  readonly errors: number;
  readonly latencyN: number;
  readonly latencyBinIndexes: readonly number[];
  readonly latencyBinCounts: readonly number[];
  /** Predictions of the service that the `n` stand for: equal to `n` unless it sends a sample. */
  readonly weight: number;
  /** Sum of the squares of the weights, for the error of `weight`. */
  readonly weightSquares: number;
}
