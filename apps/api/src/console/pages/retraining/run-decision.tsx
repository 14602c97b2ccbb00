import type { RetrainingRun } from '@plumbline/contracts';
import { ActionForm } from '../../action-form.js';
import type { Visit } from '../../visit.js';
import { WhoField } from '../who-field.js';

export interface RunDecisionProps {
  readonly visit: Visit;
  readonly run: RetrainingRun;
  /** The page that it leads back to, where that is an alert's. */
  readonly alertId?: string;
}

/** Approve or refuse a run that waits for it; nothing for one that does not, or for a visitor who may only look. */
export function RunDecision({ visit, run, alertId = '' }: RunDecisionProps) {
  if (run.status !== 'awaiting_approval') return null;
  if (!visit.canAct) return <p class="muted">Who has a key with the scope "admin" can approve or refuse it.</p>;
  const { runId, policy, version } = run;
  return (
    <ActionForm visit={visit} action={`/retraining-runs/${encodeURIComponent(runId)}/decide`}>
      <p class="note">
        Approved, the pipeline of policy {policy} is called once and trains a successor of version {version}. Refused,
        nobody is called, and the policy asks no more for these alerts.
      </p>
      {/* What Enter in a field would press: nobody is to approve by it. */}
      <button type="submit" disabled hidden />
      <input type="hidden" name="alert" value={alertId} />
      <WhoField id={`${runId}-author`} />
      <div class="field">
        <label for={`${runId}-note`}>
          Note <span class="hint">(optional)</span>
        </label>
        <textarea id={`${runId}-note`} name="note" rows={2} maxLength={2_000} />
      </div>
      <div class="row">
        <button type="submit" class="primary" name="decision" value="approved">
          Approve the retraining
        </button>
        <button type="submit" class="danger" name="decision" value="refused">
          Refuse
        </button>
      </div>
    </ActionForm>
  );
}
