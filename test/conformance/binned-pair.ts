import { binIndex, type BinnedPair, quantileEdges, sampleMoments } from '@plumbline/statistics';

/** Fine bins of a reference, and the number of distinct values up to which each has a bin of its own. */
const FINE_BINS = 120;

/** Returns two samples as cells would hold them: counted over the bins that a reference profile has. */
export function binnedPair(reference: readonly number[], current: readonly number[]): BinnedPair {
  const sorted = Float64Array.from(reference).sort();
  const distinct = [...new Set(sorted)];
  const deciles = quantileEdges(sorted, 10);
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const fine = distinct.length <= FINE_BINS ? distinct : withAtoms(quantileEdges(sorted, FINE_BINS), sorted);
  const edges = [...new Set([...fine, ...deciles, min, nextUp(max)])].sort((a, b) => a - b);
  const { mean, std } = sampleMoments(sorted);
  return {
    reference: {
      kind: 'numeric',
      edges,
      decileEdgeIndexes: deciles.map((edge) => edges.indexOf(edge)),
      counts: counted(edges, reference),
      n: reference.length,
      mean,
      std,
      min,
      max,
    },
    current: {
      counts: counted(edges, current),
      n: current.length,
      sum: current.reduce((sum, value) => sum + value, 0),
      sumSquares: current.reduce((sum, value) => sum + value * value, 0),
      min: current.reduce((least, value) => Math.min(least, value), Infinity),
      max: current.reduce((most, value) => Math.max(most, value), -Infinity),
    },
  };
}

/** A value that fills a fine bin by itself has its own: the next double ends it. */
function withAtoms(quantiles: readonly number[], sorted: Float64Array): number[] {
  const rows = sorted.length / FINE_BINS;
  const atoms = quantiles.filter((value) => sorted.filter((each) => each === value).length > rows);
  return [...quantiles, ...atoms.map(nextUp)];
}

function counted(edges: readonly number[], values: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binIndex(edges, value)]! += 1;
  return counts;
}

/** The next larger double of a finite number. */
function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0]! += value > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0]!;
}
