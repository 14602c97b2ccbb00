import { z } from 'zod';
import { durationSchema } from './duration.schema.js';
import { nameSchema } from './identifiers.schema.js';

/** Who may read the tables of the embedded engine by the interface of ClickHouse. Passwords may hold colons. */
export const clickhouseReaderSchema = z.strictObject({
  user: z.string().regex(/^[\w.-]+$/, 'must be letters, digits, "_", "-" or "."'),
  password: z.string().min(8, 'must have at least 8 characters'),
  project: z.union([nameSchema, z.literal('*')]).describe('whose rows the user sees; `*`: those of all projects'),
});
export type ClickhouseReader = z.infer<typeof clickhouseReaderSchema>;

/** Reads `user:project:password, …`, the form of the environment variable. */
function parseReaders(text: string): unknown {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [user, project, ...password] = entry.split(':');
      return { user, project, password: password.join(':') };
    });
}

/** Where the tables are: the embedded engine without `url`, else a ClickHouse server or a cluster of them. */
export const clickhouseConfigurationSchema = z.strictObject({
  url: z
    .url()
    .optional()
    .meta({ env: 'PLUMBLINE_CLICKHOUSE_URL', secret: true })
    .describe('of a ClickHouse server, with user and password; the embedded engine when absent'),
  database: nameSchema.default('plumbline'),
  cluster: nameSchema
    .optional()
    .describe(
      'name of the server’s cluster with Keeper: tables are replicated and sharded over it; set it before the first migration',
    ),
  insertQuorum: z
    .union([z.literal('auto'), z.coerce.number().int().min(1).max(100)])
    .default('auto')
    .describe('replicas of a shard that have an insert before it counts as done; `auto` is the majority'),
  requestTimeout: durationSchema
    .default('10s')
    .describe(
      'a server that sends nothing for this long has not answered, and is asked again; statements that rewrite rows may take six times as long',
    ),
  maxConnections: z.coerce
    .number()
    .int()
    .min(2)
    .max(1_000)
    .default(10)
    .describe('requests of a process to the server side by side'),
  compress: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe('gzip between process and server: for a slow network, at a cost of CPU here'),
  http: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'must be an address and a port, as in 127.0.0.1:8123')
    .optional()
    .describe(
      'embedded engine: address and port of a read-only ClickHouse HTTP interface, as in 127.0.0.1:8123, for Grafana, curl and ClickHouse clients; off when absent',
    ),
  httpUsers: z
    .preprocess(
      (value) => (typeof value === 'string' ? parseReaders(value) : value),
      z.array(clickhouseReaderSchema).default([]),
    )
    .meta({ secret: true })
    .describe(
      'who may read by it; in the environment `user:project:password`, separated by commas; project `*` is all. When absent, everybody on this machine is user `default` without a password, if there are no API keys either',
    ),
  acceptDamage: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe(
      'embedded engine: for one start, damaged parts are moved to `damaged` in the data folder instead of refusing to start',
    ),
});
