import type {
  RetrainingEvent,
  RetrainingRun,
  RetrainingRunDetailReply,
  RetrainingRunReply,
} from '@plumbline/contracts';
import { instantText } from '../http/instant-text.js';

export function toRunReply(run: RetrainingRun): RetrainingRunReply {
  return {
    run_id: run.runId,
    model: run.model,
    version: run.version,
    policy: run.policy,
    alert_ids: [...run.alertIds],
    features: [...run.features],
    scheduled_for: run.scheduledForMs === 0 ? null : instantText(run.scheduledForMs),
    reason: run.reason,
    status: run.status,
    detail: run.detail,
    new_version: run.newVersion,
    external_id: run.externalId,
    external_url: run.externalUrl,
    comparison: run.comparison ?? null,
    requested_at: instantText(run.requestedAtMs),
    updated_at: instantText(run.updatedAtMs),
  };
}

/** The run with all that happened to it; that it was requested is its own row, and comes first. */
export function toRunDetail(run: RetrainingRun, events: readonly RetrainingEvent[]): RetrainingRunDetailReply {
  const requested = {
    at: instantText(run.requestedAtMs),
    from: null,
    to: events[0]?.from ?? run.status,
    who: `policy ${run.policy}`,
    detail: run.reason,
  };
  const changes = events.map(({ atMs, from, to, who, detail }) => ({ at: instantText(atMs), from, to, who, detail }));
  return { ...toRunReply(run), history: [requested, ...changes] };
}
