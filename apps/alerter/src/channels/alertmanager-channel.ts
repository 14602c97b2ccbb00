import { declaredHeaders, type Notification, type ReceiverDeclaration } from '@plumbline/contracts';
import type { GuardedHttp } from '../egress/guarded-http.js';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';
import { addressBelow } from '../webhook/address-below.js';
import { postJson } from '../webhook/post-json.js';
import { alertmanagerAlerts } from './alertmanager-alerts.js';
import type { Attempt, Channel, SendResult } from './channel.js';

export type AlertmanagerDeclaration = Extract<ReceiverDeclaration, { channel: 'alertmanager' }>;

/** Hands alerts to an Alertmanager of the user's own, which routes, groups and silences them in its own way. */
export class AlertmanagerChannel implements Channel {
  readonly collapses = true;
  readonly showsAcknowledgement = false;
  readonly perMinute = undefined;

  constructor(
    private readonly declaration: AlertmanagerDeclaration,
    private readonly http: GuardedHttp,
    private readonly secrets: Secrets,
  ) {}

  async send(notification: Notification, { attemptedAtMs }: Attempt, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    const { url, bearer_token: bearerToken } = this.declaration;
    const headers = declaredHeaders(this.declaration.headers);
    if (bearerToken !== undefined) {
      const token = await this.secrets.read(bearerToken, secretForms.any);
      if (!token.ok) return { outcome: 'retryable', status: 0, detail: token.problem };
      headers['authorization'] = `Bearer ${token.value}`;
    }
    const body = JSON.stringify(alertmanagerAlerts(notification));
    return postJson(this.http, { url: addressBelow(url, '/api/v2/alerts'), headers, body, attemptedAtMs }, signal);
  }
}
