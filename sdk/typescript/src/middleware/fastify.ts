import type { Plumbline } from '../plumbline.js';
import { RequestLog, type RequestLogOptions } from './request-log.js';

/** A Fastify instance, versions 4 and 5. Its own types are overloads that nothing structural fits, so they are asked for by name alone. */
interface FastifyLike {
  readonly decorateRequest: unknown;
  readonly addHook: unknown;
}
/** What of it is used. */
interface FastifyHooks<Request> {
  decorateRequest(name: string, value: null): unknown;
  addHook(name: 'onRequest', hook: (request: Request) => Promise<void>): unknown;
  addHook(
    name: 'preSerialization',
    hook: (request: Request, reply: unknown, payload: unknown) => Promise<unknown>,
  ): unknown;
  addHook(name: 'onError', hook: (request: Request, reply: unknown, error: Error) => Promise<void>): unknown;
  addHook(
    name: 'onResponse',
    hook: (request: Request, reply: { readonly statusCode: number }) => Promise<void>,
  ): unknown;
}

/**
 * Logs each request of a Fastify instance as a prediction, with its latency and how it ended: call it within the scope (`register`) of the
 * routes that predict. The handler finds its `RequestLog` in `request.plumbline`; with `prediction` what it answers is read.
 *
 * @example app.register(async (scope) => {
 *   plumblineFastify(scope, plumbline, { features: (request) => request.body });
 *   scope.post('/score', score);
 * });
 */
export function plumblineFastify<Request extends object = { readonly body?: unknown }, Answer = unknown>(
  instance: FastifyLike,
  client: Plumbline,
  options: RequestLogOptions<Request, Answer> = {},
): void {
  const app = instance as unknown as FastifyHooks<Request>;
  const answers = new WeakMap<object, unknown>();
  const errors = new WeakMap<object, Error>();
  const logOf = (request: Request): RequestLog<Request> =>
    (request as { plumbline?: unknown }).plumbline as RequestLog<Request>;
  app.decorateRequest('plumbline', null);
  app.addHook('onRequest', async (request) => {
    Object.assign(request, { plumbline: new RequestLog(client, request, options) });
  });
  app.addHook('preSerialization', async (request, _reply, payload) => {
    answers.set(request, payload);
    return payload;
  });
  app.addHook('onError', async (request, _reply, error) => {
    errors.set(request, error);
  });
  app.addHook('onResponse', async (request, { statusCode: status }) => {
    const error = errors.get(request);
    logOf(request).end({ status, answer: answers.get(request), ...(error && { error }) });
  });
}
