import { mkdir } from 'node:fs/promises';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import type { StoreOptions } from './store-options.js';
import { StorageError, storageError } from './storage-error.js';

/**
 * Opens a client of the embedded engine or of a server, bound to the database.
 * @throws StorageError `locked` when another process holds the data folder
 */
export async function openClient(options: StoreOptions, engineDir: string): Promise<ClickHouseClient> {
  if (options.url !== undefined) {
    const admin = createClient({ url: options.url });
    try {
      await admin.command({
        query: 'CREATE DATABASE IF NOT EXISTS {database:Identifier}',
        query_params: { database: options.database },
      });
    } catch (error) {
      throw storageError('connect', error);
    } finally {
      await admin.close();
    }
    // Closing idle sockets before the server does avoids "socket hang up", which leaves an insert's outcome unknown.
    return createClient({ url: options.url, database: options.database, keep_alive: { idle_socket_ttl: 2_500 } });
  }
  await mkdir(engineDir, { recursive: true });
  const { createChdbConnection } = await import('chdb/connection');
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
    const message = error instanceof Error ? error.message : String(error);
    // The engine writes the cause to stderr and says only this; the folder exists and is ours, so it is the lock.
    if (/Failed to create connection|lock/i.test(message)) {
      throw new StorageError(
        `the data folder ${options.dataDir} is in use by another Plumbline process: stop it, or set PLUMBLINE_DATA_DIR to another folder`,
        'locked',
        false,
        { cause: error },
      );
    }
    throw storageError('open the embedded engine', error);
  }
  return client;
}
