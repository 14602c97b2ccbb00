import { type BinnedPair, liesOnEdges, sampleLiesOnEdges } from '../binned-pair.js';
import { placeCounts, type PlacedCounts } from '../placed-counts.js';
import { populationStabilityIndex } from '../population-stability-index.js';
import { psiRange, type ShareRange } from '../psi-range.js';
import { psiWithReplacedZeros, zeroShareBeside } from '../psi-with-replaced-zeros.js';
import type { Distance } from './method.js';
import { EQUAL_WIDTH_BINS, equalWidthEdges, MOST_SINGLE_VALUES } from './numeric-bins.js';

/** `psi.equal-width-30` from other bins, with the bound of what they leave open. */
export function equalWidthPsiOfBins(pair: BinnedPair): Distance {
  const { reference, current } = pair;
  if (reference.n === 0 || current.n === 0) return undefinedDistance;
  const targets = equalWidthEdges(reference.min, reference.max, EQUAL_WIDTH_BINS);
  const { p, q } = placePair(pair, targets);
  const { value } = populationStabilityIndex(p.counts, q.counts);
  if (isCertain(p) && isCertain(q)) return exactly(value);
  const possible = p.most.filter((rows, i) => rows > 0 || q.most[i]! > 0).length;
  const certain = p.fewest.filter((rows, i) => rows > 0 || q.fewest[i]! > 0).length;
  const smoothed = ({ fewest, most }: PlacedCounts, n: number): ShareRange[] =>
    fewest.map((rows, i) => ({
      least: (rows + 0.5) / (n + 0.5 * possible),
      most: (most[i]! + 0.5) / (n + 0.5 * certain),
    }));
  return bounded(value, psiRange(smoothed(p, reference.n), smoothed(q, current.n)));
}

/** `psi.evidently` from other bins, with the bound of what they leave open. */
export function evidentlyPsiOfBins(pair: BinnedPair): Distance {
  const { reference, current } = pair;
  if (reference.n === 0 || current.n === 0) return undefinedDistance;
  if (reference.kind !== 'numeric') return exactly(psiOfValues(pair));
  const referenceOnEdges = sampleLiesOnEdges(reference.edges, reference.counts, reference.n * reference.mean);
  if (referenceOnEdges && reference.counts.filter((rows) => rows > 0).length <= MOST_SINGLE_VALUES) {
    return liesOnEdges(pair) ? exactly(psiOfValues(pair)) : bounded(psiOfValues(pair), rangeOfValues(pair));
  }
  const lowest = Math.min(reference.min, current.min);
  const highest = Math.max(reference.max, current.max);
  // Sturges' number of bins depends on the rows alone.
  const bins = Math.ceil(Math.log2(reference.n + current.n) + 1);
  const { p, q } = placePair(pair, equalWidthEdges(lowest, highest, bins));
  const value = psiWithReplacedZeros(p.counts, q.counts);
  if (isCertain(p) && isCertain(q)) return exactly(value);
  const range = ({ fewest, most }: PlacedCounts, n: number): ShareRange[] =>
    fewest.map((rows, i) => shareRange(rows, most[i]!, n));
  return bounded(value, psiRange(range(p, reference.n), range(q, current.n)));
}

/** One bin per value or category; what neither sample holds is none. */
function psiOfValues({ reference, current }: BinnedPair): number {
  const occupied = reference.counts.map((rows, i) => rows > 0 || current.counts[i]! > 0);
  const keep = (counts: readonly number[]) => counts.filter((_, i) => occupied[i]);
  return psiWithReplacedZeros(keep(reference.counts), keep(current.counts));
}

/**
 * The reference has a bin for each of its values, and the current sample may hold others between them: those rows have bins of their own, which
 * add most when they are one value.
 */
function rangeOfValues({ reference, current }: BinnedPair): { least: number; most: number } {
  const known = reference.counts.map((rows) => rows > 0);
  const ofReference: ShareRange[] = [];
  const ofCurrent: ShareRange[] = [];
  let certainlyNew = 0;
  current.counts.forEach((rows, i) => {
    if (!known[i]) certainlyNew += rows;
    else {
      ofReference.push(shareRange(reference.counts[i]!, reference.counts[i]!, reference.n));
      ofCurrent.push(shareRange(0, rows, current.n));
    }
  });
  ofReference.push(shareRange(0, 0, reference.n));
  ofCurrent.push(shareRange(certainlyNew, current.n, current.n));
  return { ...psiRange(ofReference, ofCurrent), least: 0 };
}

/** The share of a bin that holds from `fewest` to `most` of n rows, 0 being replaced. */
function shareRange(fewest: number, most: number, n: number): ShareRange {
  return {
    least: fewest > 0 ? fewest / n : Math.min(zeroShareBeside(1 / n), 1 / n),
    most: Math.max(most / n, fewest > 0 ? 0 : zeroShareBeside(1)),
  };
}

function isCertain({ fewest, most }: PlacedCounts): boolean {
  return fewest.every((rows, i) => rows === most[i]);
}

const undefinedDistance: Distance = { value: NaN, effectSize: NaN, errorBound: NaN };

function placePair(pair: BinnedPair, targets: readonly number[]): { p: PlacedCounts; q: PlacedCounts } {
  const { reference, current } = pair;
  const onEdges = liesOnEdges(pair);
  return {
    p: placeCounts(reference, reference.edges, targets, onEdges),
    q: placeCounts(current, reference.edges, targets, onEdges),
  };
}

function exactly(value: number): Distance {
  return { value, effectSize: value, errorBound: 0 };
}

function bounded(value: number, { least, most }: { least: number; most: number }): Distance {
  return { value, effectSize: value, errorBound: Math.max(0, most - value, value - least) };
}
