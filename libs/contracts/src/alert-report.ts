import type { Series } from './measurement.schema.js';
import type { Severity } from './monitor.schema.js';

/** Counts of one series over the same bins, reference beside current. */
export interface DistributionPair {
  /** One for each bin, in the order of bins: "< 12.5", "12.5 – 20", "yes". */
  readonly labels: readonly string[];
  /** Shares of each bin, 0 to 1. */
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** One thing that was found in the window of an alert, firing or told of beside it. NaN: not defined here. */
export interface AlertFinding {
  readonly alertId: string;
  readonly monitor: string;
  readonly segment: string;
  /** "" for the whole model. */
  readonly feature: string;
  readonly method: string;
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  /** After correction for the family. */
  readonly pValue: number;
  readonly nCurrent: number;
  readonly nReference: number;
  /** Which way the values went; undefined where a direction has no meaning. */
  readonly direction: 'up' | 'down' | undefined;
  /** The change in words: "mean 41.2 → 52.7 (+0.8 standard deviations)", "share of yes 12 % → 31 %". */
  readonly change: string;
  /** Part of this feature in the shift of all features of the window, 0 to 1; NaN where there is no such thing. */
  readonly share: number;
  /** Why it fires, in a sentence. */
  readonly reason: string;
  /** Of the worst few only. */
  readonly distribution: DistributionPair | undefined;
}

/** Something that changed in or shortly before the window: what a person asks first. */
export interface RecentChange {
  readonly kind: 'version' | 'schema' | 'volume' | 'retraining';
  readonly atMs: number;
  readonly text: string;
}

/** What happened to a model in the window of an alert: data for people, whatever it is shown in. Of one version. */
export interface AlertReport {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** The whole in one sentence. */
  readonly headline: string;
  /** Worst first. */
  readonly findings: readonly AlertFinding[];
  /** Findings that there was no room for. */
  readonly moreFindings: number;
  readonly predictions: number;
  /** Share of the window's predictions that have a label; NaN without predictions. */
  readonly labelCoverage: number;
  readonly recentChanges: readonly RecentChange[];
}

/** What a report is asked for: the alerts of one model and version, and the window in which the worst of them was decided. */
export interface AlertReportScope {
  readonly project: string;
  readonly model: string;
  readonly version: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly alerts: readonly (Omit<Series, 'version'> & { readonly alertId: string; readonly monitor: string })[];
}
