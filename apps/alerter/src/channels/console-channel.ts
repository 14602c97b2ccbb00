import type { Logger } from '@plumbline/telemetry';
import { isFiring, type AlertChange, type Notification } from '../notify/notification.js';
import type { Channel, SendResult } from './channel.js';

const MAX_SHOWN = 5;

/** Writes a notification as one line of the log. */
export class ConsoleChannel implements Channel {
  constructor(private readonly logger: Logger) {}

  async send(notification: Notification, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const { id, project, model, monitor, status, severity, features } = notification;
    const fields = { delivery_id: id, project, model, monitor, status, severity, features };
    this.logger[status === 'firing' ? 'warn' : 'info'](fields, consoleLine(notification));
    return { outcome: 'delivered', status: 0, detail: '' };
  }
}

/** Returns a notification as a sentence: what, where, in which window, and the worst changes. */
export function consoleLine({ changes, ...notification }: Notification): string {
  const { status, severity, model, monitor, windowStartMs, windowEndMs } = notification;
  const heading = status === 'firing' ? `alert firing (${severity})` : 'alert resolved';
  const window = `${new Date(windowStartMs).toISOString()} to ${new Date(windowEndMs).toISOString()}`;
  const shown = changes.slice(0, MAX_SHOWN).map((change) => describeChange(change, status));
  const more = changes.length > MAX_SHOWN ? [`and ${changes.length - MAX_SHOWN} more`] : [];
  return `${heading}: ${model} / ${monitor}, ${window}: ${[...shown, ...more].join('; ')}`;
}

function describeChange(change: AlertChange, status: Notification['status']): string {
  const { feature, method, value, threshold } = change.transition;
  const resolved = status === 'firing' && !isFiring(change) ? ' resolved' : '';
  const subject = feature === '' ? method : `${feature} ${method}`;
  if (!Number.isFinite(value)) return `${subject}${resolved}`;
  const bound = Number.isFinite(threshold) ? ` (threshold ${rounded(threshold)})` : '';
  return `${subject} ${rounded(value)}${bound}${resolved}`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}
