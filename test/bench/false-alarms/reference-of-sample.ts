import type { ReferenceSeries } from '@plumbline/contracts';
import { compileBinSet, murmur3 } from '@plumbline/monitoring';
import { quantileEdges } from '@plumbline/statistics';

/** Bins as createReference makes them in the engine, of a sample in memory. */
export function referenceOfSample(series: string, sample: readonly (number | string)[]): ReferenceSeries {
  return typeof sample[0] === 'string'
    ? ofCategories(series, sample as readonly string[])
    : ofNumbers(series, sample as readonly number[]);
}

const FINE_BINS = 120;
const LISTED_CATEGORIES = 100;

function ofNumbers(series: string, sample: readonly number[]): ReferenceSeries {
  const ascending = Float64Array.from(sample).sort();
  const values = [...new Set(ascending)];
  const deciles = quantileEdges(ascending, 10);
  const fine = values.length <= FINE_BINS ? values : quantileEdges(ascending, FINE_BINS);
  const [min, max] = [ascending[0]!, ascending.at(-1)!];
  const edges = [
    ...new Set([...fine, ...atomsOf(ascending, fine).map(justAbove), ...deciles, min, justAbove(max)]),
  ].sort((left, right) => left - right);
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const std = Math.sqrt(sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sample.length);
  const decileEdgeIndexes = deciles.map((edge) => edges.indexOf(edge));
  const shape = { series, kind: 'numeric', edges, decileEdgeIndexes, categories: [], otherHashes: [] } as const;
  return counted({ ...shape, mean, std, min, max }, sample);
}

/** Values that fill more than a fine bin: each has a bin of its own. */
function atomsOf(ascending: Float64Array, edges: readonly number[]): number[] {
  const rows = Math.ceil(ascending.length / FINE_BINS);
  return edges.filter((edge) => ascending[ascending.indexOf(edge) + rows] === edge);
}

function justAbove(value: number): number {
  return value + Math.abs(value) * Number.EPSILON + Number.MIN_VALUE;
}

function ofCategories(series: string, sample: readonly string[]): ReferenceSeries {
  const rows = new Map<string, number>();
  for (const category of sample) rows.set(category, (rows.get(category) ?? 0) + 1);
  const ordered = [...rows].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const categories = ordered.slice(0, LISTED_CATEGORIES).map(([category]) => category);
  const otherHashes = ordered.slice(LISTED_CATEGORIES).map(([category]) => murmur3(category));
  otherHashes.sort((left, right) => left - right);
  const singletons = ordered.filter(([, n]) => n === 1).length;
  const shape = { series, kind: 'categorical', edges: [], decileEdgeIndexes: [], categories, otherHashes } as const;
  return counted({ ...shape, singletons, mean: 0, std: 0, min: 0, max: 0 }, sample);
}

type Uncounted = Omit<ReferenceSeries, 'binSetId' | 'counts' | 'n' | 'missing' | 'invalid'>;

function counted(shape: Uncounted, sample: readonly (number | string)[]): ReferenceSeries {
  const empty = { ...shape, binSetId: `bins of ${shape.series}`, counts: [], n: sample.length, missing: 0, invalid: 0 };
  const bins = compileBinSet(empty);
  const counts = new Array<number>(bins.bins).fill(0);
  for (const value of sample) counts[typeof value === 'number' ? bins.binOfNumber(value) : bins.binOfText(value)]!++;
  return { ...empty, counts };
}
