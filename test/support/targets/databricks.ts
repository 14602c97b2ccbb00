import { formBody, hasBasic, hasBearer, isObject, jsonBody, unknownKey } from './read-request.js';
import type { TargetReply, TargetRequest, TargetRules } from './target-server.js';

export const databricksClient = { id: 'client/1', secret: 'client:secret +%' };

export interface DatabricksRules extends TargetRules {
  /** Makes the tokens that were given invalid. */
  revoke(): void;
  tokensGiven(): number;
}

/** Databricks: tokens of an OAuth client, and run-now of Jobs 2.2 for job 77. Ids of runs are 64-bit numbers. */
export function databricksRules(expiresInS = 3600): DatabricksRules {
  const runs = new Map<string, bigint>();
  let given = 0;
  let valid = '';
  const failure = (status: number, code: string): TargetReply => ({
    status,
    body: { error_code: code, message: code },
  });
  const token = (request: TargetRequest): TargetReply => {
    const form = formBody(request);
    const [id, secret] = [encodeForm(databricksClient.id), encodeForm(databricksClient.secret)];
    if (!hasBasic(request, id, secret)) {
      return { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed' } };
    }
    if (form?.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'all-apis') {
      return { status: 400, body: { error: 'invalid_request' } };
    }
    valid = `databricks-token-${++given}`;
    return { status: 200, body: { access_token: valid, token_type: 'Bearer', expires_in: expiresInS } };
  };
  return {
    starts: ({ path }) => path.endsWith('/run-now'),
    runs: () => runs.size,
    revoke: () => {
      valid = '';
    },
    tokensGiven: () => given,
    reply: (request) => {
      if (request.path === '/oidc/v1/token') return token(request);
      if (valid === '' || !hasBearer(request, valid)) return failure(401, 'UNAUTHENTICATED');
      if (request.path !== '/api/2.2/jobs/run-now') return failure(404, 'ENDPOINT_NOT_FOUND');
      const body = jsonBody(request);
      if (body === undefined) return failure(400, 'MALFORMED_REQUEST');
      const unknown = unknownKey(body, 'job_id', 'job_parameters', 'idempotency_token', 'queue', 'only');
      const { job_id: job, job_parameters: parameters = {}, idempotency_token: key } = body;
      if (unknown !== undefined || !isObject(parameters)) return failure(400, 'MALFORMED_REQUEST');
      if (job !== 77) return failure(400, 'INVALID_PARAMETER_VALUE');
      if (Object.values(parameters).some((value) => typeof value !== 'string'))
        return failure(400, 'MALFORMED_REQUEST');
      if (typeof key !== 'string' || key.length > 64) return failure(400, 'INVALID_PARAMETER_VALUE');
      const id = runs.get(key) ?? 9_007_199_254_740_993n + BigInt(runs.size);
      runs.set(key, id);
      return { status: 200, body: `{"run_id":${id},"number_in_job":${id}}` };
    },
  };
}

function encodeForm(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
