import { createHmac, timingSafeEqual } from 'node:crypto';
import { nameSchema } from '@plumbline/contracts';
import { z } from 'zod';

const claimsSchema = z.strictObject({
  project: nameSchema,
  action: z.string().min(1).max(64),
  subject: z.string().min(1).max(512),
  expiresAtMs: z.number().int(),
  detail: z.string().max(512).optional(),
});

/** What the bearer of a link may do, without any other key. */
export interface LinkClaims {
  readonly project: string;
  /** As in `retraining.approve`. */
  readonly action: string;
  /** What it is done to: the id of a run or of an alert. */
  readonly subject: string;
  readonly expiresAtMs: number;
  /** What else the action needs to know, as how long a silence lasts. */
  readonly detail?: string | undefined;
}

export type LinkReading =
  | { readonly ok: true; readonly claims: LinkClaims }
  /** `forged` as well when it was signed with a key that is no longer in use. */
  | { readonly ok: false; readonly reason: 'malformed' | 'forged' | 'expired' };

/** Returns the token of a link: the claims, readable by whoever holds it, and an HMAC-SHA256 of them. It is safe in a URL. */
export function signLink(key: Buffer, claims: LinkClaims): string {
  const payload = Buffer.from(JSON.stringify(claimsSchema.parse(claims))).toString('base64url');
  return `${payload}.${signature(key, payload).toString('base64url')}`;
}

/** Returns what a token allows, if one of the keys signed it and it is not over. */
export function readLink(keys: readonly Buffer[], token: string, nowMs: number): LinkReading {
  const [payload, signed, more] = token.split('.');
  if (payload === undefined || signed === undefined || more !== undefined) return { ok: false, reason: 'malformed' };
  const given = Buffer.from(signed, 'base64url');
  let good = false;
  // All are compared, so that the time tells nothing of any key.
  for (const key of keys) {
    const expected = signature(key, payload);
    if (given.length === expected.length && timingSafeEqual(given, expected)) good = true;
  }
  if (!good) return { ok: false, reason: 'forged' };
  const claims = claimsOf(payload);
  if (claims === undefined) return { ok: false, reason: 'malformed' };
  return claims.expiresAtMs <= nowMs ? { ok: false, reason: 'expired' } : { ok: true, claims };
}

function claimsOf(payload: string): LinkClaims | undefined {
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

/** The prefix keeps signatures of links apart from any other use of the key. */
function signature(key: Buffer, payload: string): Buffer {
  return createHmac('sha256', key).update(`plumbline-link.${payload}`).digest();
}
