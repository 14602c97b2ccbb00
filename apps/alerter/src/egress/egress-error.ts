/** Why no answer came: a closed set. */
export type EgressFailure =
  | 'address_refused'
  | 'tls_required'
  | 'invalid_request'
  | 'not_connected'
  | 'timeout'
  | 'connection'
  | 'answer_too_long';

const BEFORE_SENDING: readonly EgressFailure[] = [
  'address_refused',
  'tls_required',
  'invalid_request',
  'not_connected',
];
const PASSING: readonly EgressFailure[] = ['not_connected', 'timeout', 'connection'];

/** A request to an address that a user configured got no answer. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  /** The same request may succeed later. */
  readonly retryable: boolean;
  /** The other side may have got the request, and may have acted on it. */
  readonly maybeSent: boolean;

  constructor(
    readonly reason: EgressFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.retryable = PASSING.includes(reason);
    this.maybeSent = !BEFORE_SENDING.includes(reason);
  }
}
