import { type Configuration, createEventCodecs, keyOfRecord } from '@plumbline/contracts';
import { entityHasher, StorageError } from '@plumbline/storage';
import {
  type EventStream,
  type HandlerErrorListener,
  InProcessEventStream,
  KafkaEventStream,
  kafkaOptionsOf,
  StreamOverloadedError,
  StreamStaleError,
  StreamStoppedError,
} from '@plumbline/stream';
import type { Logger } from '@plumbline/telemetry';
import { deadLetterCodec, tickCodec, transitionCodec } from './json-codec.js';

/**
 * Makes the stream that the configuration asks for: over Kafka when it names brokers, else in the process.
 * @param fail is told of an error nobody knows how to handle: the process must end, loudly
 * @throws StreamSetupError when Kafka cannot be used as configured
 */
export async function openStream(
  configuration: Configuration,
  logger: Logger,
  fail: (error: unknown) => void,
): Promise<EventStream> {
  const onHandlerError = handlerErrors(logger, fail);
  if (configuration.kafka.brokers.length === 0) {
    return new InProcessEventStream({ ...configuration.stream, onHandlerError });
  }
  const hashEntity = entityHasher(configuration.entityHashKey);
  return KafkaEventStream.open({
    ...(await kafkaOptionsOf(configuration)),
    codecs: {
      ...createEventCodecs({ configuration, hashEntity }),
      'plumbline.ticks': tickCodec,
      'plumbline.transitions': transitionCodec,
      'plumbline.dead-letters': deadLetterCodec,
    },
    keyOf: (_topic, value) => keyOfRecord(value),
    onHandlerError,
    onDead: fail,
    log: (level, message, detail) => logger[level](detail, message),
  });
}

/** What may pass is tried again by the stream; anything else ends the process. */
function handlerErrors(logger: Logger, fail: (error: unknown) => void): HandlerErrorListener {
  return (error, { topic }, attempt) => {
    // A handler that gives up because its process is stopping: the records stay with the stream.
    if (error instanceof StreamStoppedError) return;
    if (error instanceof StreamStaleError) {
      logger.warn({ topic, attempt }, error.message);
    } else if (error instanceof StorageError && error.retryable) {
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
