import type { Scope } from '@plumbline/contracts';
import type { ApiClient, RequestBody } from '../api-client.js';
import { ApiError } from '../api-error.js';
import { fail, ok, warn, type Finding } from './finding.js';

interface Probe {
  readonly scope: Scope;
  readonly method: string;
  readonly path: string;
  readonly body?: RequestBody;
}

/** Requests that need a scope and change nothing: a list, no events, a request without content. */
const PROBES: readonly Probe[] = [
  { scope: 'read', method: 'GET', path: '/v1/alerts?limit=1' },
  {
    scope: 'ingest',
    method: 'POST',
    path: '/v1/predictions',
    body: { contentType: 'application/json', content: '[]' },
  },
  { scope: 'admin', method: 'POST', path: '/v1/evaluations', body: { contentType: 'application/json', content: '{}' } },
];

/** Checks what the API key permits. */
export async function checkScopes(client: ApiClient): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { scope, method, path, body } of PROBES) {
    const status = await client.request(method, path, body).then(
      (reply) => reply.status,
      (error: unknown) => {
        if (error instanceof ApiError) return error.status;
        throw error;
      },
    );
    if (status === 401) {
      const withKey = client.connection.apiKey !== undefined;
      const detail = withKey ? 'the server does not know the API key' : 'the server wants an API key';
      return [fail('key', detail, 'give one of PLUMBLINE_API_KEYS of the server with --api-key or PLUMBLINE_API_KEY')];
    }
    findings.push(
      status === 403
        ? warn(`scope ${scope}`, 'the API key lacks it', `use a key with ${scope} for commands that need it`)
        : ok(`scope ${scope}`, 'permitted'),
    );
  }
  return findings;
}
