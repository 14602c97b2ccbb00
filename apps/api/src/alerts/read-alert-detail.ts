import type { AlertDetailReply } from '@plumbline/contracts';
import { acknowledgements, listAlertActions, listTransitions, type Store } from '@plumbline/storage';
import { alertActionReply, alertReply, alertTransitionReply } from './alert-reply.js';
import { findAlert } from './find-alert.js';

/** Far more changes than an episode has. */
const HISTORY_LENGTH = 10_000;

/** Returns an alert with its history and what was done about it. @throws Problem 404 */
export async function readAlertDetail(store: Store, project: string, alertId: string): Promise<AlertDetailReply> {
  const alert = await findAlert(store, project, alertId);
  const { model } = alert;
  const acknowledged = await acknowledgements(store, { project, model, alertIds: [alertId] });
  const history = await listTransitions(store, { project, model, alertId, limit: HISTORY_LENGTH });
  const actions = await listAlertActions(store, { project, model, alertIds: [alertId] });
  return {
    ...alertReply(alert, acknowledged.get(alertId)),
    history: history.map(alertTransitionReply),
    actions: actions.map(alertActionReply),
  };
}
