import {
  type Detector,
  parseDuration,
  type RetrainingPolicy,
  type RetrainingRun,
  type Severity,
} from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';

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
}

/** Detectors that tell of a model that has stopped being true; the others tell of data or of a service. */
const RETRAINABLE: readonly (Detector | undefined)[] = ['feature_drift', 'prediction_drift', 'performance'];

/**
 * Returns the retraining run that a policy asks for, or undefined when it asks for none: too few alerts that count are firing, a
 * run was requested for the same episode before, or the model is still cooling down.
 *
 * An episode lasts as long as one of the alerts it began with is firing. The run's id is a hash of policy and episode, so that
 * deciding twice asks for the same run, and a call under that id can be repeated.
 * @param previousRuns of the model, under any policy
 */
export function requestRetraining(
  policy: RetrainingPolicy,
  openAlerts: readonly OpenAlert[],
  previousRuns: readonly RetrainingRun[],
  nowMs: number,
): RetrainingRun | undefined {
  const { project, model, policy: name, declaration } = policy;
  if (!declaration.enabled) return undefined;
  const alerts = openAlerts.filter((alert) => counts(alert, policy)).sort(byAge);
  const [earliest] = alerts;
  if (earliest === undefined || alerts.length < declaration.min_alerts) return undefined;

  const alertIds = alerts.map(({ alertId }) => alertId);
  const sameEpisode = (run: RetrainingRun): boolean =>
    run.policy === name && run.alertIds.some((alertId) => alertIds.includes(alertId));
  // Nobody was called for a cancelled run, so it stands in nobody's way.
  const called = previousRuns.filter(({ status }) => status !== 'cancelled');
  const coolingDown = (run: RetrainingRun): boolean =>
    // A dry run called nobody, so it keeps nobody from being called.
    (run.status !== 'dry_run' || declaration.dry_run) &&
    run.requestedAtMs + parseDuration(declaration.cool_down) > nowMs;
  if (called.some((run) => sameEpisode(run) || coolingDown(run))) return undefined;
  // A status never goes back, so what is asked for once more after a cancellation needs an id of its own.
  const cancelled = previousRuns.filter((run) => run.status === 'cancelled' && sameEpisode(run)).length;

  const features = [...new Set(alerts.map(({ feature }) => feature))].filter((feature) => feature !== '').sort();
  return {
    runId: stableId('retraining', project, model, name, earliest.alertId, ...(cancelled === 0 ? [] : [cancelled])),
    project,
    model,
    version: earliest.version,
    policy: name,
    alertIds,
    features,
    status: declaration.dry_run ? 'dry_run' : 'requested',
    reason: reasonOf(alerts),
    newVersion: '',
    detail: '',
    requestedAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

function counts({ monitor, detector, feature, severity }: OpenAlert, { declaration }: RetrainingPolicy): boolean {
  const { monitors, features } = declaration;
  return (
    (monitors === undefined ? RETRAINABLE.includes(detector) : monitors.includes(monitor)) &&
    (features === undefined || features.includes(feature)) &&
    (severity === 'critical' || (severity === 'warning' && declaration.severity === 'warning'))
  );
}

function byAge(left: OpenAlert, right: OpenAlert): number {
  return left.firedAtMs - right.firedAtMs || (left.alertId < right.alertId ? -1 : 1);
}

function reasonOf(alerts: readonly OpenAlert[]): string {
  const named = alerts
    .slice(0, 5)
    .map(
      ({ monitor, feature, method, severity }) => `${monitor} on ${feature === '' ? method : feature} (${severity})`,
    );
  const more = alerts.length > named.length ? ` and ${alerts.length - named.length} more` : '';
  return `${alerts.length} ${alerts.length === 1 ? 'alert is' : 'alerts are'} firing: ${named.join(', ')}${more}.`;
}
