import { type Alert, listAlerts, type Store } from '@plumbline/storage';
import { Problem } from '../http/problem.js';

/** Returns the alert of a project. @throws Problem 404 */
export async function findAlert(store: Store, project: string, alertId: string): Promise<Alert> {
  const [alert] = await listAlerts(store, { project, alertId, limit: 1 });
  if (alert === undefined) throw new Problem(404, `there is no alert "${alertId}": GET /v1/alerts lists them`);
  return alert;
}
