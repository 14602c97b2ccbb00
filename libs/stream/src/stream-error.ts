/** The queue has no room for these records now; none of them was accepted. */
export class StreamOverloadedError extends Error {
  override readonly name: string = 'StreamOverloadedError';
  readonly retryable = true;
  readonly reason: 'overloaded' | 'unavailable' = 'overloaded';

  /** @param retryAfterMs when it is worth trying again */
  constructor(
    message: string,
    readonly retryAfterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const UNAVAILABLE_RETRY_AFTER_MS = 5_000;

/**
 * What lies behind the queue has not acknowledged the records (in time). They may be durable all the same, or become so: send
 * them again with the same ids.
 */
export class StreamUnavailableError extends StreamOverloadedError {
  override readonly name = 'StreamUnavailableError';
  override readonly reason = 'unavailable';

  constructor(message: string, options?: ErrorOptions) {
    super(message, UNAVAILABLE_RETRY_AFTER_MS, options);
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

/**
 * Thrown by a handler that has seen its batch become stale: the records stay with the stream, for whoever owns the partition now. The
 * stream delivers them again to this process only once it has heard that it still owns it.
 */
export class StreamStaleError extends Error {
  override readonly name = 'StreamStaleError';
  readonly retryable = true;
  readonly reason = 'stale';

  constructor() {
    super('another process may own the partition by now: its records are left to the owner');
  }
}

/** The stream cannot be opened, or a consumer will not come back. The message says what to change. */
export class StreamSetupError extends Error {
  override readonly name = 'StreamSetupError';
  readonly retryable = false;
  readonly reason = 'setup';
}
