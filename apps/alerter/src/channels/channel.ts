import type { Notification } from '@plumbline/contracts';

/** What differs between two attempts to send the same message. */
export interface Attempt {
  readonly attemptedAtMs: number;
  /** What the channel returned with an earlier delivered message of this incident; "" when there was none. */
  readonly memory: string;
  /** False where it is certain that no attempt to send this message was made before. */
  readonly mayBeRepeated: boolean;
}

/** What became of one attempt. `status` is that of HTTP, 0 where there was none; `detail` is a short line for people. */
export type SendResult =
  | {
      readonly outcome: 'delivered';
      readonly status: number;
      readonly detail: string;
      /** Handed back with the next message of the incident: where the first one lies. What was there before stays when undefined. */
      readonly memory?: string;
    }
  /** Not delivered as far as we know; the same message may be taken later, at the earliest after `retryAfterMs`. */
  | { readonly outcome: 'retryable'; readonly status: number; readonly detail: string; readonly retryAfterMs?: number }
  /** Never to be sent again; `gone`: nor anything else, until somebody saves the receiver anew. */
  | { readonly outcome: 'rejected'; readonly status: number; readonly detail: string; readonly gone?: boolean };

/** The port to the people and systems that are told of alerts. Everything else (dedup, retry, rate, metrics) is a stage around it. */
export interface Channel {
  /** A message that says the same again reaches nobody a second time, so that it may be sent again without harm. */
  readonly collapses: boolean;
  /** It shows who has acknowledged; others are not told of acknowledgements. */
  readonly showsAcknowledgement: boolean;
  /** Messages that the other side takes in a minute; undefined where it names no bound. */
  readonly perMinute: number | undefined;
  /**
   * Sends once and returns what became of it. The same message is sent alike on each attempt.
   * @throws the signal's reason when it aborts, and nothing else
   */
  send(notification: Notification, attempt: Attempt, signal: AbortSignal): Promise<SendResult>;
}
