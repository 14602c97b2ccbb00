import {
  type AlertsCondition,
  type Detector,
  parseDuration,
  type RetrainingCondition,
  type Severity,
} from '@plumbline/contracts';

/** An alert that is firing now. */
export interface OpenAlert {
  readonly alertId: string;
  readonly monitor: string;
  /** Of the monitor; undefined when it no longer exists. */
  readonly detector: Detector | undefined;
  readonly version: string;
  /** "" when it is about the whole model. */
  readonly feature: string;
  /** Drift method or metric. */
  readonly method: string;
  readonly severity: Severity;
  /** End of the window in which it fired. */
  readonly firedAtMs: number;
  /** Windows that its monitor has evaluated since, that one included. */
  readonly windows: number;
}

/** What conditions are about. */
export interface ModelSituation {
  readonly alerts: readonly OpenAlert[];
  /** Declared importance of features; empty when the model declares none. */
  readonly importance: ReadonlyMap<string, number>;
  /** Share of the predictions of the last measured window that have a label; undefined when no monitor of performance has looked. */
  readonly labelCoverage: number | undefined;
}

export interface ConditionResult {
  readonly holds: boolean;
  /** Since when it has held, and for how many windows; Infinity and -Infinity where only the present counts. */
  readonly sinceMs: number;
  readonly windows: number;
  /** Alerts that make it hold; some of them when it does not. */
  readonly alerts: readonly OpenAlert[];
  /** What it lacks, or what it holds by; a part of a sentence. */
  readonly finding: string;
}

/** Detectors that tell of a model that has stopped being true; the others tell of data or of a service. */
const RETRAINABLE: readonly Detector[] = ['feature_drift', 'prediction_drift', 'performance'];

/**
 * Returns whether a condition holds, since when, and by which alerts. Something that holds by `k` alerts has held since the k-th of
 * them fired: they are all firing still, so at no time since were there fewer.
 */
export function evaluateCondition(
  condition: RetrainingCondition,
  situation: ModelSituation,
  nowMs: number,
): ConditionResult {
  const result = withoutDuration(condition, situation, nowMs);
  const { for: duration } = condition;
  if (!result.holds || duration === undefined) return result;
  if (typeof duration === 'number') {
    if (result.windows >= duration) return result;
    const lasted = `${result.windows} ${result.windows === 1 ? 'window' : 'windows'}`;
    return { ...result, holds: false, finding: `${result.finding}, for ${lasted} of ${duration}` };
  }
  if (result.sinceMs + parseDuration(duration) <= nowMs) return result;
  return { ...result, holds: false, finding: `${result.finding}, for less than ${duration}` };
}

function withoutDuration(condition: RetrainingCondition, situation: ModelSituation, nowMs: number): ConditionResult {
  const evaluated = (parts: readonly RetrainingCondition[]): ConditionResult[] =>
    parts.map((part) => evaluateCondition(part, situation, nowMs));
  if (condition.all !== undefined) return everyOne(evaluated(condition.all));
  if (condition.any !== undefined) return anyOne(evaluated(condition.any));
  if (condition.alerts !== undefined) return ofAlerts(condition.alerts, situation);
  return ofCoverage(condition.label_coverage ?? 0, situation.labelCoverage);
}

function everyOne(results: readonly ConditionResult[]): ConditionResult {
  const lacking = results.filter(({ holds }) => !holds);
  return {
    holds: lacking.length === 0,
    sinceMs: Math.max(...results.map(({ sinceMs }) => sinceMs)),
    windows: Math.min(...results.map(({ windows }) => windows)),
    alerts: distinct(results),
    finding: (lacking.length === 0 ? results : lacking).map(({ finding }) => finding).join(' and '),
  };
}

function anyOne(results: readonly ConditionResult[]): ConditionResult {
  const holding = results.filter(({ holds }) => holds);
  const chosen = holding.length === 0 ? results : holding;
  return {
    holds: holding.length > 0,
    sinceMs: Math.min(...chosen.map(({ sinceMs }) => sinceMs)),
    windows: Math.max(...chosen.map(({ windows }) => windows)),
    alerts: distinct(chosen),
    finding: chosen.map(({ finding }) => finding).join(holding.length === 0 ? ', and ' : ' and '),
  };
}

function distinct(results: readonly ConditionResult[]): OpenAlert[] {
  const byId = new Map(results.flatMap(({ alerts }) => alerts.map((alert) => [alert.alertId, alert] as const)));
  return [...byId.values()].sort(byAge);
}

function ofAlerts(condition: AlertsCondition, { alerts, importance }: ModelSituation): ConditionResult {
  const counted = alerts.filter((alert) => counts(alert, condition, importance)).sort(byAge);
  // The first so many, by age and by windows: with them it began to hold, however many came later.
  const last = counted[condition.at_least - 1];
  const byWindows = counted.map(({ windows }) => windows).sort((left, right) => right - left);
  return {
    holds: last !== undefined,
    sinceMs: last?.firedAtMs ?? Infinity,
    windows: byWindows[condition.at_least - 1] ?? 0,
    alerts: counted,
    finding:
      counted.length === 0
        ? `no alert that counts is firing`
        : `${counted.length} ${counted.length === 1 ? 'alert is' : 'alerts are'} firing${last === undefined ? ` of ${condition.at_least}` : ''}`,
  };
}

function counts(alert: OpenAlert, condition: AlertsCondition, importance: ReadonlyMap<string, number>): boolean {
  const { monitors, detectors = monitors === undefined ? RETRAINABLE : undefined, features } = condition;
  if (monitors !== undefined && !monitors.includes(alert.monitor)) return false;
  if (detectors !== undefined && (alert.detector === undefined || !detectors.includes(alert.detector))) return false;
  if (features !== undefined && !features.includes(alert.feature)) return false;
  if (condition.importance !== undefined && importance.size > 0) {
    if ((importance.get(alert.feature) ?? 0) < condition.importance) return false;
  }
  return alert.severity === 'critical' || (alert.severity === 'warning' && condition.severity === 'warning');
}

function ofCoverage(least: number, coverage: number | undefined): ConditionResult {
  const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
  return {
    holds: coverage !== undefined && coverage >= least,
    // Only the present counts: labels that are there stay there.
    sinceMs: -Infinity,
    windows: Infinity,
    alerts: [],
    finding:
      coverage === undefined
        ? 'label coverage is unknown'
        : `label coverage is ${percent(coverage)} (at least ${percent(least)} is asked for)`,
  };
}

function byAge(left: OpenAlert, right: OpenAlert): number {
  return left.firedAtMs - right.firedAtMs || (left.alertId < right.alertId ? -1 : 1);
}
