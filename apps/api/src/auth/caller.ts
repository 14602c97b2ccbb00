import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Scope } from '@plumbline/contracts';
import type { FastifyRequest } from 'fastify';

/** Who asks: the project and the rights that the API key stands for. */
export interface Caller {
  readonly project: string;
  readonly scopes: readonly Scope[];
  /** What the audit trail says of a change: a fingerprint of the key. */
  readonly name: string;
}

const callers = new WeakMap<FastifyRequest, Caller>();

export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Gives a handler the caller that the guard found. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (caller === undefined) throw new Error('the route is not behind ApiKeyGuard');
  return caller;
});
