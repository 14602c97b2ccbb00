import type { DistributionPair } from './alert-report.js';
import type { Measurement, Series } from './measurement.schema.js';
import type { Severity } from './monitor.schema.js';
import type { RetrainingComparison } from './retraining-comparison.schema.js';
import type { RetrainingRunStatus } from './retraining.schema.js';

/** What a report, or a page, is of: one model over a time range. */
export interface ModelReportScope {
  readonly project: string;
  readonly model: string;
  /** All versions when undefined. */
  readonly version: string | undefined;
  /** "" for all events. */
  readonly segment: string;
  /** Windows that end after `fromMs` and not after `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** One measurement of a series, as far as a summary tells it. */
export type SeriesPoint = Pick<
  Measurement,
  | 'windowStartMs'
  | 'windowEndMs'
  | 'dataStartMs'
  | 'value'
  | 'effect'
  | 'pValue'
  | 'adjustedPValue'
  | 'alpha'
  | 'nReference'
  | 'nCurrent'
  | 'thresholdWarning'
  | 'thresholdCritical'
  | 'referenceId'
  | 'severity'
  | 'reason'
>;

/** What the windows of a time range found of one series. */
export interface SeriesSummary extends Series {
  readonly monitor: string;
  readonly decides: boolean;
  readonly windows: number;
  /** Windows at or beyond a bound: warning or critical. */
  readonly breaches: number;
  /** Start of the first window of these, and end of the last; undefined without any. */
  readonly firstBreachMs: number | undefined;
  readonly lastBreachMs: number | undefined;
  /** The newest window, and the worst: critical before warning, then by the effect beside the threshold. */
  readonly newest: SeriesPoint;
  readonly worst: SeriesPoint;
}

/** How far a feature is from its reference at one time: what a cell of the heat map is coloured by. */
export type DriftLevel = 'low' | 'near' | 'warning' | 'critical' | 'unknown';

/** Drift of some features over time, in columns of equal length. */
export interface DriftHeatMap {
  /** Start of the first column, and length of each. */
  readonly startMs: number;
  readonly columnMs: number;
  readonly columns: number;
  readonly rows: readonly {
    readonly feature: string;
    /** One for each column: the worst window that ends in it; undefined where none does. */
    readonly levels: readonly (DriftLevel | undefined)[];
    /** Largest effect beside its threshold in each column: 1 is at the threshold. NaN where there is none. */
    readonly ratios: readonly number[];
  }[];
  /** Features that there was no room for. */
  readonly moreFeatures: number;
}

/** A feature, "$prediction" or "$score" with the worst of its drift: what a ranking shows. */
export interface RankedFeature {
  readonly feature: string;
  readonly version: string;
  readonly segment: string;
  readonly monitor: string;
  readonly method: string;
  /** Of the newest window, and the worst of the range. */
  readonly severity: Severity;
  readonly worstSeverity: Severity;
  /** Of the window that is told of: the worst if one was at a bound, else the newest. */
  readonly told: SeriesPoint;
  readonly windows: number;
  readonly breaches: number;
  readonly firstBreachMs: number | undefined;
  readonly lastBreachMs: number | undefined;
  /** The change in words: "mean 41.2 → 52.7"; "" where it is not known. */
  readonly change: string;
  /** Reference beside the window that is told of; undefined for features beyond the first ones, and where cells are gone. */
  readonly distribution: DistributionPair | undefined;
  /** Effect beside its threshold over the range, oldest first, NaN for gaps; [] beyond the first ones. */
  readonly trend: readonly number[];
}

export interface FeatureRanking {
  /** Worst first. The first ones have distributions and trends. */
  readonly features: readonly RankedFeature[];
  /** Features that there was no room for. */
  readonly moreFeatures: number;
}

/** A metric of one version over the windows of the range. */
export interface PerformanceSeries {
  readonly metric: string;
  readonly version: string;
  readonly monitor: string;
  /** Whether it decides, or is recorded only. */
  readonly decides: boolean;
  /** Value on the reference; undefined where it is not known. */
  readonly reference: number | undefined;
  /** Values beyond which it is a warning or critical, in the metric's unit; undefined where there is none. */
  readonly warningAt: number | undefined;
  readonly criticalAt: number | undefined;
  readonly points: readonly PerformancePoint[];
}

export interface PerformancePoint {
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly value: number;
  /** Confidence interval, 95 %; NaN where there is none. */
  readonly lower: number;
  readonly upper: number;
  readonly nLabelled: number;
  /** Share of the predictions that have a label; NaN without predictions. */
  readonly coverage: number;
  readonly provisional: boolean;
  readonly severity: Severity;
}

export interface ModelPerformance {
  /** The metrics that are drawn, each with its versions; the deciding ones first. */
  readonly drawn: readonly PerformanceSeries[];
  /** Every metric in the newest window, of the versions that answer then. */
  readonly summaries: readonly (SeriesSummary & { readonly reference: number | undefined })[];
}

/** Traffic and quality of the data over the range. */
export interface ModelDataQuality {
  /** Series of quality metrics, worst first; `replaced` where another version answers now. */
  readonly quality: readonly (SeriesSummary & { readonly replaced: boolean })[];
  readonly moreQuality: number;
  /** Features whose quality was measured. */
  readonly features: number;
  /** Series of traffic metrics: volume, error rate, latency; of the versions that answer now. */
  readonly traffic: readonly SeriesSummary[];
  /** Predictions of the service by column of time, all versions. */
  readonly volume: {
    readonly startMs: number;
    readonly columnMs: number;
    /** One for each column. */
    readonly predictions: readonly number[];
    readonly errors: readonly number[];
  };
}

/** An alert as a report lists it. */
export interface ReportedAlert extends Series {
  readonly alertId: string;
  readonly monitor: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  readonly reason: string;
  readonly firedAtMs: number;
  readonly resolvedAtMs: number | undefined;
  /** Who ended it by hand; "" when a window did, or while it fires. */
  readonly resolvedBy: string;
}

/** A retraining run as a report lists it. */
export interface ReportedRetrainingRun {
  readonly runId: string;
  readonly policy: string;
  /** Of the model that was to be replaced, and what came of it; "" while there is none. */
  readonly version: string;
  readonly newVersion: string;
  readonly status: RetrainingRunStatus;
  readonly reason: string;
  readonly detail: string;
  readonly requestedAtMs: number;
  readonly updatedAtMs: number;
  readonly externalUrl: string;
  readonly comparison: RetrainingComparison | undefined;
}

/** Something that changed in the range, when it began. */
export interface ModelChange {
  readonly kind: 'drift' | 'quality' | 'performance' | 'traffic' | 'version' | 'reference' | 'retraining';
  readonly atMs: number;
  readonly tone: 'ok' | 'warning' | 'critical' | 'info';
  readonly text: string;
}

/** How a number of the report came about. */
export interface UsedMethod {
  /** Id of a drift method, or name of a metric. */
  readonly method: string;
  readonly monitors: readonly string[];
  readonly series: number;
  readonly windows: number;
  /** Bounds in force in the newest window; several where series differ. */
  readonly warnings: readonly number[];
  readonly criticals: readonly number[];
  /** Levels of the family's tests; [] where none is tested. */
  readonly alphas: readonly number[];
  /** Formula and bins, of a drift method; "" for metrics. */
  readonly formula: string;
  readonly bins: string;
}

/** What the windows were compared with. */
export interface UsedReference {
  readonly referenceId: string;
  readonly version: string;
  /** "uploaded", "moving" and the like. */
  readonly kind: string;
  readonly rows: number;
  readonly createdAtMs: number | undefined;
  readonly source: string;
}

/** A piece of a sentence: words, or a day in the zone of whoever reads it. */
export type VerdictPart = string | { readonly dayOfMs: number };

/** The state of a model at the end of the range, and what happened in it, in a sentence. */
export interface ModelVerdict {
  readonly tone: 'ok' | 'warning' | 'critical' | 'neutral';
  /** "2 of 20 features of loans moved since 14 Nov; accuracy fell from 0.83 to 0.74 (0.72 to 0.76) on 61 % labelled predictions." */
  readonly sentence: readonly VerdictPart[];
}

/** Everything the report of a model shows. */
export interface ModelReport {
  readonly scope: ModelReportScope;
  readonly createdAtMs: number;
  readonly versions: readonly { readonly version: string; readonly predictions: number }[];
  readonly verdict: ModelVerdict;
  readonly changes: readonly ModelChange[];
  readonly ranking: FeatureRanking;
  readonly heatMap: DriftHeatMap;
  readonly performance: ModelPerformance;
  readonly dataQuality: ModelDataQuality;
  readonly alerts: readonly ReportedAlert[];
  readonly moreAlerts: number;
  readonly runs: readonly ReportedRetrainingRun[];
  readonly moreRuns: number;
  readonly methods: readonly UsedMethod[];
  readonly references: readonly UsedReference[];
}
