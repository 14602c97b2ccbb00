import type { Configuration } from '@plumbline/contracts';
import { StorageError } from '@plumbline/storage';
import {
  type EventStream,
  type HandlerErrorListener,
  InProcessEventStream,
  StreamOverloadedError,
  StreamStoppedError,
} from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';

/**
 * Makes the stream that the configuration asks for.
 * @param fail is told of an error nobody knows how to handle: the process must end, loudly
 */
export async function openStream(
  configuration: Configuration,
  logger: Logger,
  fail: (error: unknown) => void,
): Promise<EventStream> {
  return new InProcessEventStream({ ...configuration.stream, onHandlerError: handlerErrors(logger, fail) });
}

/** What may pass is tried again by the stream; anything else ends the process. */
function handlerErrors(logger: Logger, fail: (error: unknown) => void): HandlerErrorListener {
  return (error, { topic }, attempt) => {
    // A handler that gives up because its process is stopping: the records stay with the stream.
    if (error instanceof StreamStoppedError) return;
    if (error instanceof StorageError && error.retryable) {
      logger.warn({ err: error, topic, attempt }, 'the store did not take a batch; it will be delivered again');
    } else if (error instanceof StreamOverloadedError) {
      logger.warn(
        { err: error, topic, attempt },
        'the stream did not take what a batch made; it will be delivered again',
      );
    } else {
      fail(error);
    }
  };
}
