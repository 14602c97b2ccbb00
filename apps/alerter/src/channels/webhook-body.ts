import type { AlertFinding, AlertReport, AlertView, Notification } from '@plumbline/contracts';
import { webAddress } from '@plumbline/report';

const MAX_ALERTS = 500;
/** How Alertmanager writes "not ended". */
const NOT_ENDED = '0001-01-01T00:00:00Z';

/**
 * Returns the JSON of a notification: the names of Alertmanager's webhook (version 4) as far as they go, so that what can read
 * one can read this, then fields of our own. It holds nothing that differs between attempts.
 * @param externalUrl how people reach this server, without a slash at its end
 */
export function webhookBody(notification: Notification, externalUrl: string): string {
  const { groupLabels, alerts, report } = notification;
  const commonLabels = common(alerts.map(({ labels }) => labels));
  return JSON.stringify({
    version: '4',
    groupKey: groupKey(notification),
    truncatedAlerts: notification.moreAlerts + Math.max(0, alerts.length - MAX_ALERTS),
    status: notification.status,
    receiver: notification.receiver,
    groupLabels,
    commonLabels: {
      ...(commonLabels.monitor === undefined ? {} : { alertname: commonLabels.monitor }),
      ...commonLabels,
    },
    commonAnnotations: {},
    externalURL: externalUrl,
    alerts: alerts.slice(0, MAX_ALERTS).map((alert) => alertBody(alert, notification)),
    id: notification.id,
    incident_id: notification.incidentId,
    sequence: notification.sequence,
    cause: notification.cause,
    project: notification.project,
    model: groupLabels.model ?? commonLabels.model ?? null,
    severity: notification.severity,
    acknowledged_by: notification.acknowledgedBy ?? null,
    features: [...new Set(alerts.map(({ labels }) => labels.feature))].filter((feature) => feature !== ''),
    remarks: notification.remarks,
    links: {
      alert: webAddress(notification.links.alert) ?? null,
      acknowledge: webAddress(notification.links.acknowledge) ?? null,
      silence: webAddress(notification.links.silence) ?? null,
      dashboard: webAddress(notification.links.dashboard) ?? null,
      runbook: webAddress(notification.links.runbook) ?? null,
    },
    report: report === undefined ? null : reportBody(report),
    created_at: iso(notification.createdAtMs),
  });
}

/** Says which group a message is about, in Alertmanager's way of writing it. */
function groupKey({ project, groupLabels }: Notification): string {
  const labels = Object.entries(groupLabels)
    .filter(([name]) => name !== 'project')
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${project}:{${labels.sort().join(', ')}}`;
}

function alertBody(alert: AlertView, { links }: Notification): object {
  const { labels, acknowledged } = alert;
  const runbook = webAddress(links.runbook);
  return {
    status: alert.status,
    labels: { alertname: labels.monitor, ...labels },
    annotations: { summary: alert.reason, ...(runbook === undefined ? {} : { runbook_url: runbook }) },
    startsAt: iso(alert.firedAtMs),
    endsAt: alert.resolvedAtMs === undefined ? NOT_ENDED : iso(alert.resolvedAtMs),
    generatorURL: webAddress(links.alert) ?? '',
    fingerprint: alert.alertId,
    transition_id: alert.transitionId,
    value: finite(alert.value),
    threshold: finite(alert.threshold),
    p_value: finite(alert.pValue),
    rows: alert.nCurrent,
    acknowledged:
      acknowledged === undefined ? null : { by: acknowledged.by, note: acknowledged.note, at: iso(acknowledged.atMs) },
  };
}

function reportBody(report: AlertReport): object {
  return {
    project: report.project,
    model: report.model,
    version: report.version,
    window_start: iso(report.windowStartMs),
    window_end: iso(report.windowEndMs),
    headline: report.headline,
    findings: report.findings.map(findingBody),
    more_findings: report.moreFindings,
    predictions: report.predictions,
    label_coverage: finite(report.labelCoverage),
    recent_changes: report.recentChanges.map(({ kind, atMs, text }) => ({ kind, at: iso(atMs), text })),
  };
}

function findingBody(finding: AlertFinding): object {
  return {
    alert_id: finding.alertId,
    monitor: finding.monitor,
    segment: finding.segment,
    feature: finding.feature,
    method: finding.method,
    severity: finding.severity,
    value: finite(finding.value),
    threshold: finite(finding.threshold),
    p_value: finite(finding.pValue),
    n_current: finding.nCurrent,
    n_reference: finding.nReference,
    direction: finding.direction ?? null,
    change: finding.change,
    share: finite(finding.share),
    reason: finding.reason,
    distribution: finding.distribution ?? null,
  };
}

/** The labels in which all agree. */
function common(labels: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first, ...others] = labels;
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}

function iso(timestampMs: number): string {
  return new Date(timestampMs).toISOString();
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
