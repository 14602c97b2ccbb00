import type { AlertAction } from '@plumbline/contracts';
import { wakeAlerter } from '@plumbline/platform';
import {
  acknowledgements,
  type Alert,
  findAlertAction,
  insertAlertAction,
  type NewAlertAction,
  resolveAlert,
  type Store,
} from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';
import { Problem } from '../http/problem.js';
import { findAlert } from './find-alert.js';

export interface ActOnAlertDependencies {
  readonly store: Store;
  readonly stream: EventStream;
  readonly logger: Logger;
}

/**
 * Does what somebody wants done about an alert, and wakes the alerter. A repetition, as of a request whose reply was lost, does
 * nothing more and is no error.
 * @throws Problem 404 when there is no such alert, 409 when it stands otherwise: resolved already, or not acknowledged
 */
export async function actOnAlert(
  { store, stream, logger }: ActOnAlertDependencies,
  wanted: Omit<NewAlertAction, 'model'>,
): Promise<void> {
  const alert = await findAlert(store, wanted.project, wanted.alertId);
  const ofModel: NewAlertAction = { ...wanted, model: alert.model };
  const refusal = await refusalOf(store, alert, ofModel);
  const done = refusal === undefined ? await carryOut(store, ofModel) : await findAlertAction(store, ofModel);
  if (done === undefined)
    throw new Problem(409, refusal ?? resolvedText(await findAlert(store, alert.project, alert.alertId)));
  const { project, model, alertId, actionId, action } = done;
  await wakeAlerter(stream, logger, { project, model, action: { alertId, actionId, action } });
}

/** Returns why the action makes no sense on the alert as it stands; undefined when it does. */
async function refusalOf(store: Store, alert: Alert, { action }: NewAlertAction): Promise<string | undefined> {
  if (action === 'note') return undefined;
  if (alert.status === 'resolved') return resolvedText(alert);
  if (action !== 'unacknowledge') return undefined;
  const { project, model, alertId } = alert;
  const acknowledged = await acknowledgements(store, { project, model, alertIds: [alertId] });
  return acknowledged.has(alertId) ? undefined : 'nobody has acknowledged the alert: there is nothing to take back';
}

function resolvedText({ alertId, resolvedBy, reason }: Alert): string {
  const how = resolvedBy === '' ? reason : `by ${resolvedBy}`;
  return `the alert "${alertId}" is resolved already (${how}): only notes can be added to it`;
}

/** Returns the action as it was done; undefined when the alert was resolved meanwhile. */
async function carryOut(store: Store, wanted: NewAlertAction): Promise<AlertAction | undefined> {
  if (wanted.action !== 'resolve') return insertAlertAction(store, wanted);
  return (await resolveAlert(store, wanted))?.action;
}
