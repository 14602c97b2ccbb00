import type { ReferenceSeries } from '@plumbline/contracts';
import type { SeriesData } from '@plumbline/monitoring';
import { coalesce, ksPValue, ksTwoSample, populationStabilityIndex } from '@plumbline/statistics';

/** "KS p < .05" of the raw values of a window against those of the reference, both ascending. */
export function flagsByKs(reference: Float64Array, current: Float64Array): boolean {
  const distance = ksTwoSample(reference, current);
  return ksPValue(distance, reference.length, current.length) < 0.05;
}

/** "PSI ≥ .1" over the deciles of the reference. */
export function flagsByPsi({ kind, counts, decileEdgeIndexes }: ReferenceSeries, current: SeriesData): boolean {
  const coarse = (fine: readonly number[]): readonly number[] =>
    kind === 'numeric' ? coalesce(fine, decileEdgeIndexes) : fine;
  return populationStabilityIndex(coarse(counts), coarse(current.counts)).value >= 0.1;
}
