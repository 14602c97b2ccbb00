import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { EgressError } from '../egress/egress-error.js';
import { answerToResult, cleaned } from '../webhook/answer-to-result.js';
import type { SendResult } from './channel.js';
import { INVALID_ANSWER } from './slack-client.js';

/** Errors of Slack after which the same call may succeed: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const PASSING = new Set([
  'accesslimited',
  'external_channel_migrating',
  'fatal_error',
  'internal_error',
  INVALID_ANSWER,
  'message_limit_exceeded',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

const REMEDIES: Readonly<Record<string, string>> = {
  account_inactive: 'the app was removed from the workspace: install it again',
  channel_not_found: 'give the id of a channel that the app can see; invite it to private ones',
  invalid_auth: 'the token is not valid: install the app again and store its new bot token',
  is_archived: 'the channel is archived',
  missing_scope: 'the app needs the scope chat:write',
  not_in_channel: 'invite the app to the channel, or give it the scope chat:write.public',
  restricted_action: 'a setting of the workspace keeps the app from posting there',
  token_expired: 'the token has expired: use one without rotation',
  token_revoked: 'the token was revoked: install the app again and store its new bot token',
};

/** Whether Slack answered, but not with what was asked for: it refused, or the answer is too long to be read. */
export function isRefusedRead(error: unknown): boolean {
  if (error instanceof WebAPIPlatformError) return !PASSING.has(error.data.error);
  return (
    error instanceof WebAPIRequestError &&
    error.original instanceof EgressError &&
    error.original.reason === 'answer_too_long'
  );
}

/** Returns the code with which Slack refused a call; undefined when it did not. */
export function slackErrorCode(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}

/**
 * Returns what a failed call of Slack's client says of the message.
 * @throws the error itself when it is none of the client or of the egress
 */
export function slackFailure(error: unknown, nowMs: number): SendResult {
  if (error instanceof WebAPIRateLimitedError) {
    return { outcome: 'retryable', status: 429, detail: 'ratelimited', retryAfterMs: error.retryAfter * 1000 };
  }
  if (error instanceof WebAPIHTTPError) {
    // Slack has no success but 200.
    if (error.statusCode < 300) return { outcome: 'retryable', status: error.statusCode, detail: INVALID_ANSWER };
    const text = typeof error.body === 'string' ? error.body : '';
    return answerToResult(
      { status: error.statusCode, headers: error.headers, retryAfter: error.headers['retry-after'], text },
      nowMs,
    );
  }
  if (error instanceof WebAPIPlatformError) {
    const { error: code } = error.data;
    const remedy = REMEDIES[code];
    const detail = remedy === undefined ? cleaned(code) : `${code}: ${remedy}`;
    return { outcome: PASSING.has(code) ? 'retryable' : 'rejected', status: 200, detail };
  }
  if (error instanceof WebAPIRequestError && error.original instanceof EgressError) {
    const { retryable, message } = error.original;
    return { outcome: retryable ? 'retryable' : 'rejected', status: 0, detail: message };
  }
  throw error;
}
