import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { ProblemReply } from '@plumbline/contracts';
import { Logger } from '@plumbline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './problem-of.js';

/** Answers every error as problem+json: the only place where errors become HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = problemOf(error);
    const { errors, retryAfterMs, extensions } = problem.options;
    if (problem.status >= 500) {
      const fields = { err: error, method: request.method, url: request.url };
      // An unavailable store or a stopping stream passes; what nobody foresaw needs a person.
      if (problem.status === 500) this.logger.error(fields, 'request failed');
      else this.logger.warn(fields, 'request could not be served');
    }
    const body: ProblemReply = {
      type: 'about:blank',
      title: problem.title,
      status: problem.status,
      detail: problem.detail,
      ...(errors ? { errors: [...errors] } : {}),
      request_id: request.id,
      ...extensions,
    };
    if (reply.sent) return;
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    if (retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)));
    void reply.status(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(body));
  }
}
