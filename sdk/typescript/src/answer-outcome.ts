import { retryAfterMs } from './backoff.js';
import type { TransportResponse } from './transport.js';

/** One event that the server refused. */
export interface Rejection {
  readonly index: number;
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** What an answer means for the batch. */
export type Outcome =
  /** Every event was judged: the rejected ones are lost, the others are stored. `rejected` may list fewer than it counts. */
  | { readonly kind: 'taken'; readonly rejectedCount: number; readonly rejected: readonly Rejection[] }
  | { readonly kind: 'retry'; readonly message: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'split' }
  | { readonly kind: 'refused'; readonly message: string };

/** Returns what to do after an answer to a batch of so many events. */
export function answerOutcome(response: TransportResponse, count: number, nowMs: number): Outcome {
  const { status, retryAfter } = response;
  if (status >= 200 && status < 300) return taken(parse(response.body));
  const reply = parse(response.body);
  // All events were refused, one by one.
  if (status === 400 && Array.isArray(reply?.['rejected'])) return taken(reply);
  const message = `the server answered ${status}${typeof reply?.['detail'] === 'string' ? `: ${reply['detail']}` : ''}`;
  if (status === 413 && count > 1) return { kind: 'split' };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: 'retry', message, retryAfterMs: retryAfterMs(retryAfter, nowMs) };
  }
  return { kind: 'refused', message };
}

function taken(reply: Record<string, unknown> | undefined): Outcome {
  const listed = Array.isArray(reply?.['rejected']) ? reply['rejected'].filter(isRejection) : [];
  const counted = reply?.['rejected_count'];
  return {
    kind: 'taken',
    rejected: listed,
    rejectedCount: typeof counted === 'number' ? counted : listed.length,
  };
}

function isRejection(value: unknown): value is Rejection {
  const fields = value as Partial<Record<keyof Rejection, unknown>> | null;
  return (
    typeof fields?.index === 'number' &&
    typeof fields.field === 'string' &&
    typeof fields.reason === 'string' &&
    typeof fields.message === 'string'
  );
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
