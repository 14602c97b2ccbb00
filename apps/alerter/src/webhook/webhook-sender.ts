import type { Secret } from '@plumbline/contracts';
import type { SendResult } from '../channels/channel.js';
import type { GuardedHttp } from '../egress/guarded-http.js';
import type { Secrets } from '../secrets/secrets.js';
import { postJson } from './post-json.js';
import { resolveSigningKey } from './resolve-signing-key.js';
import { webhookHeaders } from './webhook-headers.js';

/** Where a user wants messages to go: the part that alert receivers and retraining targets share. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret?: Secret | undefined;
  /** Sign too, while a secret is rotated. */
  readonly previous_secrets?: readonly Secret[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WebhookPost {
  readonly target: WebhookTarget;
  readonly id: string;
  readonly body: string;
  readonly attemptedAtMs: number;
  /** Added to the signed ones; the declaration cannot override them. */
  readonly extraHeaders?: Readonly<Record<string, string>>;
}

/** Sends signed messages to addresses that users configured. */
export class WebhookSender {
  constructor(
    private readonly http: GuardedHttp,
    private readonly secrets: Secrets,
  ) {}

  /**
   * Makes one attempt and returns what became of it.
   * @throws the signal's reason when it aborts
   */
  async post({ target, id, body, attemptedAtMs, extraHeaders }: WebhookPost, signal: AbortSignal): Promise<SendResult> {
    const keys: Buffer[] = [];
    for (const secret of target.secret === undefined ? [] : [target.secret, ...(target.previous_secrets ?? [])]) {
      const resolved = await resolveSigningKey(secret, this.secrets);
      // The operator can repair this without anybody saving the receiver again, so the message waits.
      if (!resolved.ok) return { outcome: 'retryable', status: 0, detail: resolved.problem };
      keys.push(resolved.key);
    }
    const headers = { ...webhookHeaders({ id, body, attemptedAtMs, keys, headers: target.headers }), ...extraHeaders };
    return postJson(this.http, { url: target.url, headers, body, attemptedAtMs }, signal);
  }
}
