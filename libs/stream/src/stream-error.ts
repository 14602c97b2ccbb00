/** The queue has no room for these records now; none of them was accepted. */
export class StreamOverloadedError extends Error {
  override readonly name = 'StreamOverloadedError';
  readonly retryable = true;
  readonly reason = 'overloaded';

  /** @param retryAfterMs when it is worth trying again */
  constructor(
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

/**
 * What makes records durable did not answer in time. Whether they were accepted is not known: the same records, with the same
 * event ids, may be sent again.
 */
export class StreamUnavailableError extends Error {
  override readonly name = 'StreamUnavailableError';
  readonly retryable = true;
  readonly reason = 'unavailable';

  /** @param retryAfterMs when it is worth trying again */
  constructor(
    message: string,
    readonly retryAfterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The stream is stopping or has stopped. Retryable at the process that takes over; the records may have been handled. */
export class StreamStoppedError extends Error {
  override readonly name = 'StreamStoppedError';
  readonly retryable = true;
  readonly reason = 'stopped';

  constructor() {
    super('the event stream has stopped: send again to the process that takes over');
  }
}
