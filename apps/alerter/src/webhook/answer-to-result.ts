import type { SendResult } from '../channels/channel.js';
import type { HttpAnswer } from '../egress/guarded-http.js';

const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
const MAX_DETAIL_LENGTH = 200;

/** Returns what an HTTP answer says of the message: 408, 429 and 5xx may pass, other statuses than 2xx do not. */
export function answerToResult(answer: HttpAnswer, nowMs: number): SendResult {
  const { status } = answer;
  if (status >= 200 && status < 300) return { outcome: 'delivered', status, detail: '' };
  const detail = cleaned(answer.text);
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(answer.retryAfter, nowMs);
    return { outcome: 'retryable', status, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { outcome: 'rejected', status, detail, ...(status === 410 ? { gone: true } : {}) };
}

/** Milliseconds to wait according to a Retry-After header (seconds or a date), at most a day; undefined when it says nothing. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  const delayMs = /^\d{1,9}$/.test(text)
    ? Number(text) * 1000
    : /^[A-Z][a-z]{2}, /.test(text)
      ? Date.parse(text) - nowMs
      : NaN;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(delayMs, 0), MAX_RETRY_AFTER_MS);
}

/** Returns a short prefix of what a stranger's server answered, on one line and without control characters. */
export function cleaned(text: string): string {
  return text
    .slice(0, 4 * MAX_DETAIL_LENGTH)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_DETAIL_LENGTH);
}
