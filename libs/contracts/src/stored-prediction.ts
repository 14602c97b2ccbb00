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

/**
 * A prediction as it is stored, and so all that cells may depend on.
 * `numbers` follows schema.numberNames (NaN: missing), `texts` follows textNames, then booleanNames ("true"/"false").
 * A value of the wrong type leaves a missing value there and its JSON text in `invalid`.
 */
export interface StoredPrediction {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly timestampMs: number;
  readonly predictionId: string;
  readonly idHash: number;
  readonly schema: FeatureSchema;
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
  /** Feature names, and their values as JSON text. */
  readonly invalid: readonly [readonly string[], readonly string[]];
  /** Names of the declared segments the event belonged to when it was stored. */
  readonly segments: readonly string[];
  /** Predicted class; "" when there is none. */
  readonly label: string;
  /** Predicted number; NaN when there is none. */
  readonly value: number;
  /** Probability of the positive class; NaN when there is none. */
  readonly score: number;
  readonly scores: readonly [readonly string[], readonly number[]];
  /** NaN when unknown. */
  readonly latencyMs: number;
  /** "" when the call succeeded. */
  readonly error: string;
  readonly tags: readonly [readonly string[], readonly string[]];
  readonly entityHash: string;
  readonly traceId: string;
  readonly receivedAtMs: number;
}

/** As much of a stored prediction as its cells depend on: what a rebuild reads back from raw. */
export type CellSource = Pick<
  StoredPrediction,
  | 'project'
  | 'model'
  | 'version'
  | 'timestampMs'
  | 'idHash'
  | 'schema'
  | 'numbers'
  | 'texts'
  | 'invalid'
  | 'segments'
  | 'label'
  | 'value'
  | 'score'
  | 'latencyMs'
  | 'error'
>;

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
}
