import { type AlertState, isOpen, type Measurement, type Transition } from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';
import type { AlertPolicy } from './alert-policy.js';
import { initialAlertState } from './initial-alert-state.js';
import { observationKind } from './observation-kind.js';
import { transitionOf } from './transition-of.js';

export interface Decision {
  readonly next: AlertState;
  /** What changed: the status, or the severity of a firing alert. */
  readonly transition?: Transition;
}

/**
 * Returns the state of a series after one more window, and the transition if that changed it.
 *
 * - `for` breaches in a row fire; those before are `pending`. A window whose data overlaps one already counted (because it was
 *   widened) does not count again.
 * - A firing series recovers while it is healthy and is resolved after more than `keep_firing_for` healthy windows in a row.
 * - `insufficient_data` changes nothing. No data and errors breach, heal or keep the alert, as the policy says; where they
 *   keep it and none is open, the status says that nothing is known.
 *
 * The same previous state, measurement and policy give the same result, ids included.
 */
export function decide(previous: AlertState | undefined, measurement: Measurement, policy: AlertPolicy): Decision {
  const state = previous ?? initialAlertState;
  const next = nextAlertState(state, measurement, policy);
  const changed = next.status !== state.status || (next.status === 'firing' && next.severity !== state.severity);
  if (!changed) return { next };
  return { next, transition: transitionOf(measurement, state, next) };
}

/** Returns the state of a series after one more window: what decide does, without saying what changed. */
export function nextAlertState(state: AlertState, measurement: Measurement, policy: AlertPolicy): AlertState {
  const kind = observationKind(measurement, policy);
  const open = isOpen(state.status);
  switch (kind) {
    case 'unknown':
      return state;
    case 'silent':
    case 'failed':
      return open || state.status === 'pending' ? state : unknown(state, kind, measurement);
    case 'breach':
      return open ? stillFiring(state, measurement) : breached(state, measurement, policy);
    case 'between':
      return open ? { ...state, status: 'firing', breaches: 0, countedToMs: 0, healthy: 0 } : initialAlertState;
    case 'healthy':
      if (!open || state.healthy >= policy.keep_firing_for) return initialAlertState;
      return { ...state, status: 'recovering', breaches: 0, countedToMs: 0, healthy: state.healthy + 1 };
  }
}

function unknown(state: AlertState, kind: 'silent' | 'failed', { windowEndMs }: Measurement): AlertState {
  const status = kind === 'silent' ? 'no_data' : 'error';
  return state.status === status ? state : { ...initialAlertState, status, sinceMs: windowEndMs };
}

function breached(state: AlertState, measurement: Measurement, policy: AlertPolicy): AlertState {
  const counted = count(state.status === 'pending' ? state : initialAlertState, measurement);
  if (counted.breaches < policy.for) return { ...counted, status: 'pending', severity: 'ok' };
  return {
    ...counted,
    status: 'firing',
    severity: measurement.severity,
    firingSinceMs: measurement.windowEndMs,
    alertId: episodeId(measurement),
  };
}

function stillFiring(state: AlertState, measurement: Measurement): AlertState {
  return { ...count(state, measurement), status: 'firing', severity: measurement.severity, healthy: 0 };
}

function count(state: AlertState, { dataStartMs, windowEndMs }: Measurement): AlertState {
  const overlaps = state.breaches > 0 && dataStartMs < state.countedToMs;
  if (overlaps) return state;
  const sinceMs = state.sinceMs || windowEndMs;
  return { ...state, breaches: state.breaches + 1, countedToMs: windowEndMs, sinceMs };
}

/** Id of the episode that a series opens in this window: the same whenever it is decided. */
function episodeId(measurement: Measurement): string {
  const { project, model, monitor, version, segment, feature, method, windowStartMs, windowEndMs } = measurement;
  return stableId('alert', project, model, monitor, version, segment, feature, method, windowStartMs, windowEndMs);
}
