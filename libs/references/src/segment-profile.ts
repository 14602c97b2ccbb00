import type { ReferenceProfile } from '@plumbline/contracts';
import { findReferenceSegment, seriesInSegment, type Store } from '@plumbline/storage';

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
  const series = profile.series.map((whole) => seriesInSegment(whole, bySeries.get(whole.series)));
  return {
    ...profile,
    n: series.reduce((most, { n, missing, invalid }) => Math.max(most, n + missing + invalid), 0),
    series,
  };
}
