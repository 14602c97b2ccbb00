import type { RetrainingRunStatus } from '@plumbline/contracts';
import { Badge, type Tone } from '@plumbline/report';

const STATES: Readonly<Record<RetrainingRunStatus, readonly [tone: Tone, word: string]>> = {
  requested: ['info', 'Requested'],
  awaiting_approval: ['warning', 'Waits for approval'],
  approved: ['info', 'Approved'],
  refused: ['neutral', 'Refused'],
  dry_run: ['neutral', 'Dry run'],
  triggered: ['info', 'Triggered'],
  running: ['info', 'Running'],
  succeeded: ['info', 'Succeeded, being verified'],
  failed: ['critical', 'Failed'],
  timed_out: ['critical', 'Timed out'],
  verified: ['ok', 'Verified'],
  rejected: ['critical', 'Rejected'],
  cancelled: ['neutral', 'Cancelled'],
};

/** How a retraining run stands. */
export function RunState({ status }: { readonly status: RetrainingRunStatus }) {
  const [tone, word] = STATES[status];
  return <Badge tone={tone}>{word}</Badge>;
}
