import { mkdir } from 'node:fs/promises';
import type { Session } from 'chdb';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { onCluster } from './render-for-cluster.js';
import type { StoreOptions } from './store-options.js';
import { StorageError, storageError } from './storage-error.js';

/** A server that sends nothing for this long has not answered. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** Address of the server without user and password. */
export function addressOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** Makes a client of a ClickHouse server, bound to the database, which need not be there yet. */
export function serverClient(options: StoreOptions & { readonly url: string }): ClickHouseClient {
  const timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  return createClient({
    url: options.url,
    database: options.database,
    application: 'plumbline',
    request_timeout: timeoutMs,
    max_open_connections: options.maxConnections ?? 10,
    // Closing idle sockets before the server does avoids "socket hang up", which leaves an insert's outcome unknown.
    keep_alive: { idle_socket_ttl: 2_500, eagerly_destroy_stale_sockets: true },
    compression: { request: options.compress ?? false, response: options.compress ?? false },
    // Thousands of prediction ids are longer than a URL may be.
    use_multipart_params_auto: true,
    // A statement that is at work says so by a header now and then, so that only silence runs into the time-out.
    clickhouse_settings: {
      send_progress_in_http_headers: 1,
      http_headers_progress_interval_ms: String(Math.max(1_000, Math.floor(timeoutMs / 3))),
    },
    max_response_headers_size: 1024 * 1024,
    // Its failures are thrown, and logged by whoever catches them.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** Makes the database on a server, or on every server of its cluster, if it is missing. @throws StorageError */
export async function createDatabase(options: StoreOptions & { readonly url: string }): Promise<void> {
  const client = serverClient({ ...options, database: 'default' });
  try {
    await client.command({
      query: `CREATE DATABASE IF NOT EXISTS {database:Identifier}${onCluster(options.cluster)}`,
      query_params: { database: options.database },
    });
  } catch (error) {
    throw storageError('create the database', error, addressOf(options.url));
  } finally {
    await client.close();
  }
}

/**
 * Opens a session of the embedded engine, bound to the database, which is made if it is missing.
 * @throws StorageError `locked` when another process holds the data folder
 */
export async function embeddedClient(options: StoreOptions, engineDir: string): Promise<ClickHouseClient> {
  await mkdir(engineDir, { recursive: true });
  const { createChdbConnection } = await importEngine(() => import('chdb/connection'));
  let client: ClickHouseClient;
  try {
    // The connection hook is experimental in the client, and chdb's types name an older client: the one cast of the project.
    const connection = createChdbConnection({ path: engineDir });
    client = createClient({ connection } as unknown as Parameters<typeof createClient>[0]);
    await client.command({
      query: 'CREATE DATABASE IF NOT EXISTS {database:Identifier}',
      query_params: { database: options.database },
    });
    await client.command({ query: 'USE {database:Identifier}', query_params: { database: options.database } });
  } catch (error) {
    throw openFailure(options.dataDir, error);
  }
  return client;
}

function openFailure(dataDir: string, error: unknown): StorageError {
  const message = error instanceof Error ? error.message : String(error);
  // The engine writes the cause to stderr and says only this; the folder exists and is ours, so it is the lock.
  if (!/Failed to create connection|lock/i.test(message)) return storageError('open the embedded engine', error);
  return new StorageError(
    `the data folder ${dataDir} is in use by another Plumbline process: stop it, or set PLUMBLINE_DATA_DIR to another folder`,
    'locked',
    false,
    { cause: error },
  );
}

/**
 * Returns what opens sessions on the folder of the embedded engine; the first of a process takes its arguments.
 * Opening throws StorageError `locked` when another process holds the data folder.
 */
export async function engineSessions(
  dataDir: string,
  engineDir: string,
): Promise<(connectionArgs?: readonly string[]) => Session> {
  await mkdir(engineDir, { recursive: true });
  const { Session: EngineSession } = await importEngine(() => import('chdb'));
  return (connectionArgs) => {
    try {
      return new EngineSession(engineDir, connectionArgs === undefined ? {} : { connectionArgs });
    } catch (error) {
      throw openFailure(dataDir, error);
    }
  };
}

/** The engine is an optional dependency: whoever has a server need not carry it. */
async function importEngine<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new StorageError(
      'the embedded engine is not installed: install the package chdb (npm ci without --omit=optional; Linux with glibc or macOS), ' +
        'or set PLUMBLINE_CLICKHOUSE_URL to a ClickHouse server',
      'unavailable',
      false,
      { cause: error },
    );
  }
}
