import { type AlertState, isOpen, type Measurement, type Transition } from '@plumbline/contracts';
import { inWords } from '../detectors/numbers-in-words.js';
import { stableId } from '../identity/stable-id.js';

/** The window whose re-evaluation changed what had been decided about this one. */
export interface Retrospect {
  readonly windowEndMs: number;
  readonly revision: number;
  readonly decidedAtMs: number;
  /** What it changed of the series; undefined where that is not known any more. */
  readonly change?: RetrospectChange | undefined;
}

/** What the re-evaluation of a window changed of one series. */
export interface RetrospectChange {
  readonly windowEndMs: number;
  readonly revision: number;
  /** NaN where it could not be told, or was not measured. */
  readonly valueBefore: number;
  readonly valueAfter: number;
  /** undefined where nothing is known to have come late, as when somebody asked for the evaluation. */
  readonly late: LateData | undefined;
}

/** What came after the evaluation of a window that it belongs to. */
export interface LateData {
  readonly labels: boolean;
  readonly predictions: boolean;
  readonly untilMs: number;
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
      retrospect === undefined ? measurement.reason : `${inRetrospect(retrospect, measurement)} ${measurement.reason}`,
    resolvedBy: '',
    decidedAtMs: retrospect?.decidedAtMs ?? measurement.evaluatedAtMs,
  };
}

function thresholdInForce(severity: string, warning: number, critical: number): number {
  return severity === 'critical' || Number.isNaN(warning) ? critical : warning;
}

function inRetrospect(retrospect: Retrospect, { windowEndMs, method, feature }: Measurement): string {
  const { change } = retrospect;
  const causeEndMs = change?.windowEndMs ?? retrospect.windowEndMs;
  const revision = change?.revision ?? retrospect.revision;
  const which = causeEndMs === windowEndMs ? 'this window' : `the window that ended at ${instantText(causeEndMs)}`;
  if (revision === 0) return `In retrospect, since ${which} was evaluated after later ones:`;
  if (change === undefined) return `In retrospect, since late data changed ${which} (revision ${revision}):`;
  const number = feature === '' ? method : `${method} of ${feature}`;
  return `In retrospect, since ${lateInWords(change.late)} ${effectOf(change, number)} ${which}${values(change)} (revision ${revision}):`;
}

function lateInWords(late: LateData | undefined): string {
  if (late === undefined) return 'another evaluation';
  const what = [late.predictions ? 'predictions' : '', late.labels ? 'labels' : ''].filter((each) => each !== '');
  return `${what.join(' and ')} that came until ${instantText(late.untilMs)}`;
}

function effectOf({ valueBefore, valueAfter }: RetrospectChange, number: string): string {
  if (Number.isNaN(valueAfter)) return `left ${number} unknown in`;
  if (Number.isNaN(valueBefore)) return `made ${number} known in`;
  return valueBefore === valueAfter ? `changed the verdict on ${number} in` : `changed ${number} in`;
}

function values({ valueBefore, valueAfter }: RetrospectChange): string {
  if (Number.isNaN(valueAfter)) return Number.isNaN(valueBefore) ? '' : `, where it was ${inWords(valueBefore)}`;
  if (Number.isNaN(valueBefore)) return `, ${inWords(valueAfter)}`;
  return valueBefore === valueAfter ? '' : ` from ${inWords(valueBefore)} to ${inWords(valueAfter)}`;
}

function instantText(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
