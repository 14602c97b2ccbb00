import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type ApiKey, DEFAULT_PROJECT, scopeSchema } from '@plumbline/contracts';
import type { Caller } from './caller.js';

/** Caller of a server without keys, which listens on loopback only. */
export const LOCAL_CALLER: Caller = { project: DEFAULT_PROJECT, scopes: scopeSchema.options, name: 'local' };

/** Returns whom the API key of a request stands for, `missing` when it has none, `unknown` when nobody was given it. */
export function authenticate(headers: IncomingHttpHeaders, apiKeys: readonly ApiKey[]): Caller | 'missing' | 'unknown' {
  if (apiKeys.length === 0) return LOCAL_CALLER;
  const key = keyOf(headers);
  if (key === undefined) return 'missing';
  const found = findApiKey(key, apiKeys);
  return found === undefined ? 'unknown' : callerOf(found);
}

/** Returns the configured key that equals a text; undefined when none does. */
export function findApiKey(key: string, apiKeys: readonly ApiKey[]): ApiKey | undefined {
  const digest = sha256(key);
  let found: ApiKey | undefined;
  // All are compared, and digests of equal length, so that the time tells nothing of any key.
  for (const apiKey of apiKeys) if (timingSafeEqual(sha256(apiKey.key), digest)) found = apiKey;
  return found;
}

/** Returns whom a key stands for. */
export function callerOf({ key, project, scopes }: ApiKey): Caller {
  return { project, scopes, name: `key ${sha256(key).toString('hex').slice(0, 8)}` };
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '');
  if (bearer) return bearer[1];
  const header = headers['x-api-key'];
  return typeof header === 'string' && header !== '' ? header : undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
