import type { Transition } from '@plumbline/contracts';
import { stableId } from '../identity/stable-id.js';
import type { OpenEpisode } from './closing-reason.js';

/**
 * Returns the transition that ends an alert whose subject is gone. Its id is a hash of the transition that it answers, so that
 * closing twice is closing once, and an alert that was opened again can be closed again.
 * @param windowEndMs end of the window after which nothing decides on it any more
 * @param reason see closingReason
 */
export function closingTransition(
  episode: OpenEpisode,
  windowEndMs: number,
  reason: string,
  nowMs: number,
): Transition {
  const { project, model, monitor, version, segment, feature, method, alertId, windowMs, told } = episode;
  return {
    transitionId: stableId('closing', project, model, told.transitionId),
    project,
    model,
    monitor,
    version,
    segment,
    feature,
    method,
    alertId,
    windowStartMs: windowEndMs - windowMs,
    windowEndMs,
    revision: told.revision,
    from: told.status,
    to: 'inactive',
    severity: 'no_data',
    severityBefore: told.severity,
    value: NaN,
    threshold: told.threshold,
    nCurrent: 0,
    pValue: NaN,
    reason: `Closed without a verdict: ${reason}.`,
    resolvedBy: '',
    // The last word on an alert is the last decision, whatever the clock has done since.
    decidedAtMs: Math.max(nowMs, told.decidedAtMs + 1),
  };
}
