import type { RetrainingRun } from '@plumbline/contracts';
import { insertAlertAction, listAlertActions, resolveAlert, type Store } from '@plumbline/storage';

/** After a crash the run is looked at again within seconds; then nothing is left to do. */
const SETTLING_MS = 24 * 3_600_000;
const MAX_NOTES = 50;

/**
 * Tells the alerts that led to a run how it ended: where the new version is verified, those that are open are resolved; where it is
 * rejected, the comparison is noted on all of them, also on those that ended meanwhile, because their cause did not. Returns whether
 * anything changed. Doing it twice is doing it once, so it is done again until it is seen to be done.
 * @throws StorageError
 */
export async function settleAlerts(
  store: Store,
  run: RetrainingRun,
  openAlertIds: ReadonlySet<string>,
  nowMs: number,
): Promise<boolean> {
  const { project, model, runId, status, comparison } = run;
  if (comparison === undefined || nowMs > run.updatedAtMs + SETTLING_MS) return false;
  const common = { project, model, author: `retraining run ${runId}`, note: comparison.sentence, key: status, nowMs };
  let changed = false;
  if (status === 'verified') {
    for (const alertId of run.alertIds.filter((each) => openAlertIds.has(each))) {
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
  for (const alertId of alertIds) {
    if (noted.has(alertId)) continue;
    await insertAlertAction(store, { ...common, alertId, action: 'note' });
    changed = true;
  }
  return changed;
}
