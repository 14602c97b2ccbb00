import type { ApiClient } from '../api-client.js';
import { ApiError, ConnectionError } from '../api-error.js';
import { fail, ok, warn, type Finding } from './finding.js';

const LARGEST_SKEW_MS = 5_000;

/** Checks reach, version, readiness and clock of the server. The list ends at the first check the others stand on. */
export async function checkServer(client: ApiClient, now: () => number): Promise<readonly Finding[]> {
  const { url } = client.connection;
  try {
    const sentAtMs = now();
    const reply = await client.request('GET', '/version');
    const receivedAtMs = now();
    const { version } = (reply.body ?? {}) as { version?: unknown };
    return [
      ok('server', `reached at ${url}`),
      typeof version === 'string'
        ? ok('version', version)
        : warn('version', 'the server does not say', `check that ${url} is a Plumbline server`),
      await checkReadiness(client),
      checkClock(reply.headers.get('date'), (sentAtMs + receivedAtMs) / 2),
    ];
  } catch (error) {
    if (error instanceof ConnectionError) {
      return [fail('server', error.message, 'plumbline serve')];
    }
    if (error instanceof ApiError) {
      return [
        fail('server', error.message, `check that ${url} is a Plumbline server, not something else on that port`),
      ];
    }
    throw error;
  }
}

async function checkReadiness(client: ApiClient): Promise<Finding> {
  try {
    await client.get('/readyz');
    return ok('ready', 'yes');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return fail('ready', readinessText(error), 'wait if it is starting or stopping; else its log says more');
  }
}

/** What a reply of /readyz says is wrong. */
function readinessText({ body, detail }: ApiError): string {
  const { status, checks } = (body ?? {}) as {
    readonly status?: unknown;
    readonly checks?: Readonly<Record<string, { readonly ok?: unknown; readonly detail?: unknown }>>;
  };
  if (typeof status !== 'string') return detail;
  const wrong = Object.entries(checks ?? {}).filter(([, check]) => check.ok !== true);
  const words = wrong.map(([name, check]) => `${name}: ${typeof check.detail === 'string' ? check.detail : 'not ok'}`);
  return words.length === 0 ? status : words.join('; ');
}

/** Judges this machine's clock by the Date header of a reply, which has whole seconds. */
export function checkClock(dateHeader: string | null, atMs: number): Finding {
  const serverMs = Date.parse(dateHeader ?? '');
  if (Number.isNaN(serverMs)) return warn('clock', 'the server sent no date', 'a proxy may have removed it');
  const skewMs = Math.round(atMs - (serverMs + 500));
  const seconds = `${(skewMs / 1000).toFixed(1)} s`;
  if (Math.abs(skewMs) <= LARGEST_SKEW_MS) return ok('clock', `differs from the server’s by ${seconds}`);
  return warn(
    'clock',
    `differs from the server’s by ${seconds}`,
    'set both by NTP: events with a time in the future are refused, signatures of other times too',
  );
}
