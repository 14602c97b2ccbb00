import type { FastifyReply, FastifyRequest } from 'fastify';
import { readCookie, setCookie } from './console-cookies.js';

/** Between the action and the page after it. */
const NOTICE_MS = 60_000;
const MAX_NOTICE_CHARACTERS = 500;

/** What an action has done, or why it has not: a warning then. */
export interface ActionNotice {
  readonly tone: 'ok' | 'warning';
  readonly text: string;
}

/** Keeps a sentence for the next page. */
export function keepNotice(reply: FastifyReply, { tone, text }: ActionNotice, secure: boolean): void {
  const value = `${tone}.${Buffer.from(text.slice(0, MAX_NOTICE_CHARACTERS)).toString('base64url')}`;
  setCookie(reply, 'notice', value, { secure, maxAgeMs: NOTICE_MS });
}

/** Returns the sentence that was kept, and forgets it. */
export function readNotice(request: FastifyRequest, reply: FastifyReply, secure: boolean): ActionNotice | undefined {
  const value = readCookie(request, 'notice', secure);
  if (value === undefined || value === '') return undefined;
  setCookie(reply, 'notice', '', { secure, maxAgeMs: 0 });
  const [tone, text = ''] = value.split('.');
  return {
    tone: tone === 'warning' ? 'warning' : 'ok',
    text: Buffer.from(text, 'base64url').toString('utf8').slice(0, MAX_NOTICE_CHARACTERS),
  };
}
