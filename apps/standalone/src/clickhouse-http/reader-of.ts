import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ClickhouseReader } from '@plumbline/contracts';

/** Whose rows somebody sees; `project` undefined: those of all projects. */
export interface Reader {
  readonly user: string;
  readonly project: string | undefined;
}

/** Who needs no password, where no users are configured. */
const LOCAL_READER: Reader = { user: 'default', project: undefined };

/**
 * Returns who sends a request, by any of the ways of a ClickHouse server: Basic, the headers X-ClickHouse-User and X-ClickHouse-Key,
 * or `user` and `password` in the address. Undefined when the password is not that user's.
 */
export function readerOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  query: URLSearchParams,
  users: readonly ClickhouseReader[],
): Reader | undefined {
  if (users.length === 0) return LOCAL_READER;
  const given = credentials(headers, query);
  let found: Reader | undefined;
  for (const { user, password, project } of users) {
    // All are compared, and digests of equal length, so that the time tells nothing of any password.
    const same = timingSafeEqual(digest(`${user}:${password}`), digest(`${given.user}:${given.password}`));
    if (same) found = { user, project: project === '*' ? undefined : project };
  }
  return found;
}

function credentials(
  headers: IncomingMessage['headers'],
  query: URLSearchParams,
): { readonly user: string; readonly password: string } {
  const basic = /^Basic +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { user, password: password.join(':') };
  }
  const user = headers['x-clickhouse-user'] ?? query.get('user') ?? 'default';
  const password = headers['x-clickhouse-key'] ?? query.get('password') ?? '';
  return { user: String(user), password: String(password) };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
