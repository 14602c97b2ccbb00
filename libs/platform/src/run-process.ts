import { setMaxListeners } from 'node:events';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Configuration, configurationSchema } from '@plumbline/contracts';
import { migrate } from '@plumbline/storage';
import {
  ConfigurationError,
  createLogger,
  loadConfiguration,
  type Logger,
  NestLogger,
  redactConfiguration,
} from '@plumbline/telemetry';
import { AppModule } from './app.module.js';
import { checkStoreChoice } from './check-start.js';
import { ConnectionEnder } from './connection-ender.js';
import { createHttpAdapter } from './create-http-adapter.js';
import { openPlatform } from './open-platform.js';
import { openStore } from './open-store.js';
import type { Platform } from './platform.js';
import { portOf, type Role } from './role.js';
import { version } from './version.js';

/** A drain that takes longer is given up: the supervisor would kill the process soon anyway. */
const DRAIN_MS = 25_000;

export interface ProcessOptions {
  readonly role: Role;
  /** Modules of the apps that run in the process, in the order of the flow. */
  readonly apps: readonly Type[];
  /** Of the command line, without node and script: `--print-config` and `--migrate` do that and end. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Says in a sentence who can reach the process; for one that serves nothing but health, version and metrics when absent.
   * @throws an error with a `reason` when it must not listen like that
   */
  readonly describeExposure?: (configuration: Configuration) => string;
  /** Prepares what is special about the HTTP side, before it listens. */
  readonly configureHttp?: (app: NestFastifyApplication) => void;
}

/**
 * Runs a process from its configuration to its end: start-up checks, HTTP (at least /healthz, /readyz, /version and /metrics), and on SIGTERM or
 * SIGINT the drain: not ready, no more pulling, what is in hand finished, clients closed, exit 0. An unknown error ends it with 1.
 */
export async function runProcess(options: ProcessOptions): Promise<void> {
  try {
    await start(options);
  } catch (error) {
    // In the words of who starts the process: the log may not exist yet.
    const known = error instanceof ConfigurationError || (error instanceof Error && 'reason' in error);
    const text = known ? error.message : ((error as Error | undefined)?.stack ?? String(error));
    process.stderr.write(`plumbline: ${text}\n`);
    process.exit(1);
  }
}

async function start(options: ProcessOptions): Promise<void> {
  const { role, environment } = options;
  const configuration = loadConfiguration(configurationSchema, { env: environment });
  if (options.arguments.includes('--print-config')) {
    process.stdout.write(`${JSON.stringify(redactConfiguration(configurationSchema, configuration), null, 2)}\n`);
    return;
  }
  const logger = createLogger({ ...configuration.log, service: role });
  const exposure = options.describeExposure?.(configuration) ?? 'health, version and metrics only';
  const fail = (error: unknown): void => {
    // Everything acknowledged is durable, so ending at once loses nothing; going on might.
    logger.error({ err: error }, 'unknown error: the process ends, start it again');
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  setMaxListeners(50);

  if (options.arguments.includes('--migrate')) return migrateTables(role, configuration, logger);
  const platform = await openPlatform(role, configuration, logger, fail);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(platform, version, options.apps),
    createHttpAdapter(),
    { logger: new NestLogger(logger), bodyParser: false, abortOnError: false },
  );
  options.configureHttp?.(app);
  drainOnSignal(app, platform, fail);
  await app.listen(portOf(role, configuration.http), configuration.http.host);
  const url = await app.getUrl();
  logger.info({ url, version, data_dir: configuration.dataDir, exposure }, `listening on ${url}: ${exposure}`);
}

async function migrateTables(role: Role, configuration: Configuration, logger: Logger): Promise<void> {
  checkStoreChoice(role, configuration);
  const store = await openStore(configuration);
  const applied = await migrate(store, Date.now());
  await store.close();
  logger.info({ migrations: applied }, applied.length === 0 ? 'the tables are up to date' : 'applied migrations');
}

function drainOnSignal(
  app: NestFastifyApplication,
  { health, stream, store, logger }: Platform,
  fail: (error: unknown) => void,
): void {
  let stopping = false;
  const connections = new ConnectionEnder(app.getHttpServer());
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    const startedAtMs = performance.now();
    logger.info({ signal }, 'draining');
    health.setDraining();
    connections.end();
    setTimeout(() => fail(new Error(`not drained within ${DRAIN_MS} ms`)), DRAIN_MS).unref();
    void (async () => {
      await app.close();
      await stream.stop();
      await store.close();
      logger.info({ drain_ms: Math.round(performance.now() - startedAtMs) }, 'stopped');
      process.exit(0);
    })().catch(fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
