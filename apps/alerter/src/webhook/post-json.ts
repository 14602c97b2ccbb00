import type { SendResult } from '../channels/channel.js';
import { EgressError } from '../egress/egress-error.js';
import type { GuardedHttp } from '../egress/guarded-http.js';
import { answerToResult } from './answer-to-result.js';

export interface JsonPost {
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly attemptedAtMs: number;
}

/**
 * Makes one attempt to post JSON and returns what became of it.
 * @throws the signal's reason when it aborts
 */
export async function postJson(
  http: GuardedHttp,
  { url, headers, body, attemptedAtMs }: JsonPost,
  signal: AbortSignal,
): Promise<SendResult> {
  const sent = { 'content-type': 'application/json', 'user-agent': 'plumbline', ...headers };
  try {
    return answerToResult(await http.post(url, sent, body, signal), attemptedAtMs);
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    return { outcome: error.retryable ? 'retryable' : 'rejected', status: 0, detail: error.message };
  }
}
