/** What kind of event it was about. */
export type EventKind = 'prediction' | 'label';

/** Why `onError` is called: a closed set. */
export type PlumblineErrorReason =
  /** An option or an environment variable is wrong; the message says what is used in its place. */
  | 'invalid_option'
  /** The call itself cannot be understood: nothing was logged. */
  | 'invalid_call'
  | 'not_serializable'
  | 'event_too_large'
  | 'before_send_failed'
  /** The queue had no room: new events were dropped. */
  | 'queue_full'
  /** Logged after `close`. */
  | 'closed'
  /** Still waiting when the process or `close` could wait no longer. */
  | 'not_sent_in_time'
  /** The server refused one event; `field` and `code` say why. */
  | 'rejected'
  /** The server refused a whole request, and sending it again would not help. */
  | 'refused'
  /** The server does not answer, or asks to wait. Nothing is lost yet: it is tried again. */
  | 'retrying'
  /** The spool folder cannot be used, or a file of it was damaged. */
  | 'spool_failed';

export interface PlumblineErrorDetails {
  /** Events that are lost by it; 0 when none is. */
  readonly count?: number;
  readonly kind?: EventKind | undefined;
  readonly status?: number | undefined;
  readonly field?: string | undefined;
  readonly code?: string | undefined;
  readonly predictionId?: string | undefined;
  readonly cause?: unknown;
}

/** What `onError` is told. It is never thrown. */
export class PlumblineError extends Error {
  override readonly name = 'PlumblineError';
  /** Events that are lost by it; 0 when none is. */
  readonly count: number;
  readonly kind: EventKind | undefined;
  /** HTTP status of the answer, when there was one. */
  readonly status: number | undefined;
  /** The field at fault, as a dotted path. */
  readonly field: string | undefined;
  /** The server's word for what is wrong with the field, such as `wrong_type`. */
  readonly code: string | undefined;
  readonly predictionId: string | undefined;

  constructor(
    readonly reason: PlumblineErrorReason,
    message: string,
    details: PlumblineErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.count = details.count ?? 0;
    this.kind = details.kind;
    this.status = details.status;
    this.field = details.field;
    this.code = details.code;
    this.predictionId = details.predictionId;
  }
}
