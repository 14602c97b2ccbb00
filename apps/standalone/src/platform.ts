import type { Configuration } from '@plumbline/contracts';
import { migrate, StorageError, Store } from '@plumbline/storage';
import { EventStream, InProcessEventStream } from '@plumbline/stream';
import { Health, type Logger, Metrics } from '@plumbline/telemetry';

/** What every app is given: the store and the stream are chosen here and nowhere else. */
export interface Platform {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly store: Store;
  readonly stream: EventStream;
}

/**
 * Opens the store, brings its tables up to date, and makes the stream.
 * @param fail is told of an error nobody knows how to handle: the process must end, loudly
 * @throws StorageError when the store cannot be opened or migrated
 */
export async function openPlatform(
  configuration: Configuration,
  logger: Logger,
  version: string,
  fail: (error: unknown) => void,
): Promise<Platform> {
  const { clickhouse, dataDir } = configuration;
  const store = await Store.open({ dataDir, url: clickhouse.url, database: clickhouse.database });
  const applied = await migrate(store, Date.now());
  if (applied.length > 0) logger.info({ migrations: applied }, 'applied migrations');
  const stream = new InProcessEventStream({
    ...configuration.stream,
    onHandlerError: (error, batch, attempt) => {
      if (error instanceof StorageError && error.retryable) {
        logger.warn(
          { err: error, topic: batch.topic, attempt },
          'the store did not take a batch; it will be delivered again',
        );
        return;
      }
      fail(error);
    },
  });
  const health = new Health();
  health.register('store', async () =>
    (await store.ping()) ? { ok: true } : { ok: false, detail: 'the store does not answer' },
  );
  health.register('stream', async () => streamCheck(stream, Date.now()));
  return { configuration, logger, metrics: new Metrics({ version }), health, store, stream };
}

/** A handler that makes no progress for this long while records wait hangs. */
const STALLED_MS = 60_000;

async function streamCheck(stream: EventStream, nowMs: number): Promise<{ ok: boolean; detail?: string }> {
  const stalled = stream
    .health()
    .partitions.filter(
      (partition) => partition.oldestAgeMs > STALLED_MS && nowMs - partition.lastProgressAtMs > STALLED_MS,
    );
  if (stalled.length === 0) return { ok: true };
  return { ok: false, detail: `no progress for a minute on ${stalled.map(({ topic }) => topic).join(', ')}` };
}
