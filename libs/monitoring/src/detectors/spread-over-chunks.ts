import type { ReferenceThreshold, Threshold } from '@plumbline/contracts';
import { quantileFromNeighbours, quantilePosition } from '@plumbline/statistics';

/** Fewer parts than this say nothing of a spread. */
export const FEWEST_CHUNKS = 3;

/** Thresholds that rest on the spread of a metric over the chunks of the reference. */
export type ChunkThreshold = Extract<ReferenceThreshold, { kind: 'standard_deviations' | 'quantiles' }>;

export function restsOnChunks(threshold: ReferenceThreshold | undefined): threshold is ChunkThreshold {
  return threshold?.kind === 'standard_deviations' || threshold?.kind === 'quantiles';
}

/**
 * Returns the bounds in the unit of the metric: its mean over the chunks plus so many standard deviations (ddof 0), or its quantiles
 * over them (linear interpolation, as numpy).
 * @param values of the metric, one per chunk; not empty
 */
export function spreadOverChunks({ kind, warning, critical }: ChunkThreshold, values: readonly number[]): Threshold {
  const ascending = [...values].sort((left, right) => left - right);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const bound = (level: number): number => {
    if (kind === 'standard_deviations') return mean + level * deviation;
    const { index, t } = quantilePosition(values.length, level, 1);
    return quantileFromNeighbours(ascending[index]!, ascending[Math.min(index + 1, values.length - 1)]!, t);
  };
  return {
    ...(warning === undefined ? {} : { warning: bound(warning) }),
    ...(critical === undefined ? {} : { critical: bound(critical) }),
  };
}
