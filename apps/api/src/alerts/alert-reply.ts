import {
  type AlertAction,
  type AlertActionReply,
  type AlertReply,
  type AlertTransitionReply,
  isNotifiable,
  type Transition,
} from '@plumbline/contracts';
import type { Acknowledgement, Alert } from '@plumbline/storage';
import { finite } from '../http/finite.js';
import { instantText } from '../http/instant-text.js';

/** Returns what a client is told of an alert. */
export function alertReply(alert: Alert, acknowledged: Acknowledgement | undefined): AlertReply {
  return {
    alert_id: alert.alertId,
    model: alert.model,
    version: alert.version,
    monitor: alert.monitor,
    segment: alert.segment,
    feature: alert.feature,
    method: alert.method,
    status: alert.status,
    severity: alert.severity,
    value: finite(alert.value),
    threshold: finite(alert.threshold),
    reason: alert.reason,
    fired_at: instantText(alert.firedAtMs),
    resolved_at: alert.resolvedAtMs === undefined ? null : instantText(alert.resolvedAtMs),
    resolved_by: alert.resolvedBy === '' ? null : alert.resolvedBy,
    acknowledged_by: acknowledged?.by ?? null,
    acknowledged_at: acknowledged === undefined ? null : instantText(acknowledged.atMs),
  };
}

/** Returns what a client is told of one change of an alert. */
export function alertTransitionReply(transition: Transition): AlertTransitionReply {
  return {
    transition_id: transition.transitionId,
    from: transition.from,
    to: transition.to,
    severity: transition.severity,
    severity_before: transition.severityBefore,
    value: finite(transition.value),
    threshold: finite(transition.threshold),
    p_value: finite(transition.pValue),
    n_current: transition.nCurrent,
    window_start: instantText(transition.windowStartMs),
    window_end: instantText(transition.windowEndMs),
    revision: transition.revision,
    reason: transition.reason,
    resolved_by: transition.resolvedBy === '' ? null : transition.resolvedBy,
    notifiable: isNotifiable(transition),
    decided_at: instantText(transition.decidedAtMs),
  };
}

/** Returns what a client is told of an action on an alert. */
export function alertActionReply({ actionId, action, author, note, atMs }: AlertAction): AlertActionReply {
  return { action_id: actionId, action, author, note, at: instantText(atMs) };
}
