import { type ModelReport, type ModelReportScope, performanceMetrics, type SeriesSummary } from '@plumbline/contracts';
import { modelChanges, modelVerdict, usedMethods } from '@plumbline/monitoring';
import { type Store, summarizeSeries } from '@plumbline/storage';
import { readDataQuality } from './read-data-quality.js';
import { readDrift } from './read-drift.js';
import { readPerformance } from './read-performance.js';
import { readReportedAlerts } from './read-reported-alerts.js';
import { readReportedRuns } from './read-reported-runs.js';
import { readUsedReferences } from './read-used-references.js';
import { readVersions } from './read-versions.js';

/** Reads everything that the report of a model shows. One pass over the measurements of the range, then what its parts need beside. */
export async function readModelReport(store: Store, scope: ModelReportScope, nowMs: number): Promise<ModelReport> {
  const summaries = await summarizeSeries(store, scope);
  const versions = await readVersions(store, scope);
  const { alerts, moreAlerts } = await readReportedAlerts(store, scope);
  const { runs, moreRuns } = await readReportedRuns(store, scope);
  const references = await readUsedReferences(store, scope, summaries);
  const performance = await readPerformance(store, scope, nowMs, { summaries });
  const drift = await readDrift(store, scope, { summaries });
  return {
    scope,
    createdAtMs: nowMs,
    versions: versions.map(({ version, predictions }) => ({ version, predictions })),
    verdict: modelVerdict({ model: scope.model, summaries, runs, coverageOf: coverageOf(performance) }),
    changes: modelChanges({
      summaries,
      versions,
      runs: runs.filter(({ requestedAtMs }) => requestedAtMs > scope.fromMs),
      references: references.flatMap(({ version, rows, createdAtMs }) =>
        createdAtMs !== undefined && createdAtMs > scope.fromMs && createdAtMs <= scope.toMs
          ? [{ version, rows, createdAtMs }]
          : [],
      ),
    }),
    ranking: drift.ranking,
    heatMap: drift.heatMap,
    performance,
    dataQuality: await readDataQuality(store, scope, { summaries }),
    alerts,
    moreAlerts,
    runs,
    moreRuns,
    methods: usedMethods(summaries),
    references,
  };
}

/** Every metric of a window has the labels of that window: that of a metric that is drawn stands for all. */
function coverageOf({ drawn }: ModelReport['performance']): (summary: SeriesSummary) => number {
  return ({ version, method, newest }) => {
    if (!(performanceMetrics as readonly string[]).includes(method)) return NaN;
    const points = drawn.filter((series) => series.version === version).flatMap((series) => series.points);
    return points.find(({ windowEndMs }) => windowEndMs === newest.windowEndMs)?.coverage ?? NaN;
  };
}
