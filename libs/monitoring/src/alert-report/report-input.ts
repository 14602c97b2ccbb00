import type { Measurement, PerformanceSummary, ReferenceSeries } from '@plumbline/contracts';
import type { SeriesData } from '../windows/window-data.js';

/** A measurement of the window that a report tells of. */
export interface ReportedMeasurement extends Pick<
  Measurement,
  | 'monitor'
  | 'segment'
  | 'feature'
  | 'method'
  | 'windowEndMs'
  | 'dataStartMs'
  | 'value'
  | 'effect'
  | 'adjustedPValue'
  | 'pValue'
  | 'nReference'
  | 'nCurrent'
  | 'thresholdWarning'
  | 'thresholdCritical'
  | 'referenceId'
  | 'severity'
  | 'reason'
> {
  /** Sum of the effects above 0 of all series of this monitor, segment and method. */
  readonly effectOfAll: number;
}

/** Sums of cells with the bins that hold something, by ascending index. */
export type SparseSeries = Omit<SeriesData, 'counts' | 'kind'> & {
  readonly binIndexes: readonly number[];
  readonly binCounts: readonly number[];
};

/** Values of a feature, of the version in the window, and of all versions in the window before it. */
export interface SeriesPresence {
  readonly series: string;
  readonly n: number;
  readonly missing: number;
  readonly invalid: number;
  readonly nBefore: number;
  readonly missingBefore: number;
  readonly invalidBefore: number;
}

/** Predictions that a service made, which are more than those stored where it sends a sample. */
export interface Volume {
  readonly weight: number;
  /** Sum of the squares of what each stored prediction stands for. */
  readonly weightSquares: number;
}

/** What a report is made of: rows of one model, version and window, as the store reads them. */
export interface AlertReportInput {
  /** Those that are shown, worst first; `measurementCount` counts the others too. */
  readonly measurements: readonly ReportedMeasurement[];
  readonly measurementCount: number;
  readonly references: readonly {
    readonly referenceId: string;
    /** The one that its series are counted in; undefined when the id stands for one. */
    readonly segment?: string;
    readonly performance: PerformanceSummary;
    readonly series: readonly ReferenceSeries[];
  }[];
  readonly cells: readonly {
    readonly segment: string;
    readonly dataStartMs: number;
    readonly windowEndMs: number;
    readonly series: readonly SparseSeries[];
  }[];
  readonly predictions: number;
  readonly failed: number;
  readonly labelled: number;
  /** Stored in the window before. */
  readonly predictionsBefore: number;
  /** Made by the service in the window, in the one before, and in the same window a week before. */
  readonly volume: Volume;
  readonly volumeBefore: Volume;
  readonly volumeWeekBefore: Volume;
  readonly versionStartMs: number | undefined;
  readonly versionsBefore: readonly string[];
  readonly presence: readonly SeriesPresence[];
  readonly retraining:
    | {
        readonly runId: string;
        readonly policy: string;
        readonly status: string;
        readonly newVersion: string;
        readonly requestedAtMs: number;
      }
    | undefined;
}

/** A series of the reference, and the same bins counted in the window. */
export interface ReportedPair {
  readonly reference: ReferenceSeries;
  readonly current: SeriesData;
}
