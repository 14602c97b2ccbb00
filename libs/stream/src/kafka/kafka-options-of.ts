import { readFile } from 'node:fs/promises';
import { parseDuration, type Configuration, type TopicName } from '@plumbline/contracts';
import { StreamSetupError } from '../stream-error.js';
import type { KafkaConnection } from './kafka-connection.js';
import type { KafkaEventStreamOptions } from './kafka-event-stream.js';

const START_TIMEOUT_MS = 30_000;

type FromConfiguration = Omit<KafkaEventStreamOptions, 'codecs' | 'keyOf' | 'onHandlerError' | 'onDead' | 'log'>;

/**
 * What the configuration says of a KafkaEventStream; reads the PEM files that it names.
 * @throws StreamSetupError that names the setting at fault
 */
export async function kafkaOptionsOf({
  kafka,
  stream,
}: Pick<Configuration, 'kafka' | 'stream'>): Promise<FromConfiguration> {
  const { topics, replicationFactor, compression } = kafka;
  const topicNames: Record<TopicName, string> = {
    'plumbline.predictions': topics.predictions,
    'plumbline.labels': topics.labels,
    'plumbline.ticks': topics.ticks,
    'plumbline.transitions': topics.transitions,
    'plumbline.dead-letters': topics.deadLetters,
  };
  return {
    connection: await connectionOf(kafka),
    topicNames,
    groupPrefix: kafka.groupPrefix,
    createTopics: kafka.createTopics,
    partitions: kafka.partitions,
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    ...(compression === undefined ? {} : { compression }),
    maxQueueBytes: kafka.maxQueueBytes,
    acknowledgeTimeoutMs: parseDuration(kafka.acknowledgeTimeout),
    maxFetchedBytes: kafka.maxFetchedBytes,
    maxBatchRecords: stream.maxBatchRecords,
    sessionTimeoutMs: parseDuration(kafka.sessionTimeout),
    startTimeoutMs: START_TIMEOUT_MS,
  };
}

async function connectionOf({ brokers, clientId, tls, sasl }: Configuration['kafka']): Promise<KafkaConnection> {
  const { mechanism, username, password } = sasl;
  if (!mechanism && (username !== '' || password !== '')) {
    throw new StreamSetupError('kafka.sasl.username is set without a way to log in: set kafka.sasl.mechanism as well');
  }
  if (!tls.enabled && (tls.caFile ?? tls.certificateFile ?? tls.keyFile) !== undefined) {
    throw new StreamSetupError('kafka.tls names files although TLS is off: set kafka.tls.enabled to true');
  }
  if ((tls.certificateFile === undefined) !== (tls.keyFile === undefined)) {
    throw new StreamSetupError('kafka.tls.certificateFile and kafka.tls.keyFile belong together: set both or neither');
  }
  const [ca, certificate, key] = await Promise.all([
    readPem('kafka.tls.caFile', tls.caFile),
    readPem('kafka.tls.certificateFile', tls.certificateFile),
    readPem('kafka.tls.keyFile', tls.keyFile),
  ]);
  return {
    brokers,
    clientId,
    ...(tls.enabled && {
      tls: {
        ...(ca === undefined ? {} : { ca }),
        ...(certificate === undefined ? {} : { certificate }),
        ...(key === undefined ? {} : { key }),
      },
    }),
    ...(mechanism && { sasl: { mechanism, username, password } }),
  };
}

async function readPem(setting: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new StreamSetupError(`${setting} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
