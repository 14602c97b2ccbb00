import { createHash } from 'node:crypto';
import type { AlertAction, Transition } from '@plumbline/contracts';
import type { Store } from '../store.js';
import { insertAlertAction, type NewAlertAction } from './alert-action.js';
import { listAlertStatesBefore } from './alert-state.js';
import { insertTransitions, listOpenAlerts, type OpenAlertRow } from './transition.js';

/**
 * Ends an open alert by hand: writes the action, then the transition that says so, of which the state machine learns that the series
 * starts afresh after the last window that was decided on it. Returns both; undefined when the alert is not open.
 * Interrupted anywhere, a repetition does the rest. Whoever decides on the series at this moment may still find the alert open;
 * the next decision ends it.
 */
export async function resolveAlert(
  store: Store,
  wanted: Omit<NewAlertAction, 'action'>,
): Promise<{ readonly action: AlertAction; readonly transition: Transition } | undefined> {
  const { project, model, alertId, author, note, nowMs } = wanted;
  const alert = (await listOpenAlerts(store, { project, model })).find((each) => each.alertId === alertId);
  if (alert === undefined) return undefined;
  const action = await insertAlertAction(store, { ...wanted, action: 'resolve' });
  const windowEndMs = await lastDecidedWindow(store, alert);
  const { windowMs, transitionId, status, severity, decidedAtMs, endedByHand: _, ...subject } = alert;
  const transition: Transition = {
    ...subject,
    transitionId: createHash('sha256')
      .update(JSON.stringify(['resolved by hand', project, model, transitionId]))
      .digest('hex')
      .slice(0, 32),
    windowStartMs: windowEndMs - windowMs,
    windowEndMs,
    from: status,
    to: 'inactive',
    severity: 'ok',
    severityBefore: severity,
    value: NaN,
    nCurrent: 0,
    pValue: NaN,
    reason: `Resolved by ${author}${note === '' ? '.' : `: ${note}`}`,
    resolvedBy: author,
    // The last word on an alert is the last decision, whatever the clock has done since.
    decidedAtMs: Math.max(nowMs, decidedAtMs + 1),
  };
  await insertTransitions(store, [transition], transition.transitionId);
  return { action, transition };
}

/** End of the last window that was decided on the series of an alert: most windows change nothing and are in no transition. */
async function lastDecidedWindow(store: Store, alert: OpenAlertRow): Promise<number> {
  const states = await listAlertStatesBefore(store, alert);
  const last = states.find(
    ({ version, segment, feature, method }) =>
      version === alert.version && segment === alert.segment && feature === alert.feature && method === alert.method,
  );
  return Math.max(alert.windowEndMs, last?.windowEndMs ?? 0);
}
