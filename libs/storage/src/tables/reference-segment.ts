import type { ReferenceSeries } from '@plumbline/contracts';
import { z } from 'zod';
import { batchToken } from '../batch-token.js';
import { defineQuery } from '../query.js';
import { float, instant, integer } from '../row-types.js';
import type { Store } from '../store.js';
import type { MergedSeries } from './window-data.js';
import type { SegmentCounts } from './segment-source.js';

/** One series of a reference in one segment. */
export interface ReferenceSegment {
  readonly segment: string;
  readonly series: string;
  readonly counts: SegmentCounts;
}

/** Names a reference of a model. */
export interface ReferenceKey {
  readonly project: string;
  readonly model: string;
  readonly referenceId: string;
}

/** Writes what the segments of a reference add up to; those of the same reference made before are replaced. */
export async function saveReferenceSegments(
  store: Store,
  { project, model, referenceId }: ReferenceKey,
  segments: readonly ReferenceSegment[],
  nowMs: number,
): Promise<void> {
  const rows = segments.map(({ segment, series, counts: { counts, sumSquares, ...of } }) => {
    const filled = counts.flatMap((count, index) => (count > 0 ? [index] : []));
    return {
      ...{ project, model, reference_id: referenceId, segment, series },
      bins: [filled, filled.map((index) => counts[index])],
      ...{
        n: of.n,
        missing: of.missing,
        invalid: of.invalid,
        sum: finiteOr0(of.sum),
        sum_squares: finiteOr0(sumSquares),
      },
      // JSON has no infinities.
      ...{ min: finiteOr0(of.min), max: finiteOr0(of.max) },
      created_at: instant(nowMs),
    };
  });
  if (rows.length > 0) await store.insert('reference_segment', rows, batchToken('reference_segment', rows));
}

function finiteOr0(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

const selectSegment = defineQuery({
  name: 'select series of a reference in a segment',
  sql: `SELECT series, bins, n, missing, invalid, sum, sum_squares, min, max FROM reference_segment FINAL
        WHERE project = {project:String} AND model = {model:String} AND reference_id = {reference_id:String}
          AND segment = {segment:String} ORDER BY series`,
  params: z.object({ project: z.string(), model: z.string(), reference_id: z.string(), segment: z.string() }),
  row: z
    .object({
      series: z.string(),
      bins: z.tuple([z.array(z.number()), z.array(integer)]),
      n: integer,
      missing: integer,
      invalid: integer,
      sum: float,
      sum_squares: float,
      min: float,
      max: float,
    })
    .transform(({ bins, sum_squares, ...row }): Omit<MergedSeries, 'binSetId'> => ({
      ...row,
      sumSquares: sum_squares,
      binIndexes: bins[0],
      binCounts: bins[1],
    })),
});

/** What the rows of a reference in a segment add up to, one for each series that has any. */
export async function findReferenceSegment(
  store: Store,
  { project, model, referenceId }: ReferenceKey,
  segment: string,
): Promise<Omit<MergedSeries, 'binSetId'>[]> {
  return store.query(selectSegment, { project, model, reference_id: referenceId, segment });
}

/**
 * Returns a series of a reference as a segment has it: the same bins, with the counts and moments of the segment's own rows.
 * @param own undefined when the segment has no rows in the reference
 */
export function seriesInSegment(
  { chunks: _, ...whole }: ReferenceSeries,
  own: Omit<MergedSeries, 'binSetId'> | undefined,
): ReferenceSeries {
  const counts = whole.counts.map(() => 0);
  if (own === undefined) return { ...whole, counts, n: 0, missing: 0, invalid: 0, mean: 0, std: 0, min: 0, max: 0 };
  own.binIndexes.forEach((index, i) => (counts[index] = own.binCounts[i]!));
  const { n, missing, invalid, sum, sumSquares, min, max } = own;
  const mean = n === 0 ? 0 : sum / n;
  const std = n === 0 ? 0 : Math.sqrt(Math.max(0, sumSquares / n - mean * mean));
  return { ...whole, counts, n, missing, invalid, mean, std, min, max };
}
