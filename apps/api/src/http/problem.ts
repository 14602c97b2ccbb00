import { STATUS_CODES } from 'node:http';

export interface FieldError {
  /** Dotted path; "" when it is the whole. */
  readonly field: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** When it is worth trying again. */
  readonly retryAfterMs?: number;
  /** Members of the reply besides the standard ones. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** A request that is answered with an error: what the client reads of it (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly title: string;

  constructor(
    readonly status: number,
    /** What is wrong and what to do. */
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail, { cause: options.cause });
    this.title = STATUS_CODES[status] ?? 'Error';
  }
}
