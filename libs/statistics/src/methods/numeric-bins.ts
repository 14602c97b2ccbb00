import { binIndex } from '../bin-index.js';
import { histogramEdges } from '../histogram-edges.js';
import { quantileEdges } from '../quantile-edges.js';

/** Two samples counted over the same bins. */
export interface CountedPair {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** How a profile puts numbers into bins: two ascending samples of finite values, neither of them empty. */
export type BinRule = (reference: Float64Array, current: Float64Array) => CountedPair;

const DECILES = 10;
export const EQUAL_WIDTH_BINS = 30;
/** Evidently counts every value by itself up to so many distinct values of the reference. */
export const MOST_SINGLE_VALUES = 20;

/** Deciles of the reference, bins [a, b), the outer ones open. */
export const decileBins: BinRule = (reference, current) =>
  countBetween(quantileEdges(reference, DECILES), reference, current);

/** 30 bins of equal width over the range of the reference, bins [a, b), the outer ones open. */
export const equalWidthBins: BinRule = (reference, current) =>
  countBetween(equalWidthEdges(reference[0]!, reference.at(-1)!, EQUAL_WIDTH_BINS), reference, current);

/** Evidently 0.7.23: Sturges' bins over both samples when the reference has more than 20 distinct values, else one bin per value. */
export const evidentlyBins: BinRule = (reference, current) => {
  if (distinctValues(reference) <= MOST_SINGLE_VALUES) return countValues(reference, current);
  const pooled = new Float64Array(reference.length + current.length);
  pooled.set(reference);
  pooled.set(current, reference.length);
  return countBetween(wideHistogramEdges(pooled.sort(), 'sturges').slice(1, -1), reference, current);
};

/** NannyML 0.13: Doane's bins over the reference, and one more for what lies outside their range. */
export const doaneBins: BinRule = (reference, current) => {
  const edges = wideHistogramEdges(reference, 'doane');
  const counted = countBetween(edges.slice(1, -1), reference, current);
  const lowest = edges[0]!;
  const highest = edges.at(-1)!;
  const currentInside = [...counted.current];
  let outside = 0;
  for (const value of current) {
    if (value >= lowest && value <= highest) continue;
    outside += 1;
    currentInside[value < lowest ? 0 : currentInside.length - 1]! -= 1;
  }
  return { reference: [...counted.reference, 0], current: [...currentInside, outside] };
};

/** Inner edges of `bins` bins of equal width; none where the range has no width. Never infinite, however wide the range. */
export function equalWidthEdges(lowest: number, highest: number, bins: number): number[] {
  if (!(lowest < highest)) return [];
  const range = highest - lowest;
  const step = Number.isFinite(range) ? range / bins : highest / bins - lowest / bins;
  const edges = Array.from({ length: bins - 1 }, (_, k) => lowest + (k + 1) * step);
  // A range of a few of the smallest steps between doubles has fewer edges.
  return edges.filter((edge, k) => edge > (k === 0 ? lowest : edges[k - 1]!) && edge < highest);
}

function wideHistogramEdges(sorted: Float64Array, rule: 'sturges' | 'doane'): number[] {
  // A range beyond the largest double is cut in quarters, which changes no digit.
  const unit = Number.isFinite(sorted.at(-1)! - sorted[0]!) ? 1 : 4;
  const edges = histogramEdges(
    sorted.map((value) => value / unit),
    rule,
  );
  return edges.map((edge) => edge * unit);
}

function countBetween(edges: readonly number[], reference: Float64Array, current: Float64Array): CountedPair {
  return { reference: countSorted(edges, reference), current: countSorted(edges, current) };
}

/** Counts per bin of an ascending sample. */
function countSorted(edges: readonly number[], sorted: Float64Array): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of sorted) counts[binIndex(edges, value)]! += 1;
  return counts;
}

function distinctValues(sorted: Float64Array): number {
  let distinct = 0;
  for (let i = 0; i < sorted.length; i += 1) if (i === 0 || sorted[i] !== sorted[i - 1]) distinct += 1;
  return distinct;
}

function countValues(reference: Float64Array, current: Float64Array): CountedPair {
  const counts = new Map<number, [reference: number, current: number]>();
  const add = (values: Float64Array, side: 0 | 1) => {
    for (const value of values) {
      const known = counts.get(value);
      if (known !== undefined) known[side] += 1;
      else counts.set(value, side === 0 ? [1, 0] : [0, 1]);
    }
  };
  add(reference, 0);
  add(current, 1);
  const rows = [...counts.values()];
  return { reference: rows.map(([r]) => r), current: rows.map(([, c]) => c) };
}
