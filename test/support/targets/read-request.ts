import type { TargetRequest } from './target-server.js';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object in a JSON body that says it is JSON; undefined otherwise. */
export function jsonBody({ headers, body }: TargetRequest): JsonObject | undefined {
  if (headers['content-type']?.split(';')[0] !== 'application/json') return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The fields of a form that says it is one; undefined otherwise. */
export function formBody({ headers, body }: TargetRequest): URLSearchParams | undefined {
  return headers['content-type'] === 'application/x-www-form-urlencoded' ? new URLSearchParams(body) : undefined;
}

/** The first key that is not allowed. */
export function unknownKey(value: JsonObject, ...allowed: readonly string[]): string | undefined {
  return Object.keys(value).find((key) => !allowed.includes(key));
}

export function hasBearer({ headers }: TargetRequest, token: string): boolean {
  return headers.authorization === `Bearer ${token}`;
}

export function hasBasic({ headers }: TargetRequest, username: string, password: string): boolean {
  return headers.authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
