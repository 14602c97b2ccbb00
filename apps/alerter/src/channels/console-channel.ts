import type { AlertFinding, Notification } from '@plumbline/contracts';
import { distributionBars, largest, messageOutline, messageTitle, type OutlineItem } from '@plumbline/report';
import type { Logger } from '@plumbline/telemetry';
import type { Attempt, Channel, SendResult } from './channel.js';

const MAX_ITEMS = 8;

/** Writes a notification to the log: one entry, in the text form a few lines that can be taken in at a glance. */
export class ConsoleChannel implements Channel {
  readonly collapses = false;
  readonly showsAcknowledgement = true;
  readonly perMinute = undefined;

  constructor(private readonly logger: Logger) {}

  async send(notification: Notification, _attempt: Attempt, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const { id, incidentId, project, groupLabels, cause, status, severity } = notification;
    const fields = { ...groupLabels, project, status, severity, cause, delivery_id: id, incident_id: incidentId };
    this.logger[status === 'firing' ? 'warn' : 'info'](fields, consoleText(notification));
    return { outcome: 'delivered', status: 0, detail: '' };
  }
}

/** Returns a notification as a heading, a line for each finding, and the addresses of what to do next. */
export function consoleText(notification: Notification): string {
  const { items, moreItems, recentChanges, remarks, links } = messageOutline(notification);
  const more = moreItems + Math.max(0, items.length - MAX_ITEMS);
  return [
    messageTitle(notification),
    ...items.slice(0, MAX_ITEMS).flatMap(itemLines),
    ...(more === 0 ? [] : [`and ${more} more`]),
    ...[...recentChanges, ...remarks].slice(0, MAX_ITEMS),
    ...links.map(({ text, url }) => `${text}: ${url}`),
  ].join('\n    ');
}

function itemLines({ name, state, change, evidence, reason, distribution }: OutlineItem): string[] {
  const rest = [change === '' ? reason : change, ...evidence].filter((part) => part !== '');
  return [`${name} (${state}): ${rest.join('; ')}`, ...chart(distribution)];
}

function chart(distribution: AlertFinding['distribution']): string[] {
  if (distribution === undefined || distribution.current.length === 0) return [];
  const { reference, current } = distribution;
  const max = largest(reference, current);
  return [`  ${distributionBars(reference, max)} reference   ${distributionBars(current, max)} this window`];
}
