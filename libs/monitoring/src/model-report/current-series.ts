import type { SeriesSummary } from '@plumbline/contracts';

/**
 * Returns the series that tell how the model is at the end of the range. A version that was replaced tells nothing of that: of each
 * monitor, feature and method those remain whose newest window is the latest, and of these those that had data, where any had.
 */
export function currentSeries(summaries: readonly SeriesSummary[]): SeriesSummary[] {
  const groups = new Map<string, SeriesSummary[]>();
  for (const summary of summaries) {
    const key = JSON.stringify([summary.monitor, summary.feature, summary.method]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [summary]);
    else group.push(summary);
  }
  return [...groups.values()].flatMap((group) => {
    const latestMs = group.reduce((latest, { newest }) => Math.max(latest, newest.windowEndMs), 0);
    const latest = group.filter(({ newest }) => newest.windowEndMs === latestMs);
    const answering = latest.filter(({ newest }) => newest.severity !== 'no_data');
    return answering.length > 0 ? answering : latest;
  });
}
