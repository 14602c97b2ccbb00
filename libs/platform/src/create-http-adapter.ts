import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Names have up to 256 characters and ids of references up to 1 000; without this, parts of a path beyond 100 are not found. */
const MAX_PARAM_CHARACTERS = 1_024;

/** Returns the HTTP server of a process. Connections without a request are closed when it stops. */
export function createHttpAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    forceCloseConnections: 'idle',
    keepAliveTimeout: 10_000,
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS },
  });
}
