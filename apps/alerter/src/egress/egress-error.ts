/** Why no answer came: a closed set. */
export type EgressFailure = 'address_refused' | 'tls_required' | 'invalid_request' | 'timeout' | 'connection';

/** A request to an address that a user configured got no answer. `retryable` means: the same request may succeed later. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly retryable: boolean;

  constructor(
    readonly reason: EgressFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.retryable = reason === 'timeout' || reason === 'connection';
  }
}
