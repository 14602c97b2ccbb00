import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import { ApiError, ConnectionError } from '../api-error.js';
import { CliError } from '../cli-error.js';

const PAUSE_MS = 50;

/**
 * Resolves when the server is ready.
 * @throws CliError when its process ended, or time is up
 */
export async function untilReady(client: ApiClient, server: ChildProcess, timeoutMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(timeoutMs);
  for (;;) {
    try {
      await client.get('/readyz');
      return;
    } catch (error) {
      if (!(error instanceof ConnectionError || error instanceof ApiError)) throw error;
    }
    if (server.exitCode !== null || server.signalCode !== null) throw new CliError('the server ended while it started');
    if (deadline.aborted) throw new CliError(`the server was not ready within ${timeoutMs / 1000} s`);
    await delay(PAUSE_MS);
  }
}
