import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from './free-ports.js';

/** Generous: two cores may be busy with another suite. */
const START_MS = 120_000;

/** Path of the program: `PROMETHEUS_PATH`, or the first one on PATH; undefined where there is none. */
export function prometheusPath(): string | undefined {
  const { PROMETHEUS_PATH: named, PATH = '' } = process.env;
  const candidates = named ? [named] : PATH.split(delimiter).map((folder) => join(folder, 'prometheus'));
  return candidates.find((path) => existsSync(path) && statSync(path).isFile());
}

/** `describe` where there is a Prometheus; otherwise says why the suite is skipped, and skips it. */
export function describeWithPrometheus(): typeof describe {
  if (prometheusPath() !== undefined) return describe;
  const named = process.env.PROMETHEUS_PATH;
  const reason = named
    ? `PROMETHEUS_PATH names no file: ${named}`
    : 'the program is missing (install it or set PROMETHEUS_PATH)';
  console.warn(`skipped: the suite on a Prometheus: ${reason}`);
  return describe.skip;
}

/** A series as a query gives it: its labels, and its value now. */
export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [atSeconds: number, value: string];
}

/** A real Prometheus on a free port of this machine, with a folder of its own. It ends with `stop`, and at the latest with this process. */
export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** Starts it with a configuration and waits until it is ready. @throws Error with its output when it ends instead */
  static async start(configuration: object): Promise<Prometheus> {
    const path = prometheusPath();
    if (path === undefined) throw new Error('there is no Prometheus: install it or set PROMETHEUS_PATH');
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-prometheus-'));
    const file = join(folder, 'prometheus.yml');
    await writeFile(file, stringify(configuration));
    const port = await freePort();
    const child = spawn(
      path,
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    process.once('exit', () => child.kill('SIGKILL'));
    const output: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const started = new Prometheus(child, folder, port);
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline && child.exitCode === null) {
      const ready = await fetch(`${started.url}/-/ready`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return started;
      await delay(50);
    }
    await started.stop();
    throw new Error(`Prometheus did not become ready:\n${output.join('')}`);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The `data` of a reply of its HTTP API. @throws Error with its words when it refuses */
  async get<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
    return data;
  }

  /** What an expression is now. @throws Error with its words when it cannot read the expression */
  async query(expression: string): Promise<readonly PrometheusSample[]> {
    return (await this.get<{ result: PrometheusSample[] }>('query', { query: expression })).result;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
