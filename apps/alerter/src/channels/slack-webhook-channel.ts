import type { Notification, ReceiverDeclaration } from '@plumbline/contracts';
import type { GuardedHttp } from '../egress/guarded-http.js';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';
import { postJson } from '../webhook/post-json.js';
import type { Attempt, Channel, SendResult } from './channel.js';
import { slackMessage } from './slack-message.js';

export type SlackWebhookDeclaration = Extract<ReceiverDeclaration, { channel: 'slack_webhook' }>;

/** Posts each notification as a message of its own to an incoming webhook of Slack, which can neither change nor find what it posted. */
export class SlackWebhookChannel implements Channel {
  readonly collapses = false;
  readonly showsAcknowledgement = true;
  readonly perMinute = 60;

  constructor(
    private readonly declaration: SlackWebhookDeclaration,
    private readonly http: GuardedHttp,
    private readonly secrets: Secrets,
  ) {}

  async send(notification: Notification, { attemptedAtMs }: Attempt, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const url = await this.secrets.read(this.declaration.url, secretForms.address);
    if (!url.ok) return { outcome: 'retryable', status: 0, detail: url.problem };
    const body = JSON.stringify(slackMessage(notification));
    return postJson(this.http, { url: url.value, headers: {}, body, attemptedAtMs }, signal);
  }
}
