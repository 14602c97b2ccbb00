import type { z } from 'zod';
import { describeConfiguration } from './describe-configuration.js';

/** What stands in place of a secret in messages and in printed configurations. */
export const REDACTED = '[redacted]';

/** A copy of a configuration for people to read: secrets that are set are "[redacted]", those that are not stay visible. */
export function redactConfiguration<S extends z.ZodObject>(
  schema: S,
  configuration: z.output<S>,
): Record<string, unknown> {
  const secretPaths = new Set(describeConfiguration(schema).flatMap(({ path, secret }) => (secret ? [path] : [])));
  const redact = (value: unknown, path: string): unknown => {
    if (secretPaths.has(path)) return isSet(value) ? REDACTED : value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return redactEntries(value, path);
  };
  const redactEntries = (group: object, path: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(group).map(([name, value]) => [name, redact(value, path === '' ? name : `${path}.${name}`)]),
    );
  return redactEntries(configuration, '');
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}
