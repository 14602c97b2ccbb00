import type { SeriesSummary } from '@plumbline/contracts';
import { currentSeries } from './current-series.js';
import { breachRank, effectRatio } from './effect-ratio.js';

/** A feature with the series that tells most of its drift in the range, and the one that tells how it is at the end. */
export interface FeatureRank {
  readonly feature: string;
  /** Of the version and method that moved furthest. */
  readonly worst: SeriesSummary;
  /** Of the version that answers at the end. */
  readonly current: SeriesSummary;
}

/**
 * Returns the features by their drift: those that are worst now first, then those that were worst in the range. Series that only record
 * are left out.
 * @param summaries of drift methods
 */
export function rankFeatures(summaries: readonly SeriesSummary[]): FeatureRank[] {
  const deciding = summaries.filter(({ feature, decides }) => feature !== '' && decides);
  const worst = worstOfEach(deciding);
  const current = worstOfEach(currentSeries(deciding), true);
  return [...worst]
    .map(([feature, series]) => ({ feature, worst: series, current: current.get(feature) ?? series }))
    .map((rank) => (rank.worst.breaches > 0 ? rank : { ...rank, worst: rank.current }))
    .sort(
      (left, right) =>
        breachRank(right.current.newest.severity) - breachRank(left.current.newest.severity) ||
        compare(left.worst, right.worst),
    );
}

function worstOfEach(summaries: readonly SeriesSummary[], now = false): Map<string, SeriesSummary> {
  const found = new Map<string, SeriesSummary>();
  for (const summary of summaries) {
    const known = found.get(summary.feature);
    const order = known === undefined ? -1 : (now && compareNow(summary, known)) || compare(summary, known);
    if (order < 0) found.set(summary.feature, summary);
  }
  return found;
}

function compareNow(left: SeriesSummary, right: SeriesSummary): number {
  return breachRank(right.newest.severity) - breachRank(left.newest.severity);
}

function compare(left: SeriesSummary, right: SeriesSummary): number {
  return (
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
