import { z } from 'zod';
import { clickhouseConfigurationSchema } from './clickhouse-configuration.schema.js';
import { durationSchema } from './duration.schema.js';
import { DEFAULT_PROJECT, nameSchema } from './identifiers.schema.js';
import { kafkaConfigurationSchema } from './kafka-configuration.schema.js';

export const scopeSchema = z.enum(['ingest', 'read', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;

export const apiKeySchema = z.strictObject({
  key: z.string().min(16, 'must have at least 16 characters'),
  project: nameSchema,
  scopes: z.array(scopeSchema).min(1),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

/** Reads `key:project:scope+scope, …`, the form of the environment variable. */
function parseApiKeys(text: string): unknown {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [key, project = 'default', scopes = 'ingest+read+admin'] = entry.split(':');
      return { key, project, scopes: scopes.split('+') };
    });
}

const MEBIBYTE = 1024 * 1024;
const secret = <T extends z.ZodType>(schema: T): T => schema.meta({ secret: true });

/**
 * All settings. The environment variable of `intake.maxBodyBytes` is PLUMBLINE_INTAKE_MAX_BODY_BYTES; settings with a shorter
 * established name carry it as `env`. Lists and maps are written in the environment as the description says.
 */
export const configurationSchema = z.strictObject({
  dataDir: z
    .string()
    .default('./data')
    .meta({ env: 'PLUMBLINE_DATA_DIR' })
    .describe('folder of the embedded engine (chDB) and of its temporary files'),
  http: z
    .strictObject({
      host: z
        .string()
        .default('127.0.0.1')
        .describe('address to listen on; without API keys only a loopback address is allowed'),
      port: z.coerce.number().int().min(0).max(65535).default(8080).describe('of the API; 0 lets the system choose'),
      ingesterPort: z.coerce.number().int().min(0).max(65535).default(8081).describe('of an ingester of its own'),
      evaluatorPort: z.coerce.number().int().min(0).max(65535).default(8082).describe('of an evaluator of its own'),
      alerterPort: z.coerce.number().int().min(0).max(65535).default(8083).describe('of an alerter of its own'),
      requestTimeout: durationSchema.default('30s').describe('a request that takes longer is answered 503'),
    })
    .prefault({}),
  apiKeys: secret(
    z.preprocess(
      (value) => (typeof value === 'string' ? parseApiKeys(value) : value),
      z.array(apiKeySchema).default([]),
    ),
  )
    .meta({ env: 'PLUMBLINE_API_KEYS', secret: true })
    .describe('in the environment: `key:project:ingest+read+admin`, separated by commas'),
  entityHashKey: secret(z.string().default('plumbline'))
    .meta({ secret: true })
    .describe('key of the hash that stands for a data subject (`entity_id`); set your own before you send any'),
  clickhouse: clickhouseConfigurationSchema.prefault({}),
  intake: z
    .strictObject({
      maxBodyBytes: z.coerce
        .number()
        .int()
        .positive()
        .default(16 * MEBIBYTE)
        .describe('of a request as it arrives, compressed or not'),
      maxDecodedBytes: z.coerce
        .number()
        .int()
        .positive()
        .default(64 * MEBIBYTE)
        .describe('of a request after decompression'),
      maxCompressionRatio: z.coerce.number().positive().default(100).describe('decoded bytes per compressed byte'),
      maxEvents: z.coerce.number().int().positive().default(50_000).describe('per request'),
      maxEventBytes: z.coerce.number().int().positive().default(MEBIBYTE),
      maxFeatures: z.coerce.number().int().positive().default(2_000).describe('per event'),
      maxDepth: z.coerce.number().int().positive().default(8).describe('of nested JSON'),
      maxStringLength: z.coerce
        .number()
        .int()
        .positive()
        .default(16_384)
        .describe('of a feature value, tag or error text'),
      maxAge: durationSchema.default('3650d').describe('older predictions are refused'),
      maxAhead: durationSchema.default('10m').describe('predictions further in the future are refused'),
      defaultProject: nameSchema
        .default(DEFAULT_PROJECT)
        .describe('of events in Kafka that name none, and of dead letters that cannot be read'),
      unknownModels: z
        .enum(['register', 'refuse'])
        .default('register')
        .describe('what becomes of an event of an unknown model'),
    })
    .prefault({}),
  console: z
    .strictObject({
      enabled: z.stringbool().or(z.boolean()).default(true).describe('false: the API serves no pages at /'),
    })
    .prefault({}),
  references: z
    .strictObject({
      maxFileBytes: z.coerce
        .number()
        .int()
        .positive()
        .default(2048 * MEBIBYTE)
        .describe('of an uploaded reference file'),
    })
    .prefault({}),
  stream: z
    .strictObject({
      partitions: z.coerce.number().int().min(1).max(64).default(2).describe('of the in-process stream'),
      maxQueueBytes: z.coerce
        .number()
        .int()
        .positive()
        .default(256 * MEBIBYTE)
        .describe('waiting in the in-process stream before intake answers 429'),
      maxBatchRecords: z.coerce.number().int().positive().default(20_000),
    })
    .prefault({}),
  kafka: kafkaConfigurationSchema.prefault({}),
  evaluation: z
    .strictObject({
      tick: durationSchema.default('15s').describe('how often due windows are looked for'),
      catchUp: durationSchema.default('45d').describe('how far back missed windows are evaluated'),
      enabled: z.stringbool().or(z.boolean()).default(true).describe('false: windows are evaluated on request only'),
      abandonedAfter: durationSchema
        .default('2m')
        .describe('an evaluation on request that no evaluator has written about for so long is told as failed'),
    })
    .prefault({}),
  alerting: z
    .strictObject({
      allowedAddresses: z
        .preprocess(
          (value) =>
            typeof value === 'string'
              ? value
                  .split(',')
                  .map((part) => part.trim())
                  .filter(Boolean)
              : value,
          z.array(z.string()).default([]),
        )
        .describe('CIDR ranges that receivers may have although they are private, as in 10.0.0.0/8,127.0.0.0/8'),
      allowHttp: z.stringbool().or(z.boolean()).default(false).describe('permits receivers without TLS'),
      secretsDirectory: z
        .string()
        .default('')
        .describe('folder whose files receivers and retraining targets may name as passwords and tokens'),
      scan: durationSchema
        .default('30s')
        .describe(
          'how often the alerter looks for what it was not woken for, as when a process died or a new version is found to be in order',
        ),
      externalUrl: z.string().default('').describe('how people reach this server: the base of links in messages'),
      linkKey: secret(z.string().min(32, 'must have at least 32 characters').optional())
        .meta({ secret: true })
        .describe('signs links in messages and call-backs; when absent, a key is made once and kept in the store'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
      format: z.enum(['json', 'text']).default('json'),
    })
    .prefault({}),
});
export type Configuration = z.infer<typeof configurationSchema>;
