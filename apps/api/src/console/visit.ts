import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import type { ActionNotice } from './notice-cookie.js';

/** One request of a person to the console. */
export interface Visit {
  readonly caller: Caller;
  /** Whether the person may change anything: else pages show no buttons. */
  readonly canAct: boolean;
  /** Whether the person has signed in, and may sign out. */
  readonly signedIn: boolean;
  /** IANA name of the time zone that the person lives in; UTC until that is known. */
  readonly zone: string;
  readonly nowMs: number;
  /** Path and query of the request. */
  readonly path: string;
  /** Must stand in every form. */
  readonly csrfToken: string;
  /** What the action before has done, to be told once. */
  readonly notice: ActionNotice | undefined;
  /** Whether the browser talks https: cookies are for https only then. */
  readonly secure: boolean;
}

const visits = new WeakMap<FastifyRequest, Visit>();

export function setVisit(request: FastifyRequest, visit: Visit): void {
  visits.set(request, visit);
}

/** Returns the visit of a request, if it came as far as that: an error may be earlier. */
export function visitOf(request: FastifyRequest): Visit | undefined {
  return visits.get(request);
}

/** Gives a handler the visit that the guard found. */
export const CurrentVisit = createParamDecorator((_data: unknown, context: ExecutionContext): Visit => {
  const visit = visits.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (visit === undefined) throw new Error('the route is not one of a ConsoleController with a session');
  return visit;
});
