import { HttpException } from '@nestjs/common';
import { StorageError } from '@plumbline/storage';
import { StreamOverloadedError, StreamStoppedError, StreamUnavailableError } from '@plumbline/stream';
import { Problem } from './problem.js';

/** A store that does not answer, or a process that stops, is seldom back sooner. */
const UNAVAILABLE_RETRY_AFTER_MS = 5_000;

/** Returns the error as what the client may read of it. Nothing of an unknown error is told. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // First: it is a kind of overload.
  if (error instanceof StreamUnavailableError) {
    return new Problem(503, 'the broker did not acknowledge in time: send the same again, with the same ids', {
      retryAfterMs: error.retryAfterMs,
      cause: error,
    });
  }
  if (error instanceof StreamOverloadedError) {
    return new Problem(429, 'the server has no room for more events now: send again later', {
      retryAfterMs: error.retryAfterMs,
      cause: error,
    });
  }
  if (error instanceof StreamStoppedError) return unavailable('the server is stopping: send again', error);
  if (error instanceof StorageError && error.retryable) {
    return unavailable('the store does not answer now: try again', error);
  }
  if (error instanceof HttpException) {
    return new Problem(error.getStatus(), error.message, { cause: error });
  }
  // Fastify's own: an illegal URL, an unusable content type.
  if (error instanceof Error && 'statusCode' in error) {
    const { statusCode, message } = error;
    if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
      return new Problem(statusCode, message, { cause: error });
    }
  }
  return new Problem(500, 'the server failed; its log has the details under this request id', { cause: error });
}

function unavailable(detail: string, cause: unknown): Problem {
  return new Problem(503, detail, { retryAfterMs: UNAVAILABLE_RETRY_AFTER_MS, cause });
}
