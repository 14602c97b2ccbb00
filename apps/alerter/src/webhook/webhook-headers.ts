import { declaredHeaders } from '@plumbline/contracts';
import { createHmac } from 'node:crypto';

export interface WebhookMessage {
  /** Stable over attempts: the receiver's key to tell a repetition. */
  readonly id: string;
  readonly body: string;
  readonly attemptedAtMs: number;
  /** Signing keys, a signature with each: a receiver accepts any of them. Unsigned when empty. */
  readonly keys: readonly Buffer[];
  /** Of the declaration. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns the headers of one attempt, by lower-case name: those declared, then ours, signed as Standard Webhooks says
 * (HMAC-SHA256 of `id.timestamp.body`, https://www.standardwebhooks.com).
 */
export function webhookHeaders({ id, body, attemptedAtMs, keys, headers }: WebhookMessage): Record<string, string> {
  const timestamp = String(Math.floor(attemptedAtMs / 1000));
  return {
    ...declaredHeaders(headers),
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(keys.length === 0 ? {} : { 'webhook-signature': signatures(keys, `${id}.${timestamp}.${body}`) }),
  };
}

function signatures(keys: readonly Buffer[], content: string): string {
  return keys.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`).join(' ');
}
