import { z } from 'zod';
import { durationSchema } from './duration.schema.js';
import { nameSchema } from './identifiers.schema.js';

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
  acceptDamage: z
    .stringbool()
    .or(z.boolean())
    .default(false)
    .describe(
      'embedded engine: for one start, damaged parts are moved to `damaged` in the data folder instead of refusing to start',
    ),
});
