import type { Configuration } from '@plumbline/contracts';
import { countActiveReceivers, pendingMigrations, type Store } from '@plumbline/storage';
import type { Logger } from '@plumbline/telemetry';
import type { Role } from './role.js';

/** The process must not start like this; the message says what to change. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly retryable = false;

  constructor(
    message: string,
    readonly reason: 'embedded_store' | 'no_broker' | 'migrations' | 'clickhouse_http',
  ) {
    super(message);
  }
}

/**
 * An app of its own shares its tables with other processes, and the embedded engine has room for one.
 * @throws StartError
 */
export function checkStoreChoice(role: Role, { clickhouse }: Configuration): void {
  if (role === 'standalone' || clickhouse.url !== undefined) return;
  throw new StartError(
    `the ${role} as a process of its own needs a ClickHouse server, because the embedded engine belongs to one process: set PLUMBLINE_CLICKHOUSE_URL, or run all four apps in one process (apps/standalone, npm start)`,
    'embedded_store',
  );
}

/**
 * An app of its own meets the others on Kafka only: what it published in its own memory nobody would ever take.
 * @throws StartError
 */
export function checkStreamChoice(role: Role, { kafka }: Configuration): void {
  if (role === 'standalone' || kafka.brokers.length > 0) return;
  throw new StartError(
    `the ${role} as a process of its own needs Kafka to reach the others: set PLUMBLINE_KAFKA_BROKERS, or run all four apps in one process (apps/standalone, npm start)`,
    'no_broker',
  );
}

/**
 * The interface for ClickHouse clients is for the embedded engine, and as open as the API is.
 * @throws StartError
 */
export function checkClickhouseHttp(role: Role, { clickhouse, apiKeys }: Configuration): void {
  const { http, httpUsers, url } = clickhouse;
  if (http === undefined) return;
  const refuse = (why: string): never => {
    throw new StartError(`PLUMBLINE_CLICKHOUSE_HTTP ${why}`, 'clickhouse_http');
  };
  if (url !== undefined || role !== 'standalone') {
    refuse('is for the embedded engine of one process: let clients ask the ClickHouse server itself, and leave it out');
  }
  if (httpUsers.length > 0) return;
  const users = 'set PLUMBLINE_CLICKHOUSE_HTTP_USERS (user:project:password)';
  if (apiKeys.length > 0)
    refuse(`would show the rows of every project to everybody, while the API asks for keys: ${users}`);
  if (!/^(127\.[\d.]+|\[::1\]|localhost):\d+$/i.test(http))
    refuse(`must not listen beyond this machine without users: ${users}, or listen on 127.0.0.1`);
}

/**
 * Several processes that start at once must not all change tables, so apps of their own only check them.
 * @throws StartError when migrations are missing, StorageError when the tables are newer than the program
 */
export async function checkTables(role: Role, store: Store): Promise<void> {
  const pending = await pendingMigrations(store);
  if (pending.length === 0) return;
  const names = pending.map(({ name }) => name).join(', ');
  throw new StartError(
    `the tables lack ${pending.length} migrations (${names}): run "node apps/${role}/dist/main.js --migrate" once, with the same settings, then start again`,
    'migrations',
  );
}

/** Says what lets a process run and yet do nothing for anybody. */
export async function warnOfIdleness(role: Role, store: Store, logger: Logger): Promise<void> {
  if (role !== 'alerter' || (await countActiveReceivers(store)) > 0) return;
  logger.warn(
    'there is no receiver: alerts are only written to the log, until one is declared with PUT /v1/receivers/{receiver}',
  );
}
