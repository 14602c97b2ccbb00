import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Configuration, Scope } from '@plumbline/contracts';
import { CONFIGURATION } from '@plumbline/telemetry';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { authenticate } from './authenticate.js';
import { setCaller } from './caller.js';

/** Scope that a handler needs; without it reading needs `read` and everything else `admin`. */
export const NeedsScope = Reflector.createDecorator<Scope>();

/** Asks for an API key on everything under /v1; health, metrics and the documentation are open. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.routeOptions.url?.startsWith('/v1/') !== true) return true;
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
}
