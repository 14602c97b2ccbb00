import type { FastifyRequest } from 'fastify';
import { hostOfUrl } from '../http/host-name.js';

/** Whether the browser talks https, be it with a proxy before this server. */
export function isSecure({ protocol, headers }: FastifyRequest, externalUrl: string): boolean {
  // Who lies about it harms nobody but themselves: their browser keeps no cookie.
  if (protocol === 'https' || /^https\b/i.test(String(headers['x-forwarded-proto'] ?? ''))) return true;
  return externalUrl.startsWith('https:') && headers.host?.toLowerCase() === hostOfUrl(externalUrl);
}

/**
 * Whether a request comes from a page of this server, as far as the browser says. One that says nothing is not believed: every
 * browser of the last years names the origin of a form.
 */
export function isFromOwnPage({ headers }: FastifyRequest, externalUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined) return false;
  const from = hostOfUrl(origin);
  return from !== undefined && (from === host?.toLowerCase() || from === hostOfUrl(externalUrl));
}

/** Whether a link or a message of another site led here: then browsers keep the session to themselves at first. */
export function isFromElsewhere({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'cross-site';
}
