import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Configuration, Scope } from '@plumbline/contracts';
import { LinkKeys } from '@plumbline/platform';
import { CONFIGURATION } from '@plumbline/telemetry';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { AcceptsLink } from './accepts-link.js';
import { authenticate } from './authenticate.js';
import { setCaller } from './caller.js';

/** Scope that a handler needs; without it reading needs `read` and everything else `admin`. */
export const NeedsScope = Reflector.createDecorator<Scope>();

/** Asks for an API key, or the signed link that a handler accepts, on everything under /v1; health, metrics and the documentation are open. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly reflector: Reflector,
    private readonly links: LinkKeys,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.routeOptions.url?.startsWith('/v1/') !== true) return true;
    if (await this.hasLink(context, request)) return true;
    const caller = authenticate(request.headers, this.configuration.apiKeys);
    if (caller === 'missing') {
      throw new Problem(401, 'an API key is required: send it as "Authorization: Bearer KEY" or in x-api-key');
    }
    if (caller === 'unknown') throw new Problem(401, 'the API key is not known to this server');
    const needed =
      this.reflector.get(NeedsScope, context.getHandler()) ?? (request.method === 'GET' ? 'read' : 'admin');
    if (!caller.scopes.includes(needed)) {
      throw new Problem(403, `the API key lacks the scope "${needed}"; it has ${caller.scopes.join(', ')}`);
    }
    setCaller(request, caller);
    return true;
  }

  /** Whether the request comes by a link that is good for it. One that is not is refused, whatever key comes with it. */
  private async hasLink(context: ExecutionContext, request: FastifyRequest): Promise<boolean> {
    const accepted = this.reflector.get(AcceptsLink, context.getHandler());
    const { token } = request.query as { readonly token?: unknown };
    if (accepted === undefined || typeof token !== 'string') return false;
    const reading = await this.links.read(token, Date.now());
    if (!reading.ok) throw new Problem(401, `the address is not good any more (${reading.reason}): use an API key`);
    const { action, subject, project } = reading.claims;
    const params = request.params as Readonly<Record<string, string>>;
    if (action !== accepted.action || subject !== params[accepted.subject]) {
      throw new Problem(403, 'the address was made for something else: use it as it was given, or an API key');
    }
    setCaller(request, { project, scopes: [], name: 'signed address' });
    return true;
  }
}
