import { type Logger, type LogLevel, WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { GuardedHttp } from '../egress/guarded-http.js';
import { parseRetryAfter } from '../webhook/answer-to-result.js';

/** History is more than other answers: messages have up to 40,000 characters. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const WITHOUT_BODY = new Set([204, 205, 304]);

/** What we read of an answer. The client trusts the rest of it, which whoever answers may have made up. */
const answerSchema = z.object({
  ok: z.boolean(),
  error: z.string().optional().catch(undefined),
  channel: z.string().optional().catch(undefined),
  ts: z.string().optional().catch(undefined),
  messages: z.array(z.unknown()).optional().catch(undefined),
});

/** Slack's client logs whole messages; what matters of a failure is in its error. */
const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  // The type is an enum of which nothing but its text is used.
  getLevel: () => 'error' as LogLevel,
  setName: () => undefined,
};

export interface SlackClientOptions {
  readonly http: GuardedHttp;
  readonly url: string;
  readonly token: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Returns Slack's own client for the calls of one attempt, over our guarded egress: its addresses, time-outs and bounds hold, and
 * tries are made by the stages around a channel.
 */
export function slackClient({ http, url, token, nowMs, signal }: SlackClientOptions): WebClient {
  return new WebClient(token, {
    slackApiUrl: url,
    allowAbsoluteUrls: false,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: async (address, init) => {
      if (typeof init?.body !== 'string') throw new TypeError('only calls with a form as their body are made');
      const { status, retryAfter, text } = await http.send(
        {
          method: 'POST',
          url: String(address),
          headers: init.headers ?? {},
          body: init.body,
          reads: 'all',
          maxAnswerBytes: MAX_ANSWER_BYTES,
        },
        signal,
      );
      const retryAfterMs = parseRetryAfter(retryAfter, nowMs);
      return new Response(status === 200 ? checkedAnswer(text) : WITHOUT_BODY.has(status) ? null : text, {
        // Others cannot be made, and none of them is an answer of Slack.
        status: status >= 200 && status <= 599 ? status : 502,
        headers: {
          // Of another type the client would unpack or parse in ways that are not bounded.
          'content-type': 'application/json',
          ...(retryAfterMs === undefined && status !== 429
            ? {}
            : { 'retry-after': String(Math.ceil((retryAfterMs ?? 0) / 1000)) }),
        },
      });
    },
  });
}

/** The code of an answer that is none of Slack: a proxy between may have given it, and be gone the next time. */
export const INVALID_ANSWER = 'invalid_answer';

function checkedAnswer(text: string): string {
  const { success, data } = answerSchema.safeParse(parsed(text));
  if (!success) return JSON.stringify({ ok: false, error: INVALID_ANSWER });
  return JSON.stringify(data.ok ? data : { ok: false, error: data.error ?? INVALID_ANSWER });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
