import { timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Configuration } from '@plumbline/contracts';
import { isTimeZone } from '@plumbline/report';
import { CONFIGURATION } from '@plumbline/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NeedsScope } from '../auth/api-key.guard.js';
import { setCaller } from '../auth/caller.js';
import { Problem } from '../http/problem.js';
import { readCookie, setCookie } from './console-cookies.js';
import { type ConsoleSession, ConsoleSessions, SESSION_MS } from './console-sessions.js';
import { readForm } from './form.js';
import { PAGE_HEADERS } from './page-headers.js';
import { safePath } from './paths.js';
import { ReturnNeeded } from './return-needed.js';
import { isFromElsewhere, isFromOwnPage, isSecure } from './request-origin.js';
import { SignInNeeded } from './sign-in-needed.js';
import { readNotice } from './notice-cookie.js';
import { setVisit } from './visit.js';

/** Marks a handler that serves people who have not signed in. */
export const WithoutSession = Reflector.createDecorator<true>();

/**
 * Stands before every page of the console: asks for a session and the scope, and refuses whatever another site makes the browser
 * of a signed-in person send. Without API keys everybody who reaches the server is the local caller, and the session does
 * nothing but tell forms of our pages from others.
 */
@Injectable()
export class ConsoleGuard implements CanActivate {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly sessions: ConsoleSessions,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { console: settings, alerting } = this.configuration;
    if (!settings.enabled) throw new Problem(404, 'the console is switched off (PLUMBLINE_CONSOLE_ENABLED)');
    void reply.headers({ ...PAGE_HEADERS });
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes && !isFromOwnPage(request, alerting.externalUrl)) {
      throw new Problem(
        403,
        'the form did not come from a page of this server: open the page here and try again; behind a proxy that changes the host, set PLUMBLINE_ALERTING_EXTERNAL_URL',
      );
    }
    const handler = context.getHandler();
    if (this.reflector.get(WithoutSession, handler)) {
      if (changes) await readForm(request);
      return true;
    }
    const session = this.sessionOf(request, reply, changes);
    if (changes) await checkForm(request, session);
    const needed = this.reflector.get(NeedsScope, handler) ?? (changes ? 'admin' : 'read');
    const { caller, csrfToken } = session;
    if (!caller.scopes.includes(needed)) {
      throw new Problem(
        403,
        `your key lacks the scope "${needed}" (it has ${caller.scopes.join(', ')}): ask for one that has it, and sign in with that`,
      );
    }
    const secure = isSecure(request, alerting.externalUrl);
    const zone = readCookie(request, 'zone', secure) ?? 'UTC';
    setCaller(request, caller);
    setVisit(request, {
      caller,
      canAct: caller.scopes.includes('admin'),
      signedIn: this.sessions.needKey,
      zone: isTimeZone(zone) ? zone : 'UTC',
      nowMs: Date.now(),
      path: request.url,
      csrfToken,
      notice: changes ? undefined : readNotice(request, reply, secure),
      secure,
    });
    return true;
  }

  /** @throws SignInNeeded, or ReturnNeeded where the browser may have a session that it does not show yet */
  private sessionOf(request: FastifyRequest, reply: FastifyReply, changes: boolean): ConsoleSession {
    const nowMs = Date.now();
    const secure = isSecure(request, this.configuration.alerting.externalUrl);
    const token = readCookie(request, 'session', secure);
    const session = token === undefined ? undefined : this.sessions.read(token, nowMs);
    if (session !== undefined) return session;
    if (!changes && isFromElsewhere(request)) throw new ReturnNeeded(safePath(request.url));
    if (this.sessions.needKey) throw new SignInNeeded(changes ? refererPath(request) : safePath(request.url));
    if (changes) {
      throw new Problem(403, 'the form is older than the server: go back, load the page again, and send it once more');
    }
    const opened = this.sessions.openLocal(nowMs);
    setCookie(reply, 'session', opened, { secure, maxAgeMs: SESSION_MS });
    return this.sessions.read(opened, nowMs)!;
  }
}

/** @throws Problem 403 unless the form was made for the session */
async function checkForm(request: FastifyRequest, { csrfToken }: ConsoleSession): Promise<void> {
  const given = Buffer.from((await readForm(request)).csrf ?? '');
  const wanted = Buffer.from(csrfToken);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new Problem(
      403,
      'the form was not made for this session: go back, load the page again, and send it once more',
    );
  }
}

/** Returns the page that a form stood on, as far as it is one of ours. */
function refererPath({ headers: { referer } }: FastifyRequest): string {
  if (referer === undefined || !URL.canParse(referer)) return '/';
  const { pathname, search } = new URL(referer);
  return safePath(`${pathname}${search}`);
}
