import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/free-ports.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'failpoint-preload.mjs')).href;
/** Generous: two cores may be busy with other work. */
const START_MS = 300_000;
/** Lines of output kept as evidence. */
const KEPT_LINES = 200;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export type AppName = 'standalone' | 'api' | 'ingester' | 'evaluator' | 'alerter';

/** The setting that tells each app its port. */
const PORT_SETTINGS: Readonly<Record<AppName, string>> = {
  standalone: 'PLUMBLINE_HTTP_PORT',
  api: 'PLUMBLINE_HTTP_PORT',
  ingester: 'PLUMBLINE_HTTP_INGESTER_PORT',
  evaluator: 'PLUMBLINE_HTTP_EVALUATOR_PORT',
  alerter: 'PLUMBLINE_HTTP_ALERTER_PORT',
};

/** How a life of a process is to differ from an undisturbed one. */
export interface LifeOptions {
  /** Of failpoint-preload.mjs, as in `kill:1:after insert prediction`. */
  readonly failpoint?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** One app of the service as a process that is started, harmed and started again, always on the same port. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private output: string[] = [];
  /** The end that was asked of this life. */
  private ordered: NodeJS.Signals | undefined;
  private failpoint: string | undefined;
  private wasReady = false;

  private constructor(
    readonly name: string,
    readonly app: AppName,
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
    /** Told of an end that nobody ordered. */
    private readonly onSurprise: (what: string, log: string) => void,
  ) {}

  static async create(
    name: string,
    app: AppName,
    env: Readonly<Record<string, string>>,
    onSurprise: (what: string, log: string) => void,
  ): Promise<ServiceProcess> {
    return new ServiceProcess(name, app, await freePort(), env, onSurprise);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get alive(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether this life has been ready, and has not ended. */
  get ready(): boolean {
    return this.alive && this.wasReady;
  }

  /** Whether this life ended at its failpoint, perhaps while it was draining. */
  get endedAtFailpoint(): boolean {
    return this.failpoint !== undefined && this.ordered !== 'SIGKILL' && this.child?.signalCode === 'SIGKILL';
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get log(): string {
    return this.output.join('');
  }

  /**
   * Starts the process and waits until it says that it is ready. Resolves with false when it ended at its failpoint before that.
   * @throws Error with its output when it ends by itself or is not ready in time
   */
  async start({ failpoint, env = {} }: LifeOptions = {}): Promise<boolean> {
    this.output = [];
    this.ordered = undefined;
    this.failpoint = failpoint;
    this.wasReady = false;
    const main = join(ROOT, 'apps', this.app, 'dist/main.js');
    const child = spawn(process.execPath, ['--import', PRELOAD, main], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        [PORT_SETTINGS[this.app]]: String(this.port),
        ...this.env,
        ...env,
        ...(failpoint === undefined ? {} : { CONSERVATION_FAILPOINT: failpoint }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    running.add(child);
    const keep = (chunk: Buffer): void => {
      this.output.push(chunk.toString());
      if (this.output.length > KEPT_LINES) this.output.splice(0, this.output.length - KEPT_LINES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('exit', (code, signal) => {
      running.delete(child);
      const expected = this.endedAtFailpoint || (this.ordered !== undefined && (signal === 'SIGKILL' || code === 0));
      // What ends before it is ready tells whoever starts it.
      if (this.wasReady && !expected) this.onSurprise(`${this.name} ended by itself with ${signal ?? code}`, this.log);
    });
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (!this.alive) {
        if (this.endedAtFailpoint) return false;
        throw new Error(`${this.name} ended with ${child.exitCode ?? child.signalCode} while it started:\n${this.log}`);
      }
      if (await this.isReady()) {
        this.wasReady = true;
        return true;
      }
      await delay(20);
    }
    throw new Error(`${this.name} was not ready within ${START_MS} ms:\n${this.log}`);
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
  }

  /** Sends a signal and resolves with the exit code once the process is gone; null after SIGKILL. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (child === undefined) return null;
    this.ordered ??= signal;
    if (this.alive) {
      const exited = once(child, 'exit');
      child.kill(signal);
      // A frozen process takes no other signal than this one.
      if (signal === 'SIGTERM') child.kill('SIGCONT');
      await exited;
    }
    return child.exitCode;
  }

  /** Resolves when the process is gone or the time is up; true when it is gone. */
  async gone(withinMs: number): Promise<boolean> {
    const { child } = this;
    if (child === undefined || !this.alive) return true;
    const waiting = new AbortController();
    try {
      await Promise.race([
        once(child, 'exit', { signal: waiting.signal }),
        delay(withinMs, undefined, { signal: waiting.signal }),
      ]);
    } finally {
      waiting.abort();
    }
    return !this.alive;
  }

  /** Runs the app once with an argument, as in `--migrate`. @throws Error with its output when it fails */
  async runOnce(argument: string): Promise<void> {
    const child = spawn(process.execPath, [join(ROOT, 'apps', this.app, 'dist/main.js'), argument], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`${this.name} ${argument} ended with ${code}:\n${output}`);
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }
}
