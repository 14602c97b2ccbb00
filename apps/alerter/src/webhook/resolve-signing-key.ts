import type { Secret } from '@plumbline/contracts';
import { secretForms } from '../secrets/secret-form.js';
import type { Secrets } from '../secrets/secrets.js';

export type SigningKey =
  | { readonly ok: true; readonly key: Buffer }
  /** `problem` names the reference, never the value. */
  | { readonly ok: false; readonly problem: string };

/** Reads the signing key of Standard Webhooks that a secret refers to. */
export async function resolveSigningKey(secret: Secret, secrets: Secrets): Promise<SigningKey> {
  const resolved = await secrets.read(secret, secretForms.signingKey);
  if (!resolved.ok) return resolved;
  return { ok: true, key: Buffer.from(resolved.value.slice('whsec_'.length), 'base64') };
}
