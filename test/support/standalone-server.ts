import { AppProcess } from './app-process.js';
import { testDatabaseOf } from './clickhouse-server.js';

export interface ServerOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Chosen by the harness when absent; give one to restart on the same address. */
  readonly port?: number;
}

/** A real standalone server in a process of its own, as `npm start` runs it. */
export class StandaloneServer extends AppProcess {
  /** Starts the built server and waits until it is ready. @throws Error with its output when it ends instead */
  static async start({ dataDir, env = {}, port }: ServerOptions): Promise<StandaloneServer> {
    // The project `server` runs the same tests with the store elsewhere.
    const store = process.env.PLUMBLINE_TEST_STORE === 'server' ? await testDatabaseOf(dataDir) : undefined;
    return this.launch({
      app: 'standalone',
      env: {
        PLUMBLINE_DATA_DIR: dataDir,
        PLUMBLINE_EVALUATION_ENABLED: 'false',
        // What nobody is woken for, tests would wait half a minute for.
        PLUMBLINE_ALERTING_SCAN: '2s',
        ...(store && { PLUMBLINE_CLICKHOUSE_URL: store.url, PLUMBLINE_CLICKHOUSE_DATABASE: store.database }),
        ...env,
      },
      port,
    });
  }
}
