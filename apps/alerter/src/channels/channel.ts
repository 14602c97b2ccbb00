import type { Notification } from '../notify/notification.js';

/** What became of one attempt. `status` is that of HTTP, 0 where there was none; `detail` is a short line for people. */
export type SendResult =
  | { readonly outcome: 'delivered'; readonly status: number; readonly detail: string }
  /** Not delivered as far as we know; the same message may be taken later, at the earliest after `retryAfterMs`. */
  | { readonly outcome: 'retryable'; readonly status: number; readonly detail: string; readonly retryAfterMs?: number }
  /** Never to be sent again; `gone`: nor anything else, until somebody saves the receiver anew. */
  | { readonly outcome: 'rejected'; readonly status: number; readonly detail: string; readonly gone?: boolean };

/** The port to the people and systems that are told of alerts. Everything else (dedup, retry, metrics) is a stage around it. */
export interface Channel {
  /**
   * Sends once and returns what became of it.
   * @throws the signal's reason when it aborts, and nothing else
   */
  send(notification: Notification, signal: AbortSignal): Promise<SendResult>;
}
