import { createHash } from 'node:crypto';
import type { AlertView, Notification, Severity } from '@plumbline/contracts';
import { messageOutline, type MessageOutline, messageTitle, type OutlineItem, webAddress } from '@plumbline/report';

const MAX_DEDUP_KEY = 255;
const MAX_SUMMARY = 1024;
/** PagerDuty takes 512 kB; whether that is 512,000 or 524,288 bytes it does not say. */
const MAX_EVENT_BYTES = 512_000;

export interface PagerdutyLink {
  readonly href: string;
  readonly text: string;
}

/** An alert event of Events API v2: https://developer.pagerduty.com/docs/send-alert-event */
export interface PagerdutyEvent {
  readonly routing_key: string;
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedup_key: string;
  readonly client?: string;
  readonly client_url?: string;
  readonly links?: readonly PagerdutyLink[];
  readonly payload?: {
    readonly summary: string;
    readonly source: string;
    readonly severity: 'critical' | 'error' | 'warning' | 'info';
    readonly timestamp: string;
    readonly component?: string;
    readonly group: string;
    readonly class?: string;
    readonly custom_details: object;
  };
}

/** Returns the events that tell PagerDuty of a notification, in their order. A test opens an incident of low urgency and closes it. */
export function pagerdutyEvents(notification: Notification, routingKey: string): PagerdutyEvent[] {
  const { status, cause, acknowledgedBy } = notification;
  const common = { routing_key: routingKey, dedup_key: dedupKey(notification.incidentId) };
  const resolve = { ...common, event_action: 'resolve' } as const;
  if (cause === 'test') return [trigger(notification, common), resolve];
  if (status === 'resolved') return [resolve];
  if (cause === 'acknowledged' && acknowledgedBy !== undefined) return [{ ...common, event_action: 'acknowledge' }];
  return [trigger(notification, common)];
}

function trigger(
  notification: Notification,
  common: Pick<PagerdutyEvent, 'routing_key' | 'dedup_key'>,
): PagerdutyEvent {
  const outline = messageOutline(notification);
  const { project, groupLabels, createdAtMs, alerts, links } = notification;
  const clientUrl = webAddress(links.alert);
  const monitors = [...new Set(alerts.map(({ labels }) => labels.monitor))];
  const event = (shown: number): PagerdutyEvent => ({
    ...common,
    event_action: 'trigger',
    client: 'Plumbline',
    ...(clientUrl === undefined ? {} : { client_url: clientUrl }),
    links: outline.links.map(({ text, url }) => ({ href: url, text })),
    payload: {
      summary: messageTitle(notification).slice(0, MAX_SUMMARY).toWellFormed(),
      source: groupLabels.model === undefined ? project : `${project}/${groupLabels.model}`,
      severity: notification.cause === 'test' ? 'info' : severityOf(notification.severity),
      timestamp: new Date(createdAtMs).toISOString(),
      ...(groupLabels.model === undefined ? {} : { component: groupLabels.model }),
      group: project,
      ...(monitors.length === 1 ? { class: monitors[0]! } : {}),
      custom_details: customDetails(outline, notification, shown),
    },
  });
  let shown = alerts.length;
  while (shown > 0 && sizeBytes(event(shown)) > MAX_EVENT_BYTES) shown = Math.floor(shown / 2);
  return event(shown);
}

/** What stands beside the summary: what people read, then the alerts as data, as many as there is room for. */
function customDetails(outline: MessageOutline, { alerts, moreAlerts }: Notification, shown: number): object {
  const hidden = alerts.length - shown + moreAlerts;
  return {
    headline: outline.headline,
    ...Object.fromEntries(outline.facts),
    findings: outline.items.map(itemLine),
    ...(outline.moreItems === 0 ? {} : { more_findings: outline.moreItems }),
    ...(outline.recentChanges.length === 0 ? {} : { recent_changes: outline.recentChanges }),
    ...(outline.remarks.length === 0 ? {} : { remarks: outline.remarks }),
    alerts: alerts.slice(0, shown).map(alertDetails),
    ...(hidden === 0 ? {} : { more_alerts: hidden }),
  };
}

function itemLine({ name, state, change, evidence, reason }: OutlineItem): string {
  const rest = [change === '' ? reason : change, ...evidence].filter((part) => part !== '');
  return `${name} (${state}): ${rest.join('; ')}`;
}

function alertDetails({ alertId, labels, status, value, threshold, reason }: AlertView): object {
  const named = Object.fromEntries(Object.entries(labels).filter(([, label]) => label !== ''));
  return {
    alert_id: alertId,
    ...named,
    status,
    value: Number.isFinite(value) ? value : null,
    threshold: Number.isFinite(threshold) ? threshold : null,
    reason,
  };
}

/** The key by which PagerDuty keeps the events of an incident together. */
function dedupKey(incidentId: string): string {
  return incidentId.length <= MAX_DEDUP_KEY ? incidentId : createHash('sha256').update(incidentId).digest('hex');
}

function severityOf(severity: Severity): 'critical' | 'error' | 'warning' | 'info' {
  switch (severity) {
    case 'critical':
      return 'critical';
    case 'error':
    case 'no_data':
      return 'error';
    case 'warning':
      return 'warning';
    case 'ok':
    case 'insufficient_data':
    case 'no_reference':
      return 'info';
  }
}

function sizeBytes(event: PagerdutyEvent): number {
  return Buffer.byteLength(JSON.stringify(event));
}
