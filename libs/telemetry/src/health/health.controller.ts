import { Controller, Get, Header, HttpStatus, Inject, Res } from '@nestjs/common';
import type { Readiness } from './health.js';
import { Health } from './health.js';
import { VERSION } from './version.js';

/** What the replies of Fastify and Express have in common. */
interface Reply {
  status(code: number): unknown;
}

@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    @Inject(VERSION) private readonly runningVersion: string,
  ) {}

  /** That it answers is the answer: the event loop turns. */
  @Get('healthz')
  @Header('cache-control', 'no-store')
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('readyz')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    reply.status(readiness.status === 'ready' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return readiness;
  }

  @Get('version')
  version(): { readonly version: string; readonly node: string } {
    return { version: this.runningVersion, node: process.versions.node };
  }
}
