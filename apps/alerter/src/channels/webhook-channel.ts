import type { Notification } from '@plumbline/contracts';
import type { WebhookSender, WebhookTarget } from '../webhook/webhook-sender.js';
import type { Attempt, Channel, SendResult } from './channel.js';
import { webhookBody } from './webhook-body.js';

/** Posts notifications to a receiver's address, signed as Standard Webhooks says. */
export class WebhookChannel implements Channel {
  readonly collapses = true;
  readonly showsAcknowledgement = true;
  readonly perMinute = undefined;

  constructor(
    private readonly sender: WebhookSender,
    private readonly target: WebhookTarget,
    private readonly externalUrl: string,
  ) {}

  async send(notification: Notification, { attemptedAtMs }: Attempt, signal: AbortSignal): Promise<SendResult> {
    const body = webhookBody(notification, this.externalUrl);
    return this.sender.post({ target: this.target, id: notification.id, body, attemptedAtMs }, signal);
  }
}
