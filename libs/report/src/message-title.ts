import type { AlertReport, Notification } from '@plumbline/contracts';
import { formatNumber } from './format-number.js';
import { plain, plainSentence } from './plain.js';

const MAX_HEADLINE = 150;

/** Returns what a message is about, in a line: the headline of its report, else how many alerts there are of what. */
export function messageHeadline(notification: Notification): string {
  const { report, alerts, moreAlerts, cause, receiver, status } = notification;
  if (cause === 'test') return `Test message to receiver ${plain(receiver)}: it arrives`;
  if (report !== undefined && agrees(report, status)) return plainSentence(report.headline, MAX_HEADLINE);
  const count = alerts.length + moreAlerts;
  const [first] = alerts;
  const models = new Set(alerts.map(({ labels }) => labels.model));
  const where =
    models.size === 1 && first !== undefined ? plain(first.labels.model) : `${formatNumber(models.size)} models`;
  const monitors = new Set(alerts.map(({ labels }) => labels.monitor));
  const what = monitors.size === 1 && first !== undefined ? ` of ${plain(first.labels.monitor)}` : '';
  return plainSentence(`${where}: ${formatNumber(count)} alert${count === 1 ? '' : 's'}${what}`, MAX_HEADLINE);
}

/**
 * Whether the headline of a report fits the message: one that fires must not be called healthy, because its window was evaluated again
 * since, nor one that is over be headed by what others find.
 */
function agrees({ findings }: AlertReport, status: Notification['status']): boolean {
  const breaching = findings.some(({ severity }) => !['ok', 'insufficient_data', 'no_reference'].includes(severity));
  return breaching === (status === 'firing');
}

/** Returns a message as one line, how it stands first: "Critical: loan (version 7): 3 features drifted, most of all income". */
export function messageTitle(notification: Notification): string {
  return `${statusWord(notification)}: ${messageHeadline(notification)}`;
}

/** Returns the one word for how a message stands. */
export function statusWord({ status, severity, cause }: Pick<Notification, 'status' | 'severity' | 'cause'>): string {
  if (cause === 'test') return 'Test';
  if (status === 'resolved') return 'Resolved';
  return severity === 'critical' ? 'Critical' : severity === 'warning' ? 'Warning' : 'Firing';
}
