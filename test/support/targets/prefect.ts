import { hasBasic, isObject, jsonBody, unknownKey } from './read-request.js';
import type { TargetReply, TargetRules } from './target-server.js';

export const prefectLogin = { username: 'admin', password: 'prefect-pass' };
export const prefectDeployment = '6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b';

/** Prefect 3.4, create a flow run from a deployment. A key that was used is answered with 200 and the run it was used for. */
export function prefectRules(): TargetRules {
  const runs = new Map<string, { id: string; name: string }>();
  const invalid = (type: string, field: string): TargetReply => ({
    status: 422,
    body: { exception_message: 'Invalid request received.', exception_detail: [{ type, loc: ['body', field] }] },
  });
  return {
    starts: ({ method }) => method === 'POST',
    runs: () => runs.size,
    reply: (request) => {
      if (!hasBasic(request, prefectLogin.username, prefectLogin.password)) {
        return { status: 401, body: { exception_message: 'Unauthorized' } };
      }
      if (request.path !== `/api/deployments/${prefectDeployment}/create_flow_run`) {
        return { status: 404, body: { detail: 'Deployment not found' } };
      }
      const body = jsonBody(request);
      if (body === undefined) return invalid('model_attributes_type', 'body');
      const unknown = unknownKey(
        body,
        'context',
        'enforce_parameter_schema',
        'idempotency_key',
        'job_variables',
        'labels',
        'name',
        'parameters',
        'state',
        'tags',
        'work_queue_name',
      );
      if (unknown !== undefined) return invalid('extra_forbidden', unknown);
      const { parameters = {}, idempotency_key: key } = body;
      if (!isObject(parameters)) return invalid('dict_type', 'parameters');
      if ('features' in parameters && !Array.isArray(parameters.features)) {
        return { status: 409, body: { detail: 'Error creating flow run: features is not an array' } };
      }
      if (typeof key !== 'string') return invalid('string_type', 'idempotency_key');
      const used = runs.get(key);
      if (used !== undefined) return { status: 200, body: used };
      const run = { id: `0c9d0e0f-0000-4000-8000-${String(runs.size).padStart(12, '0')}`, name: 'silver-heron' };
      runs.set(key, run);
      return { status: 201, body: run };
    },
  };
}
