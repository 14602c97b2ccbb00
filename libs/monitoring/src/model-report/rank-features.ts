import type { SeriesSummary } from '@plumbline/contracts';
import { breachRank, effectRatio } from './effect-ratio.js';

/**
 * Returns for each feature the series that tells most of its drift, the features that are worst now first, then those that were worst
 * in the range. Series that only record are left out.
 * @param summaries of drift methods
 */
export function rankFeatures(summaries: readonly SeriesSummary[]): SeriesSummary[] {
  const worst = new Map<string, SeriesSummary>();
  for (const summary of summaries) {
    if (summary.feature === '' || !summary.decides) continue;
    const known = worst.get(summary.feature);
    if (known === undefined || compare(summary, known) < 0) worst.set(summary.feature, summary);
  }
  return [...worst.values()].sort(compare);
}

function compare(left: SeriesSummary, right: SeriesSummary): number {
  return (
    breachRank(right.newest.severity) - breachRank(left.newest.severity) ||
    breachRank(right.worst.severity) - breachRank(left.worst.severity) ||
    ratioOf(right) - ratioOf(left) ||
    right.newest.windowEndMs - left.newest.windowEndMs ||
    (left.feature < right.feature ? -1 : left.feature > right.feature ? 1 : 0)
  );
}

function ratioOf({ worst }: SeriesSummary): number {
  const ratio = effectRatio(worst);
  return Number.isFinite(ratio) ? ratio : -1;
}
