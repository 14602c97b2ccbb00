import type { RetrainingRun } from '@plumbline/contracts';
import { insertAlertAction, listAlertActions, resolveAlert, type Store } from '@plumbline/storage';

/**
 * Tells the alerts that led to a run how it ended: those that are open are resolved where the new version is verified, and have the
 * comparison noted where it is not. Returns whether anything changed. Doing it twice is doing it once, so it is done again until it is
 * seen to be done.
 * @throws StorageError
 */
export async function settleAlerts(
  store: Store,
  run: RetrainingRun,
  openAlertIds: ReadonlySet<string>,
  nowMs: number,
): Promise<boolean> {
  const { project, model, runId, status, comparison } = run;
  const alertIds = run.alertIds.filter((alertId) => openAlertIds.has(alertId));
  if (comparison === undefined || alertIds.length === 0) return false;
  const common = { project, model, author: `retraining run ${runId}`, note: comparison.sentence, key: status, nowMs };
  if (status === 'verified') {
    let resolved = false;
    for (const alertId of alertIds) {
      if ((await resolveAlert(store, { ...common, alertId })) !== undefined) resolved = true;
    }
    return resolved;
  }
  const noted = new Set(
    (await listAlertActions(store, { project, model, alertIds }))
      .filter(({ action, author }) => action === 'note' && author === common.author)
      .map(({ alertId }) => alertId),
  );
  const left = alertIds.filter((alertId) => !noted.has(alertId));
  for (const alertId of left) await insertAlertAction(store, { ...common, alertId, action: 'note' });
  return left.length > 0;
}
