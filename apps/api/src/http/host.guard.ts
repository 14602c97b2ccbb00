import { isIP } from 'node:net';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Configuration } from '@plumbline/contracts';
import { CONFIGURATION } from '@plumbline/telemetry';
import type { FastifyRequest } from 'fastify';
import { hostOfUrl, nameOfHost } from './host-name.js';
import { Problem } from './problem.js';

/** Tell nothing of anybody's models, and are asked for under many names. */
const OPEN_PATHS = ['/healthz', '/readyz', '/version', '/metrics'];

/**
 * Refuses requests under a name that is not this server's, where there are no API keys. Such a server listens on loopback and
 * trusts whoever reaches it; a page from the internet whose name is made to lead to 127.0.0.1 (DNS rebinding) would reach it
 * through the browser of a person who sits there, and read and change everything.
 */
@Injectable()
export class HostGuard implements CanActivate {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  canActivate(context: ExecutionContext): boolean {
    const { apiKeys, alerting } = this.configuration;
    if (apiKeys.length > 0) return true;
    const { headers, url } = context.switchToHttp().getRequest<FastifyRequest>();
    if (isOwnName(headers.host, alerting.externalUrl) || OPEN_PATHS.includes(url)) return true;
    throw new Problem(
      421,
      'a server without API keys answers under the names of this machine only: open it as localhost, or set PLUMBLINE_ALERTING_EXTERNAL_URL to its address',
    );
  }
}

/**
 * Whether a Host header names this machine: no name that somebody on the internet could own. Addresses, names without a dot and
 * those under `.localhost` and `.internal` are nobody's.
 */
export function isOwnName(host: string | undefined, externalUrl: string): boolean {
  if (host === undefined) return false;
  const name = nameOfHost(host);
  if (name === undefined) return false;
  if (isIP(name) !== 0 || !name.includes('.')) return true;
  return name.endsWith('.localhost') || name.endsWith('.internal') || host.toLowerCase() === hostOfUrl(externalUrl);
}
