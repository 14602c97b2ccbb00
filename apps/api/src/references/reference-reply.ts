import type { ReferenceHeadReply, ReferenceProfile, ReferenceSummary } from '@plumbline/contracts';
import { instantText } from '../http/instant-text.js';

/** Returns what the API tells of a reference in a list. */
export function referenceHeadReply(head: Omit<ReferenceProfile, 'series'>): ReferenceHeadReply {
  return {
    reference_id: head.referenceId,
    kind: head.kind ?? 'uploaded',
    model: head.model,
    version: head.version,
    created_at: instantText(head.createdAtMs),
    created_by: head.createdBy,
    source: head.source,
    rows: head.n,
  };
}

/** Returns what the API tells of one reference. */
export function referenceSummary(profile: ReferenceProfile): ReferenceSummary {
  return {
    ...referenceHeadReply(profile),
    performance: { ...profile.performance },
    series: profile.series.map(({ series, kind, n, missing, counts, binSetId }) => ({
      name: series,
      kind,
      rows: n,
      missing,
      bins: counts.length,
      bin_set_id: binSetId,
    })),
  };
}
