import type { RetrainingRunStatus } from '@plumbline/contracts';

/**
 * Which status a run may go to from which. A status that may follow itself is told anew, with another detail: that a call begins, that
 * training goes on. Whoever reports may
 * come before the alerter has recorded its call, so `requested` and `approved` lead to whatever a pipeline says; what comes after
 * the end changes nothing.
 */
export const retrainingTransitions: Readonly<Record<RetrainingRunStatus, readonly RetrainingRunStatus[]>> = {
  requested: ['requested', 'awaiting_approval', 'triggered', 'running', 'succeeded', 'failed', 'cancelled'],
  awaiting_approval: ['approved', 'refused', 'cancelled'],
  approved: ['approved', 'triggered', 'running', 'succeeded', 'failed', 'cancelled'],
  refused: [],
  dry_run: ['dry_run'],
  triggered: ['running', 'succeeded', 'failed', 'timed_out'],
  running: ['running', 'succeeded', 'failed', 'timed_out'],
  // That nothing came was a guess; a report that comes after all knows better, and says that it was late.
  timed_out: ['succeeded', 'failed'],
  succeeded: ['succeeded', 'verified', 'rejected'],
  failed: [],
  verified: [],
  rejected: [],
  cancelled: [],
};

export function mayFollow(from: RetrainingRunStatus, to: RetrainingRunStatus): boolean {
  return retrainingTransitions[from].includes(to);
}

/** Whether a run leads to nothing further. */
export function isOver(status: RetrainingRunStatus): boolean {
  return retrainingTransitions[status].every((next) => next === status);
}

/** Whether nobody was called for a run in this status, and nobody will be. */
export function calledNobody(status: RetrainingRunStatus): boolean {
  return status === 'cancelled' || status === 'refused' || status === 'dry_run';
}
