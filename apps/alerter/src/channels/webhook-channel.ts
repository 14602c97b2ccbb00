import type { Notification } from '../notify/notification.js';
import type { WebhookSender, WebhookTarget } from '../webhook/webhook-sender.js';
import type { Channel, SendResult } from './channel.js';
import { webhookBody } from './webhook-body.js';

/** Posts notifications to a receiver's address, signed as Standard Webhooks says. */
export class WebhookChannel implements Channel {
  constructor(
    private readonly sender: WebhookSender,
    private readonly target: WebhookTarget,
    private readonly externalUrl: string,
  ) {}

  async send(notification: Notification, signal: AbortSignal): Promise<SendResult> {
    const { id, attemptedAtMs } = notification;
    const body = webhookBody(notification, this.externalUrl);
    return this.sender.post({ target: this.target, id, body, attemptedAtMs }, signal);
  }
}
