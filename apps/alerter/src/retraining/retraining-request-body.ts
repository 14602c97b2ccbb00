import type { RetrainingPolicy, RetrainingRun } from '@plumbline/contracts';

/**
 * Returns the JSON that asks a pipeline to retrain. It is the same on every attempt.
 * @param externalUrl how people reach this server, without a slash at its end; `status_url` is a path when it is ""
 */
export function retrainingRequestBody(run: RetrainingRun, policy: RetrainingPolicy, externalUrl: string): string {
  return JSON.stringify({
    run_id: run.runId,
    project: run.project,
    model: run.model,
    version: run.version,
    policy: run.policy,
    reason: run.reason,
    alerts: run.alertIds,
    features: run.features,
    parameters: policy.declaration.target.parameters,
    requested_at: new Date(run.requestedAtMs).toISOString(),
    status_url: `${externalUrl}/v1/retraining-runs/${encodeURIComponent(run.runId)}/status`,
  });
}
