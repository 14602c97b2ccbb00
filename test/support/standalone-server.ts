import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { testDatabaseOf } from './clickhouse-server.js';

const MAIN = resolve(import.meta.dirname, '../../apps/standalone/dist/main.js');
/** Ended with the test file, so that a failed test leaves no server behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Generous: two cores may be busy with another suite. */
const START_MS = 60_000;

export interface ServerOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Chosen by the harness when absent; give one to restart on the same address. */
  readonly port?: number;
}

/** A real standalone server in a process of its own, as `npm start` runs it. */
export class StandaloneServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly port: number,
    private readonly output: string[],
  ) {}

  /** Starts the built server and waits until it is ready. @throws Error with its output when it ends instead */
  static async start({ dataDir, env = {}, port }: ServerOptions): Promise<StandaloneServer> {
    const usedPort = port ?? (await freePort());
    const output: string[] = [];
    // The project `server` runs the same tests with the store elsewhere.
    const store = process.env.PLUMBLINE_TEST_STORE === 'server' ? await testDatabaseOf(dataDir) : undefined;
    const child = spawn(process.execPath, ['--max-semi-space-size=32', MAIN], {
      env: {
        PATH: process.env.PATH,
        PLUMBLINE_DATA_DIR: dataDir,
        PLUMBLINE_HTTP_PORT: String(usedPort),
        PLUMBLINE_EVALUATION_ENABLED: 'false',
        ...(store && { PLUMBLINE_CLICKHOUSE_URL: store.url, PLUMBLINE_CLICKHOUSE_DATABASE: store.database }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const server = new StandaloneServer(child, `http://127.0.0.1:${usedPort}`, usedPort, output);
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${server.log}`);
      const ready = await fetch(`${server.url}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return server;
      await delay(50);
    }
    await server.kill('SIGKILL');
    throw new Error(`the server was not ready within ${START_MS} ms:\n${server.log}`);
  }

  get log(): string {
    return this.output.join('');
  }

  /** Sends the signal and resolves with the exit code once the process is gone; null after SIGKILL. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }

  /** Ends every server that this test file started and did not stop. */
  static async killAll(): Promise<void> {
    await Promise.all(
      [...running].map(async (child) => {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }),
    );
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    });
  }

  async put(path: string, body: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** JSON of a GET. @throws Error naming status and body when it is not 2xx */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
