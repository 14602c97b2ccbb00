import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const FRONT = resolve(import.meta.dirname, 'clickhouse-front.mjs');
/** Generous: two cores may be busy with another suite. */
const START_MS = 60_000;

export interface ClickHouseFrontOptions {
  /** Of the engine and of what is being inserted; kept, so that another front can be started on it. */
  readonly dataDir: string;
  /** Chosen by the system when absent; give that of an earlier front to start again at its address. */
  readonly port?: number;
  /** Statements that run side by side. */
  readonly sessions?: number;
}

export interface ClickHouseFront {
  readonly url: string;
  readonly port: number;
  /** For what is not a method here, as SIGSTOP. */
  readonly pid: number;
  /** Answers what it was asked, closes the engine and ends. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/**
 * Starts the HTTP interface of ClickHouse over the embedded engine as a child process, which ends with this one.
 * @throws Error with what it wrote when it ends instead
 */
export async function startClickHouseFront(options: ClickHouseFrontOptions): Promise<ClickHouseFront> {
  const { dataDir, port = 0, sessions = 4 } = options;
  const args = ['--data-dir', dataDir, '--port', String(port), '--sessions', String(sessions)];
  const child = spawn(process.execPath, [FRONT, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const url = await listening(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid!,
    stop: async () => end('SIGTERM'),
    kill: async () => end('SIGKILL'),
  };
}

async function listening(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolveUrl, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the ClickHouse front did not listen within ${START_MS} ms:\n${output}`));
    }, START_MS);
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-10_000);
      const url = /listening on (\S+)\n/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolveUrl(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the ClickHouse front ended with ${signal ?? code}:\n${output}`));
    });
  });
}
