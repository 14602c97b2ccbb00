import type { RetrainingComparison, RetrainingRun, Transition } from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';

/** Method of the alert that a rejected run opens. Its monitor is the run's policy: no window decides on it. */
export const REJECTED_METHOD = 'retraining_rejected';

/**
 * Returns the transition that opens the incident of a run again: its alerts had ended, and the comparison shows that what they were
 * about did not. It stays open until somebody resolves it, or a later run of the policy is verified. The same run gives the same
 * alert.
 */
export function rejectionTransition(run: RetrainingRun, comparison: RetrainingComparison, nowMs: number): Transition {
  const { project, model, runId, policy, newVersion } = run;
  return {
    transitionId: stableId('rejected', 'transition', project, model, runId),
    alertId: stableId('rejected', 'alert', project, model, runId),
    project,
    model,
    monitor: policy,
    version: newVersion,
    segment: '',
    feature: '',
    method: REJECTED_METHOD,
    windowStartMs: Date.parse(comparison.from),
    windowEndMs: Date.parse(comparison.to),
    revision: 0,
    from: 'inactive',
    to: 'firing',
    severity: 'warning',
    severityBefore: 'ok',
    value: NaN,
    threshold: NaN,
    nCurrent: 0,
    pValue: NaN,
    reason: `Retraining run ${runId} was rejected: ${comparison.sentence}`,
    resolvedBy: '',
    decidedAtMs: nowMs,
  };
}
