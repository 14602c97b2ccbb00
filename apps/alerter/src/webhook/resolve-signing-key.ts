import { readFile } from 'node:fs/promises';
import type { Secret } from '@plumbline/contracts';

/** Variables of the process, where secrets are referred to by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type SigningKey =
  | { readonly ok: true; readonly key: Buffer }
  /** `problem` names the reference, never the value. */
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the signing key that a secret refers to, anew each time, so that a rotated secret needs no restart. Its text must be
 * `whsec_` and base64, so that no other file or variable of the server can be used as one.
 */
export async function resolveSigningKey(secret: Secret, environment: Environment): Promise<SigningKey> {
  const name = 'env' in secret ? `environment variable ${secret.env}` : `file ${secret.file}`;
  const text = 'env' in secret ? environment[secret.env] : await readSecretFile(secret.file);
  if (text === undefined) return { ok: false, problem: `the secret is not there: ${name}` };
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text.trim())?.[1];
  if (encoded === undefined) return { ok: false, problem: `the secret is not "whsec_" and base64: ${name}` };
  return { ok: true, key: Buffer.from(encoded, 'base64') };
}

async function readSecretFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
