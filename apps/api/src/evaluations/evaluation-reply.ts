import type { EvaluationProgress, Transition } from '@plumbline/contracts';
import type { EvaluationRun } from '@plumbline/storage';
import { finite } from '../http/finite.js';
import { instantText } from '../http/instant-text.js';

/**
 * Returns what a client is told of an evaluation. One that runs but of which nobody has written for `abandonedAfterMs` has failed for now:
 * its evaluator died, and no other has taken it up yet.
 */
export function evaluationReply(
  run: EvaluationRun,
  transitions: readonly Transition[],
  abandonedAfterMs: number,
  nowMs: number,
): EvaluationProgress {
  const silentMs = nowMs - run.updatedAtMs;
  const abandoned = run.status === 'running' && silentMs > abandonedAfterMs;
  return {
    id: run.evaluationId,
    model: run.model,
    status: abandoned ? 'failed' : run.status,
    windows_total: run.windowsTotal,
    windows_done: run.windowsDone,
    transitions: transitions.map(transitionReply),
    error: abandoned ? abandonedText(run, silentMs) : run.error === '' ? null : run.error,
  };
}

function abandonedText({ attempts }: EvaluationRun, silentMs: number): string {
  const seconds = Math.round(silentMs / 1000);
  return attempts === 0
    ? `no evaluator has taken it up for ${seconds} s: check that one is running, then ask again`
    : `the evaluator that worked on it has not been heard of for ${seconds} s, and no other has taken it up: check that one is running, then ask again`;
}

function transitionReply(transition: Transition): EvaluationProgress['transitions'][number] {
  return {
    transition_id: transition.transitionId,
    alert_id: transition.alertId,
    monitor: transition.monitor,
    version: transition.version,
    segment: transition.segment,
    feature: transition.feature,
    method: transition.method,
    window_end: instantText(transition.windowEndMs),
    from: transition.from,
    to: transition.to,
    severity: transition.severity,
    value: finite(transition.value),
    reason: transition.reason,
  };
}
