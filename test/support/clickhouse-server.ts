import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createClient } from '@clickhouse/client';

const FRONT = resolve(import.meta.dirname, 'clickhouse-front.mjs');
/** Generous: two cores may be busy with another suite. */
const START_MS = 300_000;

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
  const child = spawn(process.execPath, [FRONT, ...args], {
    // Each session keeps a thread busy, and so do the files of what is inserted.
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
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

/** A server and a database on it, for tests that do not care which. */
export interface TestDatabase {
  readonly url: string;
  readonly database: string;
}

interface OpenDatabase extends TestDatabase {
  readonly drop: () => Promise<void>;
}

const databases = new Map<string, Promise<OpenDatabase>>();

/**
 * Returns the database that stands for a data folder, the same for the same folder until `dropTestDatabases`: one of its own
 * on the server that CLICKHOUSE_URL names, else on a front of its own.
 */
export async function testDatabaseOf(dataDir: string): Promise<TestDatabase> {
  const known = databases.get(dataDir);
  if (known !== undefined) return known;
  const opened = openDatabase();
  databases.set(dataDir, opened);
  return opened;
}

async function openDatabase(): Promise<OpenDatabase> {
  const url = process.env.CLICKHOUSE_URL;
  if (url !== undefined && url !== '') {
    const database = `plumbline_test_${randomUUID().replaceAll('-', '')}`;
    const drop = async (): Promise<void> => {
      const client = createClient({ url });
      await client.command({ query: 'DROP DATABASE IF EXISTS {database:Identifier}', query_params: { database } });
      await client.close();
    };
    return { url, database, drop };
  }
  // Not in the data folder: a test may remove that while the front still writes.
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-front-'));
  const front = await startClickHouseFront({ dataDir: folder });
  const drop = async (): Promise<void> => {
    await front.kill();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: front.url, database: 'plumbline', drop };
}

/** Removes every database of `testDatabaseOf`: for the end of a test file. */
export async function dropTestDatabases(): Promise<void> {
  const opened = [...databases.values()];
  databases.clear();
  for (const database of opened) await (await database).drop();
}
