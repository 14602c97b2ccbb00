import {
  driftMethods,
  type DriftHeatMap,
  type FeatureRanking,
  type ModelReportScope,
  type RankedFeature,
  type SeriesSummary,
} from '@plumbline/contracts';
import {
  describeMeasurement,
  driftHeatMap,
  type FeatureRank,
  rankFeatures,
  type ReportedMeasurement,
  timeColumns,
} from '@plumbline/monitoring';
import { listFeatureColumns, readReportedSeries, type Store, summarizeSeries } from '@plumbline/storage';

const HOUR_MS = 3_600_000;
/** Columns that can be told apart on a phone. */
const MAX_COLUMNS = 45;
/** Features with a distribution, a trend and a row in the heat map. */
const DRAWN_FEATURES = 20;
/** Features that are listed at all. */
const MAX_FEATURES = 500;

export interface DriftOptions {
  /** What was measured by drift methods, where it was read before. */
  readonly summaries?: readonly SeriesSummary[];
  readonly drawn?: number;
  /** Distributions need the cells of a window for each: pages that show none do without. */
  readonly distributions?: boolean;
}

/** Reads which features moved, worst first, and how the worst of them moved over time. Measurements and cells only, no raw rows. */
export async function readDrift(
  store: Store,
  scope: ModelReportScope,
  { summaries, drawn = DRAWN_FEATURES, distributions = true }: DriftOptions = {},
): Promise<{ readonly ranking: FeatureRanking; readonly heatMap: DriftHeatMap }> {
  const known = summaries ?? (await summarizeSeries(store, scope, { methods: driftMethods }));
  const ranked = rankFeatures(known.filter(({ method }) => isDriftMethod(method)));
  const first = ranked.slice(0, drawn);
  const lengths = first.map(({ current: { newest } }) => newest.windowEndMs - newest.windowStartMs);
  const grid = timeColumns(scope.fromMs, scope.toMs, Math.min(...lengths, 24 * HOUR_MS), MAX_COLUMNS);
  const features = first.map(({ feature }) => feature);
  const cells = await listFeatureColumns(store, scope, { ...grid, features, methods: driftMethods });
  const heatMap = driftHeatMap(grid, features, cells, ranked.length - first.length);
  const trends = new Map(heatMap.rows.map(({ feature, ratios }) => [feature, ratios]));
  const details = distributions
    ? await describe(
        store,
        scope,
        first.map(({ worst }) => worst),
      )
    : new Map<string, Described>();
  const listed = ranked
    .slice(0, MAX_FEATURES)
    .map((rank) => rankedFeature(rank, details.get(rank.feature), trends.get(rank.feature) ?? []));
  return { ranking: { features: listed, moreFeatures: ranked.length - listed.length }, heatMap };
}

function isDriftMethod(method: string): boolean {
  return (driftMethods as readonly string[]).includes(method);
}

type Described = Pick<RankedFeature, 'change' | 'distribution'>;

/** Reads reference and cells of the windows that are told of, version by version. */
async function describe(
  store: Store,
  { project, model }: ModelReportScope,
  summaries: readonly SeriesSummary[],
): Promise<Map<string, Described>> {
  const described = new Map<string, Described>();
  for (const version of new Set(summaries.map((summary) => summary.version))) {
    const measurements = summaries.filter((summary) => summary.version === version).map(toldMeasurement);
    const series = await readReportedSeries(store, { project, model, version }, measurements);
    for (const measurement of measurements) {
      const { change, distribution } = describeMeasurement(measurement, series);
      described.set(measurement.feature, { change, distribution });
    }
  }
  return described;
}

function told({ breaches, newest, worst }: SeriesSummary): SeriesSummary['worst'] {
  return breaches > 0 ? worst : newest;
}

function toldMeasurement(summary: SeriesSummary): ReportedMeasurement {
  const { monitor, segment, feature, method } = summary;
  return { monitor, segment, feature, method, ...told(summary), effectOfAll: NaN };
}

function rankedFeature(
  { worst: summary, current }: FeatureRank,
  described: Described | undefined,
  trend: readonly number[],
): RankedFeature {
  const { feature, version, segment, monitor, method, windows, breaches, firstBreachMs, lastBreachMs } = summary;
  return {
    feature,
    version,
    segment,
    monitor,
    method,
    severity: current.newest.severity,
    worstSeverity: summary.worst.severity,
    told: told(summary),
    windows,
    breaches,
    firstBreachMs,
    lastBreachMs,
    change: described?.change ?? '',
    distribution: described?.distribution,
    trend,
  };
}
