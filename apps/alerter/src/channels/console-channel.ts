import type { AlertView, Notification } from '@plumbline/contracts';
import type { Logger } from '@plumbline/telemetry';
import type { Attempt, Channel, SendResult } from './channel.js';

const MAX_SHOWN = 5;

/** Writes a notification as one line of the log. */
export class ConsoleChannel implements Channel {
  readonly collapses = false;
  readonly showsAcknowledgement = true;
  readonly perMinute = undefined;

  constructor(private readonly logger: Logger) {}

  async send(notification: Notification, _attempt: Attempt, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const { id, project, groupLabels, status, severity } = notification;
    const fields = { delivery_id: id, ...groupLabels, project, status, severity };
    this.logger[status === 'firing' ? 'warn' : 'info'](fields, consoleLine(notification));
    return { outcome: 'delivered', status: 0, detail: '' };
  }
}

/** Returns a notification as a sentence: what, where, and the worst changes. */
export function consoleLine({ status, severity, groupLabels, alerts, moreAlerts }: Notification): string {
  const heading = status === 'firing' ? `alert firing (${severity})` : 'alert resolved';
  const shown = alerts.slice(0, MAX_SHOWN).map((alert) => describeAlert(alert, status));
  const hidden = alerts.length - shown.length + moreAlerts;
  const more = hidden > 0 ? [`and ${hidden} more`] : [];
  const group = [groupLabels.model, groupLabels.monitor].filter((label) => label !== undefined);
  return `${heading}: ${group.join(' / ')}: ${[...shown, ...more].join('; ')}`;
}

function describeAlert({ labels, value, threshold, ...alert }: AlertView, status: Notification['status']): string {
  const resolved = status === 'firing' && alert.status === 'resolved' ? ' resolved' : '';
  const subject = [labels.monitor, labels.feature, labels.method].filter((label) => label !== '').join(' ');
  if (!Number.isFinite(value)) return `${subject}${resolved}`;
  const bound = Number.isFinite(threshold) ? ` (threshold ${rounded(threshold)})` : '';
  return `${subject} ${rounded(value)}${bound}${resolved}`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}
