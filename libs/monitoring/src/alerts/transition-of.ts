import { type AlertState, isOpen, type Measurement, type Transition } from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';

/** The window whose re-evaluation changed what had been decided about this one. */
export interface Retrospect {
  readonly windowEndMs: number;
  readonly revision: number;
  readonly decidedAtMs: number;
}

/**
 * Returns the transition between two states of a series in the window of the measurement. Its id is a hash of monitor, series,
 * window, revision and statuses, so that deciding twice gives one transition.
 * @param retrospect set when the window had been decided otherwise before: the reason says so
 */
export function transitionOf(
  measurement: Measurement,
  before: AlertState,
  after: AlertState,
  retrospect?: Retrospect,
): Transition {
  const { project, model, monitor, version, segment, feature, method, windowStartMs, windowEndMs } = measurement;
  const { thresholdWarning, thresholdCritical } = measurement;
  const revision = retrospect?.revision ?? measurement.revision;
  const series = [project, model, monitor, version, segment, feature, method] as const;
  const alertId = after.alertId || before.alertId;
  // One correction can end one episode and begin another in the same window.
  const cause = retrospect === undefined ? [] : [retrospect.windowEndMs, alertId];
  return {
    transitionId: stableId(
      'transition',
      ...series,
      windowStartMs,
      windowEndMs,
      revision,
      before.status,
      after.status,
      ...cause,
    ),
    project,
    model,
    monitor,
    version,
    segment,
    feature,
    method,
    alertId,
    windowStartMs,
    windowEndMs,
    revision,
    from: before.status,
    to: after.status,
    severity: isOpen(after.status) ? after.severity : measurement.severity,
    severityBefore: before.severity,
    value: measurement.value,
    threshold: thresholdInForce(after.severity, thresholdWarning, thresholdCritical),
    nCurrent: measurement.nCurrent,
    pValue: measurement.adjustedPValue,
    reason:
      retrospect === undefined ? measurement.reason : `${inRetrospect(retrospect, windowEndMs)} ${measurement.reason}`,
    resolvedBy: '',
    decidedAtMs: retrospect?.decidedAtMs ?? measurement.evaluatedAtMs,
  };
}

function thresholdInForce(severity: string, warning: number, critical: number): number {
  return severity === 'critical' || Number.isNaN(warning) ? critical : warning;
}

function inRetrospect({ windowEndMs: causeEndMs, revision }: Retrospect, windowEndMs: number): string {
  const which =
    causeEndMs === windowEndMs ? 'this window' : `the window that ended at ${new Date(causeEndMs).toISOString()}`;
  return revision === 0
    ? `In retrospect, since ${which} was evaluated after later ones:`
    : `In retrospect, since late data changed ${which} (revision ${revision}):`;
}
