import type { RetrainingRequest, RetrainingRun } from '@plumbline/contracts';
import type { LinkKeys } from '@plumbline/platform';

/** How long a pipeline may report by the signed address: longer than any approval and training take. */
const CALLBACK_LIFETIME_MS = 90 * 24 * 3_600_000;

/** The action of the links by which pipelines report. */
export const REPORT_ACTION = 'retraining.report';

/**
 * Returns what a target is asked for. It is the same on every attempt.
 * @param externalUrl how people reach this server, without a slash at its end; addresses are paths when it is ""
 * @throws StorageError
 */
export async function requestOfRun(
  run: RetrainingRun,
  links: LinkKeys,
  externalUrl: string,
): Promise<RetrainingRequest> {
  const { project, runId, requestedAtMs } = run;
  const runUrl = `${externalUrl}/v1/retraining-runs/${encodeURIComponent(runId)}`;
  const expiresAtMs = requestedAtMs + CALLBACK_LIFETIME_MS;
  const token = await links.sign({ project, action: REPORT_ACTION, subject: runId, expiresAtMs });
  return {
    runId,
    project,
    model: run.model,
    version: run.version,
    policy: run.policy,
    reason: run.reason,
    alertIds: run.alertIds,
    features: run.features,
    requestedAtMs,
    runUrl,
    callbackUrl: `${runUrl}/status?token=${token}`,
  };
}
