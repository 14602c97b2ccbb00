import type {
  ModelReport,
  ModelReportScope,
  PerformancePoint,
  PerformanceSeries,
  SeriesSummary,
} from '@plumbline/contracts';
import { modelChanges, modelVerdict, type PerformanceEvidence, usedMethods } from '@plumbline/monitoring';
import { type Store, summarizeSeries } from '@plumbline/storage';
import { readDataQuality } from './read-data-quality.js';
import { type DriftOptions, readDrift } from './read-drift.js';
import { readPerformance } from './read-performance.js';
import { readReportedAlerts } from './read-reported-alerts.js';
import { readReportedRuns } from './read-reported-runs.js';
import { readUsedReferences } from './read-used-references.js';
import { readVersions } from './read-versions.js';

/** Reads everything that the report of a model shows. One pass over the measurements of the range, then what its parts need beside. */
export async function readModelReport(
  store: Store,
  scope: ModelReportScope,
  nowMs: number,
  options: Omit<DriftOptions, 'summaries'> = {},
): Promise<ModelReport> {
  const summaries = await summarizeSeries(store, scope);
  const versions = await readVersions(store, scope);
  const { alerts, moreAlerts } = await readReportedAlerts(store, scope);
  const { runs, moreRuns } = await readReportedRuns(store, scope);
  const references = await readUsedReferences(store, scope, summaries);
  const performance = await readPerformance(store, scope, nowMs, { summaries });
  const drift = await readDrift(store, scope, { ...options, summaries });
  return {
    scope,
    createdAtMs: nowMs,
    versions: versions.map(({ version, predictions }) => ({ version, predictions })),
    verdict: modelVerdict({ model: scope.model, summaries, runs, evidenceOf: evidenceOf(performance) }),
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

/** Of metrics that are drawn; of others the labels alone, which all metrics of a window share. */
function evidenceOf({
  drawn,
}: ModelReport['performance']): (summary: SeriesSummary) => PerformanceEvidence | undefined {
  return ({ version, method, newest }) => {
    const pointOf = (series: readonly PerformanceSeries[]): PerformancePoint | undefined =>
      series.flatMap(({ points }) => points).find(({ windowEndMs }) => windowEndMs === newest.windowEndMs);
    const ofVersion = drawn.filter((series) => series.version === version);
    const own = pointOf(ofVersion.filter(({ metric }) => metric === method));
    const any = own ?? pointOf(ofVersion);
    return any && { lower: own?.lower ?? NaN, upper: own?.upper ?? NaN, coverage: any.coverage };
  };
}
