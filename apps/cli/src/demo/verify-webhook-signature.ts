import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedRequest {
  readonly id: string | undefined;
  /** Seconds since 1970. */
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: string;
}

const TOLERANCE_SECONDS = 300;

/**
 * Whether a request is signed as Standard Webhooks says: HMAC-SHA256 of "id.timestamp.body" with the secret ("whsec_" and
 * base64), and of now, so that a recorded call cannot be played again.
 */
export function verifyWebhookSignature(request: SignedRequest, secret: string, nowMs: number): boolean {
  const { id, timestamp, signature, body } = request;
  if (id === undefined || timestamp === undefined || signature === undefined) return false;
  const age = Math.abs(nowMs / 1000 - Number(timestamp));
  if (!(age <= TOLERANCE_SECONDS)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  // Several signatures stand there while a secret is being replaced; one that fits is enough.
  return signature.split(' ').some((entry) => {
    const [version, value = ''] = entry.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
