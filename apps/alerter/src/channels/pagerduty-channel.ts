import type { Notification, ReceiverDeclaration } from '@plumbline/contracts';
import type { GuardedHttp } from '../egress/guarded-http.js';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';
import { postJson } from '../webhook/post-json.js';
import { addressBelow } from '../webhook/address-below.js';
import type { Attempt, Channel, SendResult } from './channel.js';
import { pagerdutyEvents } from './pagerduty-event.js';

export type PagerdutyDeclaration = Extract<ReceiverDeclaration, { channel: 'pagerduty' }>;

/** Opens, acknowledges and resolves an alert of PagerDuty for each incident, through Events API v2. */
export class PagerdutyChannel implements Channel {
  readonly collapses = true;
  readonly showsAcknowledgement = true;
  readonly perMinute = 120;

  constructor(
    private readonly declaration: PagerdutyDeclaration,
    private readonly http: GuardedHttp,
    private readonly secrets: Secrets,
  ) {}

  async send(notification: Notification, { attemptedAtMs }: Attempt, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const { url, routing_key: routingKey } = this.declaration;
    const key = await this.secrets.read(routingKey, secretForms.pagerdutyKey);
    if (!key.ok) return { outcome: 'retryable', status: 0, detail: key.problem };
    let result: SendResult = { outcome: 'delivered', status: 0, detail: '' };
    for (const event of pagerdutyEvents(notification, key.value)) {
      const body = JSON.stringify(event);
      const post = { url: addressBelow(url, '/v2/enqueue'), headers: {}, body, attemptedAtMs };
      result = await postJson(this.http, post, signal);
      if (result.outcome !== 'delivered') return result;
    }
    return result;
  }
}
