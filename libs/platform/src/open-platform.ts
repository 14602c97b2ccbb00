import type { Configuration } from '@plumbline/contracts';
import { migrate, type Store } from '@plumbline/storage';
import type { EventStream } from '@plumbline/stream';
import { Health, type Logger, Metrics } from '@plumbline/telemetry';
import {
  checkClickhouseHttp,
  checkStoreChoice,
  checkStreamChoice,
  checkTables,
  warnOfIdleness,
} from './check-start.js';
import { checkStream } from './check-stream.js';
import { openStore } from './open-store.js';
import { openStream } from './open-stream.js';
import type { Platform } from './platform.js';
import type { Role } from './role.js';
import { version } from './version.js';
import { watchStream } from './watch-stream.js';

/**
 * Opens the store, sees to its tables, and makes the stream.
 * @param fail is told of an error nobody knows how to handle: the process must end, loudly
 * @throws StartError when the configuration does not fit the role, or an app of its own finds tables that lack migrations
 * @throws StorageError when the store cannot be opened or migrated
 */
export async function openPlatform(
  role: Role,
  configuration: Configuration,
  logger: Logger,
  fail: (error: unknown) => void,
): Promise<Platform> {
  checkStoreChoice(role, configuration);
  checkStreamChoice(role, configuration);
  checkClickhouseHttp(role, configuration);
  const store = await openStore(configuration);
  for (const part of store.damagedParts) {
    logger.error(
      { ...part },
      'a damaged part was moved out of the data folder: its rows are missing; run "plumbline cells verify --repair" for each model',
    );
  }
  if (role === 'standalone') {
    const applied = await migrate(store, Date.now());
    if (applied.length > 0) logger.info({ migrations: applied }, 'applied migrations');
  } else {
    await checkTables(role, store);
    await warnOfIdleness(role, store, logger);
  }
  const stream = await openStream(configuration, logger, fail);
  const metrics = new Metrics({ version });
  watchStream(metrics, stream);
  return {
    configuration,
    logger,
    metrics,
    health: platformHealth(store, stream),
    store,
    stream,
  };
}

function platformHealth(store: Store, stream: EventStream): Health {
  const health = new Health();
  health.register('store', async () =>
    (await store.ping()) ? { ok: true } : { ok: false, detail: 'the store does not answer' },
  );
  health.register('stream', async () => checkStream(stream.health(), Date.now()));
  return health;
}
