import type { AlertView, Notification } from '@plumbline/contracts';
import type { OutboxEntry } from '@plumbline/storage';
import type { PendingDelivery } from './group-deliveries.js';

/** Returns the message that a delivery stands for: all its changes, the worst first. */
export function composeNotification(receiver: string, { deliveryId, entries }: PendingDelivery): Notification {
  const alerts = entries.map(alertView).sort(byBadness);
  const worst = alerts[0]!;
  const firing = worst.status === 'firing';
  const oldest = entries.reduce((first, entry) => (entry.firedAtMs < first.firedAtMs ? entry : first));
  const { project, model, monitor } = worst.labels;
  return {
    id: deliveryId,
    incidentId: oldest.transition.alertId,
    sequence: 0,
    project,
    receiver,
    groupLabels: { project, model, monitor },
    cause: firing ? 'fired' : 'resolved',
    status: worst.status,
    severity: firing ? worst.severity : 'ok',
    acknowledgedBy: undefined,
    alerts,
    moreAlerts: 0,
    report: undefined,
    remarks: [],
    links: { alert: undefined, acknowledge: undefined, silence: undefined, dashboard: undefined, runbook: undefined },
    createdAtMs: Math.max(...entries.map(({ transition }) => transition.decidedAtMs)),
  };
}

function alertView({ transition, firedAtMs }: OutboxEntry): AlertView {
  const { project, model, version, monitor, segment, feature, method, severity } = transition;
  const firing = transition.to === 'firing';
  return {
    alertId: transition.alertId,
    labels: { project, model, version, monitor, segment, feature, method, severity, subject: '' },
    status: firing ? 'firing' : 'resolved',
    severity,
    value: transition.value,
    threshold: transition.threshold,
    pValue: transition.pValue,
    nCurrent: transition.nCurrent,
    reason: transition.reason,
    firedAtMs,
    resolvedAtMs: firing ? undefined : transition.windowEndMs,
    acknowledged: undefined,
    transitionId: transition.transitionId,
  };
}

/** Alerts that fire before resolved ones, critical before warning, then by how far the value is beyond its threshold. */
function byBadness(left: AlertView, right: AlertView): number {
  return (
    Number(right.status === 'firing') - Number(left.status === 'firing') ||
    Number(right.severity === 'critical') - Number(left.severity === 'critical') ||
    excess(right) - excess(left) ||
    (left.labels.feature < right.labels.feature ? -1 : 1)
  );
}

function excess({ value, threshold }: AlertView): number {
  const ratio = Math.abs(value) / Math.abs(threshold);
  return Number.isFinite(ratio) ? ratio : 0;
}
