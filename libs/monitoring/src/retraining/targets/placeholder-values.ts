import type { RetrainingPlaceholder, RetrainingRequest } from '@plumbline/contracts';

export type PlaceholderValues = Readonly<Record<RetrainingPlaceholder, string | number | readonly string[]>>;

/** Returns what each placeholder stands for in a request. */
export function placeholderValues(request: RetrainingRequest): PlaceholderValues {
  return {
    run_id: request.runId,
    project: request.project,
    model: request.model,
    version: request.version,
    policy: request.policy,
    reason: request.reason,
    alerts: request.alertIds,
    alert_count: request.alertIds.length,
    features: request.features,
    feature_count: request.features.length,
    requested_at: new Date(request.requestedAtMs).toISOString(),
    requested_at_ms: request.requestedAtMs,
    status_url: `${request.runUrl}/status`,
    callback_url: request.callbackUrl,
    run_url: request.runUrl,
  };
}
