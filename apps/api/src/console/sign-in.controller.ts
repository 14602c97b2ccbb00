import { Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { Configuration } from '@plumbline/contracts';
import { CONFIGURATION, Logger } from '@plumbline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { NeedsScope } from '../auth/api-key.guard.js';
import { WithoutSession } from './console.guard.js';
import { ConsoleController } from './console-controller.js';
import { setCookie } from './console-cookies.js';
import { ConsoleSessions, SESSION_MS } from './console-sessions.js';
import { Form } from './form.js';
import { safePath } from './paths.js';
import { isSecure } from './request-origin.js';
import { seeOther } from './see-other.js';
import { renderSignInPage } from './sign-in-page.js';

const formSchema = z.object({ key: z.string().trim().max(1_000), next: z.string().max(4_000).default('/') });

/** Signs people in with an API key, and out. */
@ConsoleController()
export class SignInController {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly sessions: ConsoleSessions,
    private readonly logger: Logger,
  ) {}

  @Get('sign-in')
  @WithoutSession(true)
  async show(@Query('next') next: unknown, @Res() reply: FastifyReply): Promise<void> {
    const path = safePath(typeof next === 'string' ? next : undefined);
    if (this.sessions.needKey) await reply.send(renderSignInPage(path, undefined));
    else await seeOther(reply, path);
  }

  @Post('sign-in')
  @WithoutSession(true)
  async signIn(
    @Form(formSchema) { key, next }: z.output<typeof formSchema>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const path = safePath(next);
    if (!this.sessions.needKey) return seeOther(reply, path);
    const caller = this.sessions.callerOfKey(key);
    if (caller?.scopes.includes('read') !== true) {
      const why =
        caller === undefined
          ? 'This server knows no such key. Copy it once more, whole and without spaces around it.'
          : `The key is good for ${caller.scopes.join(' and ')} only: take one with the scope "read".`;
      this.logger.warn({ caller: caller?.name, ip: request.ip }, 'a sign-in to the console was refused');
      await reply.status(403).send(renderSignInPage(path, why));
      return;
    }
    const secure = isSecure(request, this.configuration.alerting.externalUrl);
    // Always a new one: an id that somebody has put into the browser before stands for nobody.
    setCookie(reply, 'session', this.sessions.open(key, Date.now()), { secure, maxAgeMs: SESSION_MS });
    await seeOther(reply, path);
  }

  @Post('sign-out')
  @NeedsScope('read')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const secure = isSecure(request, this.configuration.alerting.externalUrl);
    setCookie(reply, 'session', '', { secure, maxAgeMs: 0 });
    await seeOther(reply, this.sessions.needKey ? '/sign-in' : '/');
  }
}
