import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { checkExposure, configureHttp } from '@plumbline/api';
import { configurationSchema } from '@plumbline/contracts';
import { migrate, Store } from '@plumbline/storage';
import {
  ConfigurationError,
  createLogger,
  loadConfiguration,
  NestLogger,
  redactConfiguration,
} from '@plumbline/telemetry';
import { openPlatform } from './platform.js';
import { StandaloneModule } from './standalone.module.js';

/** A drain that takes longer is given up: the supervisor would kill the process soon anyway. */
const DRAIN_MS = 25_000;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

async function main(): Promise<void> {
  const configuration = loadConfiguration(configurationSchema, { env: process.env });
  if (process.argv.includes('--print-config')) {
    process.stdout.write(`${JSON.stringify(redactConfiguration(configurationSchema, configuration), null, 2)}\n`);
    return;
  }
  const logger = createLogger({ ...configuration.log, service: 'standalone' });
  const exposure = checkExposure(configuration);
  const fail = (error: unknown): void => {
    // Everything acknowledged is durable, so ending at once loses nothing; going on might.
    logger.error({ err: error }, 'unknown error: the process ends, start it again');
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  setMaxListeners(50);

  if (process.argv.includes('--migrate')) {
    const { clickhouse, dataDir } = configuration;
    const store = await Store.open({ dataDir, url: clickhouse.url, database: clickhouse.database });
    const applied = await migrate(store, Date.now());
    await store.close();
    logger.info({ migrations: applied }, applied.length === 0 ? 'the tables are up to date' : 'applied migrations');
    return;
  }
  const platform = await openPlatform(configuration, logger, version, fail);
  const app = await NestFactory.create<NestFastifyApplication>(
    StandaloneModule.forRoot(platform, version),
    new FastifyAdapter({ forceCloseConnections: 'idle', keepAliveTimeout: 10_000 }),
    { logger: new NestLogger(logger), bodyParser: false, abortOnError: false },
  );
  configureHttp(app);

  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'draining');
    platform.health.setDraining();
    setTimeout(() => fail(new Error(`not drained within ${DRAIN_MS} ms`)), DRAIN_MS).unref();
    void (async () => {
      await app.close();
      await platform.stream.stop();
      await platform.store.close();
      logger.info('stopped');
      process.exit(0);
    })().catch(fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  await app.listen(configuration.http.port, configuration.http.host);
  const url = await app.getUrl();
  logger.info({ url, version, data_dir: configuration.dataDir, exposure }, `listening on ${url}: ${exposure}`);
}

main().catch((error: unknown) => {
  // Before the log exists, and in the words of who starts the server.
  const known = error instanceof ConfigurationError || (error instanceof Error && 'reason' in error);
  process.stderr.write(`plumbline: ${known ? (error as Error).message : ((error as Error)?.stack ?? String(error))}\n`);
  process.exit(1);
});
