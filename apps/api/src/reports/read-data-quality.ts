import {
  type ModelDataQuality,
  type ModelReportScope,
  qualityMetrics,
  type SeriesSummary,
  trafficMetrics,
} from '@plumbline/contracts';
import { breachRank, currentSeries, timeColumns } from '@plumbline/monitoring';
import { type ColumnOfTraffic, listTrafficColumns, type Store, summarizeSeries } from '@plumbline/storage';

const HOUR_MS = 3_600_000;
const MAX_COLUMNS = 120;
/** Rows of a table that somebody reads. */
const MAX_ROWS = 40;
const METHODS: readonly string[] = [...qualityMetrics, ...trafficMetrics];

export interface DataQualityOptions {
  /** What was measured, where it was read before. */
  readonly summaries?: readonly SeriesSummary[];
}

/** Reads the quality of the features' values, the traffic, and its errors and latency. */
export async function readDataQuality(
  store: Store,
  scope: ModelReportScope,
  { summaries }: DataQualityOptions = {},
): Promise<ModelDataQuality> {
  const known = summaries ?? (await summarizeSeries(store, scope, { methods: METHODS }));
  const quality = known.filter(({ method }) => isOneOf(qualityMetrics, method));
  // Of thousands of series that are as they should be nobody wants to know.
  const current = new Set(currentSeries(quality));
  const told = quality
    .filter((series) => series.breaches > 0 || (current.has(series) && series.newest.value > 0))
    .map((series) => ({ ...series, replaced: !current.has(series) }))
    .sort(worstFirst);
  return {
    quality: told.slice(0, MAX_ROWS),
    moreQuality: Math.max(0, told.length - MAX_ROWS),
    features: new Set(quality.map(({ feature }) => feature)).size,
    traffic: currentSeries(known.filter(({ method }) => isOneOf(trafficMetrics, method))),
    volume: await readVolume(store, scope),
  };
}

function worstFirst(left: SeriesSummary, right: SeriesSummary): number {
  return (
    breachRank(right.newest.severity) - breachRank(left.newest.severity) ||
    breachRank(right.worst.severity) - breachRank(left.worst.severity) ||
    right.worst.value - left.worst.value
  );
}

async function readVolume(store: Store, scope: ModelReportScope): Promise<ModelDataQuality['volume']> {
  const { startMs, columnMs, columns } = timeColumns(scope.fromMs, scope.toMs, HOUR_MS, MAX_COLUMNS);
  const rows = await listTrafficColumns(store, scope, { startMs, columnMs });
  const sumOf = (of: (row: ColumnOfTraffic) => number): number[] => {
    const sums = Array<number>(columns).fill(0);
    for (const row of rows) if (row.column in sums) sums[row.column]! += of(row);
    return sums;
  };
  return { startMs, columnMs, predictions: sumOf((row) => row.predictions), errors: sumOf((row) => row.errors) };
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
