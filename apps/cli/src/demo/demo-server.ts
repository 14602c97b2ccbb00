import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiClient } from '../api-client.js';
import { CliError, UsageError } from '../cli-error.js';
import { freePort } from '../server/free-port.js';
import { exitCodeOf, startStandalone } from '../server/standalone.js';
import { untilReady } from '../server/until-ready.js';

/** Variable of the server that holds the secret of the demo's webhooks; declarations name it and never hold the secret. */
export const SECRET_VARIABLE = 'DEMO_WEBHOOK_SECRET';
/** The same for what its stand-ins of Slack and PagerDuty are called with. */
export const SLACK_VARIABLE = 'DEMO_SLACK_TOKEN';
export const PAGERDUTY_VARIABLE = 'DEMO_PAGERDUTY_KEY';

const START_MS = 180_000;
const LOG_TAIL_LINES = 20;

/** A standalone server of the demo's own, on a fresh folder and a free port of this machine. */
export class DemoServer {
  private constructor(
    readonly client: ApiClient,
    readonly dataDir: string,
    /** Holds the log, and the data that nobody asked to keep. Goes with the server. */
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /**
   * @param keptDataDir an empty folder, or one to be made, that outlives the demo
   * @throws UsageError when that folder holds something; CliError with the end of the server's log when it does not start
   */
  static async start(
    secret: string,
    variables: Readonly<Record<string, string | undefined>>,
    keptDataDir?: string,
  ): Promise<DemoServer> {
    if (keptDataDir !== undefined) await expectEmpty(keptDataDir);
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-demo-'));
    const dataDir = keptDataDir === undefined ? join(folder, 'data') : resolve(keptDataDir);
    const port = await freePort();
    // Settings of the user's own server must not reach this one: with its store's URL the demo would write there.
    const inherited = Object.entries(variables).filter(
      ([name]) => !name.startsWith('PLUMBLINE_') || name === 'PLUMBLINE_CLICKHOUSE_HTTP',
    );
    const log = openSync(join(folder, 'server.log'), 'w');
    const child = startStandalone({
      environment: {
        ...Object.fromEntries(inherited),
        PLUMBLINE_DATA_DIR: dataDir,
        PLUMBLINE_HTTP_PORT: String(port),
        // Receivers of the demo are on this machine and without TLS, which is refused otherwise.
        PLUMBLINE_ALERTING_ALLOW_HTTP: 'true',
        PLUMBLINE_ALERTING_ALLOWED_ADDRESSES: '127.0.0.0/8',
        PLUMBLINE_ALERTING_EXTERNAL_URL: `http://127.0.0.1:${port}`,
        // What nobody is woken for, as the verdict on a new version, is found in seconds.
        PLUMBLINE_ALERTING_SCAN: '2s',
        // The demo evaluates each simulated day itself.
        PLUMBLINE_EVALUATION_ENABLED: 'false',
        [SECRET_VARIABLE]: secret,
        [SLACK_VARIABLE]: 'xoxb-demo',
        [PAGERDUTY_VARIABLE]: 'demo'.repeat(8),
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const client = new ApiClient({ url: `http://127.0.0.1:${port}`, apiKey: undefined });
    const server = new DemoServer(client, dataDir, folder, child);
    try {
      await untilReady(client, child, START_MS);
      return server;
    } catch (error) {
      child.kill('SIGKILL');
      throw new CliError(`${(error as Error).message}\n${await server.logTail()}`);
    }
  }

  /** Resolves when the process has ended by itself or by Ctrl-C. */
  async ended(): Promise<number> {
    return exitCodeOf(this.child);
  }

  /** Asks the process to end. */
  end(): void {
    this.child.kill('SIGTERM');
  }

  async stop(): Promise<void> {
    this.end();
    await exitCodeOf(this.child);
    await rm(this.folder, { recursive: true, force: true });
  }

  async logTail(): Promise<string> {
    const log = await readFile(join(this.folder, 'server.log'), 'utf8');
    return log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }
}

/** The demo's story needs a store without a past. */
async function expectEmpty(folder: string): Promise<void> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`--data-dir: ${error.message}`);
  });
  if (files.length > 0) throw new UsageError(`--data-dir: ${folder} is not empty: name a new folder, or empty it`);
}
