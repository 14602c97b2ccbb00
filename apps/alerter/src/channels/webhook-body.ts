import { isFiring, type AlertChange, type Notification } from '../notify/notification.js';

const MAX_ALERTS = 500;
/** How Alertmanager writes "not ended". */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/**
 * Returns the JSON of a notification: the names of Alertmanager's webhook (version 4) as far as they go, so that what can read
 * one can read this, then fields of our own. It holds nothing that differs between attempts.
 */
export function webhookBody(notification: Notification, externalUrl: string): string {
  const { project, model, monitor, status, severity, revision } = notification;
  const groupLabels = { project, model, monitor };
  return JSON.stringify({
    version: '4',
    groupKey: `${project}/${model}/${monitor}`,
    truncatedAlerts: Math.max(0, notification.changes.length - MAX_ALERTS),
    status,
    receiver: notification.receiver,
    groupLabels,
    commonLabels: { alertname: monitor, ...groupLabels },
    commonAnnotations: {},
    externalURL: externalUrl,
    alerts: notification.changes.slice(0, MAX_ALERTS).map((change) => alertBody(change, externalUrl)),
    id: notification.id,
    project,
    model,
    monitor,
    severity,
    features: notification.features,
    window_start: iso(notification.windowStartMs),
    window_end: iso(notification.windowEndMs),
    revision,
  });
}

function alertBody(change: AlertChange, externalUrl: string): object {
  const { transition } = change;
  const firing = isFiring(change);
  return {
    status: firing ? 'firing' : 'resolved',
    labels: {
      alertname: transition.monitor,
      project: transition.project,
      model: transition.model,
      version: transition.version,
      monitor: transition.monitor,
      segment: transition.segment,
      feature: transition.feature,
      method: transition.method,
      severity: transition.severity,
    },
    annotations: { summary: transition.reason },
    startsAt: iso(change.firedAtMs),
    endsAt: firing ? NOT_ENDED : iso(transition.windowEndMs),
    generatorURL: externalUrl === '' ? '' : `${externalUrl}/v1/alerts?model=${encodeURIComponent(transition.model)}`,
    fingerprint: transition.alertId,
    transition_id: transition.transitionId,
    value: finite(transition.value),
    threshold: finite(transition.threshold),
    p_value: finite(transition.pValue),
    rows: transition.nCurrent,
  };
}

function iso(timestampMs: number): string {
  return new Date(timestampMs).toISOString();
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
