import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli-error.js';

/** Beside this app, built: the command line starts the server as a process of its own and imports nothing of it. */
const STANDALONE = fileURLToPath(new URL('../../../standalone/dist/main.js', import.meta.url));

/**
 * As in the script `start`: events live for the time of a batch, and the default young generation of 16 MB has them copied several
 * times before they die. It cannot be set from within.
 */
const NODE_OPTIONS = ['--max-semi-space-size=32'];
/** Also as there: each session of the engine keeps a thread busy while a statement runs, and files need some beside. */
const ENVIRONMENT = { UV_THREADPOOL_SIZE: '8' };

export interface StandaloneOptions {
  readonly arguments?: readonly string[];
  /** The whole environment of the server. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdio: StdioOptions;
}

/**
 * Starts the standalone server.
 * @throws CliError when it has not been built
 */
export function startStandalone({ arguments: given = [], environment, stdio }: StandaloneOptions): ChildProcess {
  if (!existsSync(STANDALONE))
    throw new CliError(`the server is not built (${STANDALONE} is missing): run npm run build`);
  return spawn(process.execPath, [...NODE_OPTIONS, STANDALONE, ...given], {
    stdio,
    env: { ...ENVIRONMENT, ...environment },
  });
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Resolves with the exit code of a process; one that a signal ended gives 128 and the signal's number, as shells do. */
export async function exitCodeOf(child: ChildProcess): Promise<number> {
  const code = (): number => child.exitCode ?? 128 + (SIGNAL_NUMBERS[child.signalCode ?? ''] ?? 0);
  if (child.exitCode !== null || child.signalCode !== null) return code();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(code()));
  });
}
