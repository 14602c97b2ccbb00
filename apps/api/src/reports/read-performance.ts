import {
  type Measurement,
  type ModelPerformance,
  type ModelReportScope,
  performanceMetrics,
  type PerformanceSeries,
  type SeriesSummary,
} from '@plumbline/contracts';
import { breachRank, currentSeries, performanceBounds } from '@plumbline/monitoring';
import { listMeasurements, listReferences, type Store, summarizeSeries } from '@plumbline/storage';

const DRAWN_METRICS = 2;
const DRAWN_VERSIONS = 4;
/** Points of a metric, all versions together: 41 days of hours. */
const MAX_POINTS = 1_000;
const MAX_REFERENCES = 50;
/** Drawn where several are equally telling: what people ask for first. */
const KNOWN_FIRST: readonly string[] = ['accuracy', 'roc_auc', 'mae', 'rmse', 'f1', 'f1_macro', 'log_loss'];

export interface PerformanceOptions {
  /** What was measured of performance, where it was read before. */
  readonly summaries?: readonly SeriesSummary[];
}

/** Reads how well the model did: the newest of every metric, and the most telling ones over time with their intervals. */
export async function readPerformance(
  store: Store,
  scope: ModelReportScope,
  nowMs: number,
  { summaries }: PerformanceOptions = {},
): Promise<ModelPerformance> {
  const read = summaries ?? (await summarizeSeries(store, scope, { methods: performanceMetrics, feature: '' }));
  const known = read.filter(({ method }) => isPerformance(method));
  if (known.length === 0) return { drawn: [], summaries: [] };
  const references = await listReferences(store, scope.project, scope.model, MAX_REFERENCES);
  const stored = new Map(references.map(({ referenceId, performance }) => [referenceId, performance]));
  const boundsOf = ({ method, newest }: SeriesSummary): ReturnType<typeof performanceBounds> =>
    performanceBounds(method, newest, stored.get(newest.referenceId)?.[method]);
  const drawn: PerformanceSeries[] = [];
  for (const metric of telling(known)) {
    const found = await listMeasurements(store, {
      project: scope.project,
      model: scope.model,
      version: scope.version,
      segment: scope.segment,
      method: metric,
      fromMs: scope.fromMs,
      toMs: scope.toMs,
      limit: MAX_POINTS,
    });
    const ofMetric = known
      .filter(({ method }) => method === metric)
      .sort((left, right) => right.newest.windowEndMs - left.newest.windowEndMs);
    for (const summary of firstMonitorOfEach(ofMetric).slice(0, DRAWN_VERSIONS)) {
      const { version, monitor, decides } = summary;
      const points = found
        .filter((each) => each.version === version && each.monitor === monitor)
        .map((each) => pointOf(each, nowMs))
        .reverse();
      drawn.push({ metric, version, monitor, decides, ...boundsOf(summary), points });
    }
  }
  return {
    drawn,
    summaries: currentSeries(known).map((summary) => ({ ...summary, reference: boundsOf(summary).reference })),
  };
}

function isPerformance(method: string): boolean {
  return (performanceMetrics as readonly string[]).includes(method);
}

/** Metrics at a bound first, then those that decide, then those that people know. */
function telling(summaries: readonly SeriesSummary[]): string[] {
  const place = (method: string): number => {
    const index = KNOWN_FIRST.indexOf(method);
    return index === -1 ? KNOWN_FIRST.length : index;
  };
  const best = new Map<string, readonly [number, number, number]>();
  for (const { method, worst, decides } of summaries) {
    const rank = [-breachRank(worst.severity), decides ? 0 : 1, place(method)] as const;
    const known = best.get(method);
    if (known === undefined || compare(rank, known) < 0) best.set(method, rank);
  }
  return [...best]
    .sort((left, right) => compare(left[1], right[1]) || (left[0] < right[0] ? -1 : 1))
    .slice(0, DRAWN_METRICS)
    .map(([method]) => method);
}

function compare(left: readonly number[], right: readonly number[]): number {
  return left.reduce((order, value, index) => order || value - right[index]!, 0);
}

/** Two monitors of one metric measure the same: one line for each version. */
function firstMonitorOfEach(summaries: readonly SeriesSummary[]): SeriesSummary[] {
  return [...new Map([...summaries].reverse().map((summary) => [summary.version, summary])).values()].reverse();
}

function pointOf(measurement: Measurement, nowMs: number): PerformanceSeries['points'][number] {
  const { windowStartMs, windowEndMs, value, lower, upper, nCurrent, coverage, finalFromMs, severity } = measurement;
  return {
    windowStartMs,
    windowEndMs,
    value,
    lower,
    upper,
    nLabelled: nCurrent,
    coverage,
    provisional: finalFromMs > nowMs,
    severity,
  };
}
