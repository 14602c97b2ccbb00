import { CliError } from './cli-error.js';

/** The server answered, and refused. `detail` is its problem document's own words. */
export class ApiError extends CliError {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly retryAfterMs: number | undefined,
    /** The reply as it came. */
    readonly body: unknown,
    request: string,
  ) {
    super(`${request}: ${status} ${detail}`);
    this.name = 'ApiError';
  }

  /** Whether the same request may succeed later: the server is full or starting, not unwilling. */
  get retryable(): boolean {
    return this.status === 429 || this.status === 503 || this.status === 502 || this.status === 504;
  }
}

/** No answer at all. */
export class ConnectionError extends CliError {
  constructor(url: string, cause: unknown) {
    super(`no server at ${url} (${causeText(cause)}): start one with "plumbline serve", or name another with --url`);
    this.name = 'ConnectionError';
  }
}

function causeText(error: unknown): string {
  // fetch wraps the system's error, and Node wraps the attempts per address in an AggregateError without a message.
  const { cause = error } = error as { cause?: unknown };
  const { code, message } = cause as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message);
}
