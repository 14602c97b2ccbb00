import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from '@plumbline/contracts';
import { CONFIGURATION, Logger, runWithRequestId } from '@plumbline/telemetry';
import { OpenApiDocument } from '../openapi/open-api-document.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestValidation } from './request-validation.js';

const REQUEST_ID = /^[A-Za-z0-9._:/+=-]{1,128}$/;

/**
 * Prepares the HTTP side of an application that was created with `bodyParser: false`: request ids, bodies left unread until a
 * handler asks for them, and errors as problem+json. To be called before `listen`.
 */
export function configureHttp(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    const given = request.headers['x-request-id'];
    request.id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    runWithRequestId(request.id, done);
  });
  // Fastify reads bodies before any guard runs; so it is given a parser that does not read.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.get(OpenApiDocument, { strict: false }).describe(app);
  app.useGlobalPipes(new RequestValidation());
  const configuration = app.get<Configuration>(CONFIGURATION, { strict: false });
  app.useGlobalFilters(new ProblemFilter(app.get(Logger, { strict: false }), configuration.console.enabled));
}
