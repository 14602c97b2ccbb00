import type { RetrainingRun } from '@plumbline/contracts';
import { type OpenAlert, REJECTED_METHOD, rejectionTransition } from '@plumbline/monitoring';
import { insertAlertAction, insertTransitions, listAlertActions, resolveAlert, type Store } from '@plumbline/storage';

/** After a crash the run is looked at again within seconds; then nothing is left to do. */
const SETTLING_MS = 24 * 3_600_000;
const MAX_NOTES = 50;

/**
 * Tells the alerts that led to a run how it ended. Where the new version is verified, those that are open are resolved, and what earlier
 * rejections of the policy had opened. Where it is rejected, the comparison is noted on all of them, also on those that ended meanwhile,
 * because their cause did not; when none is open any more, an alert with the comparison in it opens the incident again. Returns
 * whether anything changed. Doing it twice is doing it once, so it is done again until it is seen to be done.
 * @throws StorageError
 */
export async function settleAlerts(
  store: Store,
  run: RetrainingRun,
  openAlerts: readonly Pick<OpenAlert, 'alertId' | 'monitor' | 'method'>[],
  nowMs: number,
): Promise<boolean> {
  const { project, model, runId, status, comparison } = run;
  if (comparison === undefined || nowMs > run.updatedAtMs + SETTLING_MS) return false;
  const common = { project, model, author: `retraining run ${runId}`, note: comparison.sentence, key: status, nowMs };
  if (status === 'verified') {
    let changed = false;
    for (const { alertId, monitor, method } of openAlerts) {
      const reopened = monitor === run.policy && method === REJECTED_METHOD;
      if (!reopened && !run.alertIds.includes(alertId)) continue;
      if ((await resolveAlert(store, { ...common, alertId })) !== undefined) changed = true;
    }
    return changed;
  }
  const alertIds = run.alertIds.slice(0, MAX_NOTES);
  if (alertIds.length === 0) return false;
  const noted = new Set(
    (await listAlertActions(store, { project, model, alertIds }))
      .filter(({ action, author }) => action === 'note' && author === common.author)
      .map(({ alertId }) => alertId),
  );
  const unnoted = alertIds.filter((alertId) => !noted.has(alertId));
  // Before the notes, so that who finds them all knows that this was decided.
  if (unnoted.length > 0 && !openAlerts.some(({ alertId }) => run.alertIds.includes(alertId))) {
    const transition = rejectionTransition(run, comparison, nowMs);
    await insertTransitions(store, [transition], transition.transitionId);
  }
  for (const alertId of unnoted) await insertAlertAction(store, { ...common, alertId, action: 'note' });
  return unnoted.length > 0;
}
