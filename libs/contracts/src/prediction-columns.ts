import type { FeatureValue } from './event.schema.js';

/**
 * Numbers of a feature in one piece of memory: NaN where a row has none, which no number of JSON is. The garbage collector does not
 * copy them around as long as they wait; lists of the same numbers cost a third of ingest.
 */
export interface PackedNumbers {
  readonly packed: Float64Array;
}

/** What a feature has in each row; null: nothing. Read it with `featureAt`. */
export type FeatureColumn = readonly FeatureValue[] | PackedNumbers;

/**
 * Predictions of one model and version, column by column: entry i of every list belongs to row i. What a whole column lacks is
 * left out; what a single row lacks is null. Thousands of rows cost a few dozen lists instead of an object each, which is
 * what makes intake and ingest cheap.
 */
export interface PredictionColumns {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  /** At least 1. */
  readonly rows: number;
  readonly predictionIds: readonly string[];
  readonly timestampsMs: readonly number[];
  readonly receivedAtMs: readonly number[];
  readonly features: ReadonlyMap<string, FeatureColumn>;
  /** Canonical class texts. */
  readonly labels?: readonly (string | null)[];
  readonly values?: readonly (number | null)[];
  readonly scores?: readonly (number | null)[];
  /** Score of each class, by its canonical text. */
  readonly classScores?: readonly (Readonly<Record<string, number>> | null)[];
  readonly latenciesMs?: readonly (number | null)[];
  readonly errors?: readonly (string | null)[];
  readonly tags?: readonly (Readonly<Record<string, string>> | null)[];
  /** 16 hex digits each, of a keyed hash of the wire's entity_id. */
  readonly entityHashes?: readonly (string | null)[];
  readonly traceIds?: readonly (string | null)[];
  /** From MIN_SAMPLE_RATE to 1; null: all were sent. */
  readonly sampleRates?: readonly (number | null)[];
}

/** The columns of PredictionColumns that a batch may lack. */
export const OPTIONAL_COLUMNS = [
  'labels',
  'values',
  'scores',
  'classScores',
  'latenciesMs',
  'errors',
  'tags',
  'entityHashes',
  'traceIds',
  'sampleRates',
] as const satisfies readonly (keyof PredictionColumns)[];
