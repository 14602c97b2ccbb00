import { isIP } from 'node:net';
import type { Configuration } from '@plumbline/contracts';

/** The server would be open to everybody who reaches it. */
export class ExposureError extends Error {
  override readonly name = 'ExposureError';
  readonly retryable = false;
  readonly reason = 'exposed';
}

/**
 * Returns a sentence on who can reach the API.
 * @throws ExposureError when it would listen beyond this machine without asking for keys
 */
export function checkExposure({ http, apiKeys }: Pick<Configuration, 'http' | 'apiKeys'>): string {
  const loopback = isLoopback(http.host);
  if (apiKeys.length > 0) {
    return loopback
      ? 'listening on loopback only; API keys are required'
      : `listening on ${http.host}; API keys are required`;
  }
  if (loopback) return 'listening on loopback only: no API keys are configured';
  throw new ExposureError(
    `refusing to listen on ${http.host} without API keys: set PLUMBLINE_API_KEYS (key:project:ingest+read+admin), or PLUMBLINE_HTTP_HOST to 127.0.0.1`,
  );
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host.toLowerCase() === 'localhost';
}
