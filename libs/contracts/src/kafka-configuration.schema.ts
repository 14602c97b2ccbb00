import { z } from 'zod';
import { durationSchema } from './duration.schema.js';

const MEBIBYTE = 1024 * 1024;
const flag = () => z.stringbool().or(z.boolean());
const topicNameSchema = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be 1 to 249 letters, digits, dots, underscores or dashes, as Kafka asks for');
const byteCountSchema = z.coerce.number().int().positive();

function splitList(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** What the stream needs to know about Kafka. Without brokers it is not used. */
export const kafkaConfigurationSchema = z.strictObject({
  brokers: z
    .preprocess(
      splitList,
      z
        .array(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'must be host:port, as in kafka-1:9092'))
        .default([]),
    )
    .describe('some of the brokers as host:port, separated by commas; without them the stream is in the process'),
  clientId: z.string().min(1).default('plumbline').describe("the name in the brokers' logs and quotas"),
  tls: z
    .strictObject({
      enabled: flag().default(false).describe('speak TLS to the brokers'),
      caFile: z
        .string()
        .optional()
        .describe("PEM file of the authority of the brokers' certificates, if not a public one"),
      certificateFile: z.string().optional().describe('PEM file of our certificate, where brokers ask for one'),
      keyFile: z.string().optional().describe('PEM file of its private key'),
    })
    .prefault({}),
  sasl: z
    .strictObject({
      mechanism: z
        .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
        .optional()
        .describe('how to log in; no login when absent'),
      username: z.string().default(''),
      password: z.string().default('').meta({ secret: true }),
    })
    .prefault({}),
  topics: z
    .strictObject({
      predictions: topicNameSchema.default('plumbline.predictions'),
      labels: topicNameSchema.default('plumbline.labels'),
      ticks: topicNameSchema.default('plumbline.ticks'),
      transitions: topicNameSchema.default('plumbline.transitions'),
      deadLetters: topicNameSchema.default('plumbline.dead-letters'),
    })
    .prefault({}),
  groupPrefix: z.string().default('plumbline.').describe('of the names of consumer groups'),
  createTopics: flag().default(true).describe('create topics that are missing at start; otherwise they must be there'),
  partitions: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(12)
    .describe('of topics that are created: the most processes that can share the work of one'),
  replicationFactor: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe("of topics that are created; the brokers' default when absent"),
  compression: z
    .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    .optional()
    .describe('of what is written; when absent zstd if it is installed, else none. All are read'),
  maxQueueBytes: byteCountSchema
    .default(64 * MEBIBYTE)
    .describe('waiting for the acknowledgement of the brokers before intake answers 429'),
  acknowledgeTimeout: durationSchema
    .default('10s')
    .describe('how long a publisher waits for the acknowledgement of the brokers before intake answers 503'),
  maxFetchedBytes: byteCountSchema
    .default(64 * MEBIBYTE)
    .describe('fetched ahead of the handler, per topic; beyond it the brokers keep the backlog'),
  sessionTimeout: durationSchema
    .default('15s')
    .describe('silence after which a consumer counts as dead and others take its partitions over'),
});
