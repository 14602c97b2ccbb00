import { IncomingMessage } from 'node:http';
import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type LinkClaims, LinkKeys } from '@plumbline/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problemOf } from '../http/problem-of.js';
import { Problem } from '../http/problem.js';
import { readBody } from '../http/read-body.js';
import { LINK_HANDLERS, type LinkForm, type LinkHandler, type LinkPage } from './link-handler.js';
import { LINK_PAGE_HEADERS, renderLinkPage } from './render-link-page.js';

const MAX_FORM_BYTES = 16 * 1024;
const querySchema = z.strictObject({ token: z.string().min(1).max(4_000) });
const formSchema = z.object({
  author: z.string().trim().min(1, 'say who you are').max(100),
  note: z.string().trim().max(2_000).default(''),
});

const refused = (reason: 'malformed' | 'forged' | 'expired'): Problem => {
  switch (reason) {
    case 'malformed':
      return new Problem(400, 'the link is not complete: open it from the message again, whole');
    case 'forged':
      return new Problem(403, 'the link was not made by this server, or its key has changed since: use the API');
    case 'expired':
      return new Problem(410, 'the link is over: use the API or the command line');
  }
};

/**
 * Links that people find in messages: GET says what will happen and asks for a name, POST does it. They need no API key, the
 * signature is the key. Errors are pages too.
 */
@ApiExcludeController()
@Controller('links')
export class LinksController {
  constructor(
    private readonly keys: LinkKeys,
    @Inject(LINK_HANDLERS) private readonly handlers: readonly LinkHandler[],
  ) {}

  @Get()
  async show(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(reply, async (nowMs) => {
      const { claims, handler } = await this.open(query, nowMs);
      return handler.describe(claims, nowMs);
    });
  }

  @Post()
  async use(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(reply, async (nowMs) => {
      const { claims, handler } = await this.open(query, nowMs);
      return handler.perform(claims, await readForm(request.body), nowMs);
    });
  }

  private async open(query: unknown, nowMs: number): Promise<{ claims: LinkClaims; handler: LinkHandler }> {
    const parsed = querySchema.safeParse(query);
    if (!parsed.success) throw refused('malformed');
    const reading = await this.keys.read(parsed.data.token, nowMs);
    if (!reading.ok) throw refused(reading.reason);
    const handler = this.handlers.find(({ actions }) => actions.includes(reading.claims.action));
    // A link of another kind, as that of a call-back, is no page.
    if (handler === undefined) throw new Problem(404, 'the link is not one to be opened in a browser');
    return { claims: reading.claims, handler };
  }

  private async answer(reply: FastifyReply, make: (nowMs: number) => Promise<LinkPage>): Promise<void> {
    const nowMs = Date.now();
    let status = 200;
    let page: LinkPage;
    try {
      page = await make(nowMs);
    } catch (error) {
      const problem = problemOf(error);
      // What nobody foresaw belongs in the log; the filter sees to that.
      if (problem.status === 500) throw error;
      status = problem.status;
      page = { title: problem.title, text: [sentence(problem.detail)] };
    }
    await reply.status(status).headers(LINK_PAGE_HEADERS).send(renderLinkPage(page, nowMs));
  }
}

async function readForm(body: unknown): Promise<LinkForm> {
  if (!(body instanceof IncomingMessage)) throw new Problem(400, 'the form is empty: say who you are');
  const fields = Object.fromEntries(new URLSearchParams((await readBody(body, MAX_FORM_BYTES)).toString('utf8')));
  const parsed = formSchema.safeParse(fields);
  if (!parsed.success)
    throw new Problem(400, `${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
