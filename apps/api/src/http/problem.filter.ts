import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { ProblemReply } from '@plumbline/contracts';
import { Logger } from '@plumbline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isForPerson, sendProblemPage } from '../console/send-problem-page.js';
import { problemOf } from './problem-of.js';

/** Answers every error as problem+json, or as a page of the console where a person looks: the only place where errors become HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** @param hasConsole whether there are pages: then errors of pages are pages */
  constructor(
    private readonly logger: Logger,
    private readonly hasConsole: boolean,
  ) {}

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
    if (reply.sent) return;
    if (retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)));
    if (this.hasConsole && isForPerson(request)) {
      void sendProblemPage(problem, request, reply);
      return;
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
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    void reply.status(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(body));
  }
}
