import type { FastifyReply, FastifyRequest } from 'fastify';

/** `session`: who is signed in. `notice`: what was done, told once. `zone`: the time zone, which the script writes. */
export type ConsoleCookie = 'session' | 'notice' | 'zone';

/** Longer than any of ours. */
const MAX_HEADER_CHARACTERS = 16_384;

/** Returns the value of a cookie of the console; undefined when the browser sent none. */
export function readCookie(request: FastifyRequest, cookie: ConsoleCookie, secure: boolean): string | undefined {
  const header = (request.headers.cookie ?? '').slice(0, MAX_HEADER_CHARACTERS);
  const wanted = nameOf(cookie, secure);
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === wanted) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** Sets a cookie that no script and no other site gets. @param maxAgeMs 0 deletes it */
export function setCookie(
  reply: FastifyReply,
  cookie: Exclude<ConsoleCookie, 'zone'>,
  value: string,
  { secure, maxAgeMs }: { readonly secure: boolean; readonly maxAgeMs: number },
): void {
  const maxAge = Math.max(0, Math.floor(maxAgeMs / 1_000));
  const attributes = `Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  // Fastify puts several into headers of their own.
  void reply.header('set-cookie', `${nameOf(cookie, secure)}=${value}; ${attributes}`);
}

/**
 * Behind https the prefix makes browsers refuse a cookie of that name from anybody but this very host over https: nobody can
 * put a session of theirs in place of another's.
 */
function nameOf(cookie: ConsoleCookie, secure: boolean): string {
  return `${secure && cookie !== 'zone' ? '__Host-' : ''}plumbline-${cookie}`;
}
