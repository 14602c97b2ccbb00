import type { FastifyReply } from 'fastify';
import { type ActionNotice, keepNotice } from './notice-cookie.js';
import { visitOf } from './visit.js';

/** Ends a request by leading the browser to another page of the console, which tells the notice once. */
export async function seeOther(reply: FastifyReply, path: string, notice?: string | ActionNotice): Promise<void> {
  if (notice !== undefined) {
    const told = typeof notice === 'string' ? ({ tone: 'ok', text: notice } as const) : notice;
    keepNotice(reply, told, visitOf(reply.request)?.secure ?? false);
  }
  await reply.status(303).header('location', path).send('');
}
