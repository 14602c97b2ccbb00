import { hasBearer, isObject, jsonBody, unknownKey } from './read-request.js';
import type { TargetReply, TargetRules } from './target-server.js';

export const kubeflowToken = 'kubeflow-token';

/** Types of the parameters of the pipeline, as its specification declares them. */
const PARAMETERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  model: (value) => typeof value === 'string',
  alert_count: (value) => Number.isInteger(value),
  features: Array.isArray,
  options: isObject,
};

/** Kubeflow Pipelines 2.5, API v2beta1: create and list runs. Every call to create makes a run. Knows "pipeline-1". */
export function kubeflowRules(): TargetRules {
  const runs: { run_id: string; display_name: string; state: string }[] = [];
  const invalid = (message: string): TargetReply => ({ status: 400, body: { error: message, code: 3, message } });
  return {
    starts: ({ method }) => method === 'POST',
    runs: () => runs.length,
    reply: (request) => {
      if (!hasBearer(request, kubeflowToken)) return { status: 401, body: { code: 16, message: 'Unauthenticated' } };
      if (request.path !== '/apis/v2beta1/runs') return { status: 404, body: { code: 5, message: 'Not Found' } };
      if (request.method === 'GET') return listRuns(request.query.get('filter'));
      const body = jsonBody(request);
      if (body === undefined) return invalid('the body is no JSON object');
      const unknown = unknownKey(
        body,
        'display_name',
        'description',
        'experiment_id',
        'pipeline_version_reference',
        'runtime_config',
        'service_account',
      );
      if (unknown !== undefined) return invalid(`unknown field "${unknown}"`);
      const { display_name: name, pipeline_version_reference: reference, runtime_config: config } = body;
      if (typeof name !== 'string' || name === '') return invalid('display_name is empty');
      if (!isObject(reference) || unknownKey(reference, 'pipeline_id', 'pipeline_version_id') !== undefined) {
        return invalid('pipeline_version_reference');
      }
      if (reference.pipeline_id !== 'pipeline-1')
        return { status: 404, body: { code: 5, message: 'no such pipeline' } };
      if (!isObject(config) || !isObject(config.parameters)) return invalid('runtime_config');
      for (const [parameter, value] of Object.entries(config.parameters)) {
        if (PARAMETERS[parameter]?.(value) !== true) return invalid(`parameter ${parameter} has the wrong type`);
      }
      const run = { run_id: `kfp-${runs.length + 1}`, display_name: name, state: 'PENDING' };
      runs.push(run);
      return { status: 200, body: run };
    },
  };

  function listRuns(filter: string | null): TargetReply {
    const parsed: unknown = JSON.parse(filter ?? '{}');
    const [predicate] = isObject(parsed) && Array.isArray(parsed.predicates) ? (parsed.predicates as unknown[]) : [];
    if (!isObject(predicate) || predicate.key !== 'display_name' || predicate.operation !== 'EQUALS') {
      return invalid('filter');
    }
    const found = runs.filter(({ display_name: name }) => name === predicate.string_value);
    // An empty list is left out, as proto3 JSON does.
    return { status: 200, body: found.length === 0 ? {} : { runs: found, total_size: found.length } };
  }
}
