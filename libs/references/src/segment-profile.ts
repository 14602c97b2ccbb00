import type { ReferenceProfile, ReferenceSeries } from '@plumbline/contracts';
import { findReferenceSegment, type Store } from '@plumbline/storage';

/**
 * Returns a stored reference as a segment has it: the same bins, with the counts of the segment's own rows; none where the reference
 * was made before the segment was declared. What a model does on all of the reference stays what performance is compared with.
 */
export async function segmentProfile(
  store: Store,
  profile: ReferenceProfile,
  segment: string,
): Promise<ReferenceProfile> {
  const found = await findReferenceSegment(store, profile, segment);
  const bySeries = new Map(found.map((each) => [each.series, each]));
  const series = profile.series.map((whole): ReferenceSeries => {
    const { chunks: _, ...bins } = whole;
    const counts = whole.counts.map(() => 0);
    const own = bySeries.get(whole.series);
    if (own === undefined) return { ...bins, counts, n: 0, missing: 0, invalid: 0, mean: 0, std: 0, min: 0, max: 0 };
    own.binIndexes.forEach((index, i) => (counts[index] = own.binCounts[i]!));
    const { n, missing, invalid, sum, sumSquares, min, max } = own;
    const mean = n === 0 ? 0 : sum / n;
    const std = n === 0 ? 0 : Math.sqrt(Math.max(0, sumSquares / n - mean * mean));
    return { ...bins, counts, n, missing, invalid, mean, std, min, max };
  });
  return {
    ...profile,
    n: series.reduce((most, { n, missing, invalid }) => Math.max(most, n + missing + invalid), 0),
    series,
  };
}
