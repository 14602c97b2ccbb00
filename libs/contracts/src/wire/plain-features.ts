/** Values of the features of one event, in the order of their names. */
export interface PlainFeatures {
  readonly names: readonly string[];
  /** How many there are; what stands behind them in the lists is old. */
  readonly length: number;
  /** Of each: PLAIN_NUMBER or PLAIN_OTHER. */
  readonly kinds: Uint8Array;
  readonly numbers: Float64Array;
  readonly others: readonly (string | boolean | null)[];
}

export const PLAIN_NUMBER = 0;
/** A text, true, false or null, in `others`. */
export const PLAIN_OTHER = 1;
