import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-ports.js';

/** Ended with the test file, so that a failed test leaves no process behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Generous: two cores may be busy with another suite. */
const START_MS = 300_000;

/** The setting of the port that each app listens on. */
const PORT_VARIABLES = {
  standalone: 'PLUMBLINE_HTTP_PORT',
  api: 'PLUMBLINE_HTTP_PORT',
  ingester: 'PLUMBLINE_HTTP_INGESTER_PORT',
  evaluator: 'PLUMBLINE_HTTP_EVALUATOR_PORT',
  alerter: 'PLUMBLINE_HTTP_ALERTER_PORT',
} as const;
export type AppName = keyof typeof PORT_VARIABLES;

export interface AppOptions {
  readonly app: AppName;
  readonly env: Readonly<Record<string, string>>;
  /** Chosen by the harness when absent; give one to restart on the same address. */
  readonly port?: number | undefined;
}

/** Runs a built app with arguments that make it end by itself, as `--migrate`. Resolves with exit code and output. */
export async function runApp(
  app: AppName,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawnApp(app, args, env);
  const output: string[] = [];
  collect(child, output);
  await once(child, 'close');
  return { code: child.exitCode, output: output.join('') };
}

/** A built app in a process of its own, as its main file runs it. */
export class AppProcess {
  protected constructor(
    private readonly child: ChildProcess,
    readonly app: AppName,
    readonly port: number,
    private readonly output: string[],
  ) {}

  /** Starts the built app and waits until it is ready. @throws Error with its output when it ends instead */
  static async launch({ app, env, port }: AppOptions): Promise<AppProcess> {
    const usedPort = port ?? (await freePort());
    const child = spawnApp(app, [], { [PORT_VARIABLES[app]]: String(usedPort), ...env });
    const output: string[] = [];
    collect(child, output);
    const started = new this(child, app, usedPort, output);
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`the ${app} ended with ${child.exitCode}:\n${started.log}`);
      const ready = await fetch(`${started.url}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return started;
      await delay(50);
    }
    await started.kill('SIGKILL');
    throw new Error(`the ${app} was not ready within ${START_MS} ms:\n${started.log}`);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get log(): string {
    return this.output.join('');
  }

  get pid(): number {
    return this.child.pid!;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Sends the signal and resolves with the exit code once the process is gone; null after SIGKILL. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.hasEnded) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }

  /** Ends every app that this test file started and did not stop. */
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

function spawnApp(app: AppName, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const main = resolve(import.meta.dirname, `../../apps/${app}/dist/main.js`);
  const child = spawn(process.execPath, ['--max-semi-space-size=32', main, ...args], {
    env: { PATH: process.env.PATH, UV_THREADPOOL_SIZE: '8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

function collect(child: ChildProcess, output: string[]): void {
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
}
