import type { BinnedPair } from '../binned-pair.js';

export type SampleKind = 'numeric' | 'categorical';

/** How far two samples are apart. */
export interface Distance {
  /** The number that is reported under the method's name. */
  readonly value: number;
  /** What a threshold is compared with: the value, but Cramér's V (Cohen's w) where the value is a test statistic. */
  readonly effectSize: number;
  /** By how much the effect size of the raw values can differ; 0 from raw values, and where the bins lose nothing. */
  readonly errorBound: number;
}

/** The same with the probability of such a distance when both samples come from one distribution, as the method's source has it. */
export interface TestedDistance extends Distance {
  readonly pValue: number;
}

/**
 * A named way to compare two samples. The id names bins, smoothing and formula, and keeps its meaning for ever: a better definition gets a
 * new id.
 */
export interface Method {
  readonly id: string;
  readonly label: string;
  readonly formula: string;
  /** Into which bins numbers go. */
  readonly bins: string;
  readonly reference: string;
  readonly kinds: readonly SampleKind[];
  /** What a threshold is compared with. */
  readonly effect: string;
  /** What is usual as bounds of the effect size. */
  readonly defaults: { readonly warning: number; readonly critical: number };
  readonly minimumRows: string;
  /** What counts over the reference's quantile bins give: the same number, one with an error bound, or nothing. */
  readonly fromBins: 'exact' | 'bounded' | 'raw only';
  /** Ascending finite values, neither sample empty. Absent: the method is not for numbers. */
  readonly ofNumbers?: (reference: Float64Array, current: Float64Array) => TestedDistance;
  /** Rows per category of both samples, neither empty. Absent: the method needs an order. */
  readonly ofCategories?: (reference: readonly number[], current: readonly number[]) => TestedDistance;
  /**
   * From counts over the bins or categories of a reference. NaN when a sample is empty.
   * @throws RangeError when counts and bins are not aligned, or the method is `raw only`
   */
  readonly ofBins: (pair: BinnedPair) => Distance;
}
