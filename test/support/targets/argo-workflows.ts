import { hasBearer, isObject, jsonBody, unknownKey } from './read-request.js';
import type { TargetReply, TargetRules } from './target-server.js';

export const argoWorkflowsToken = 'argo-token';

/** Argo Workflows 3.7, submit from the template "retrain" of the namespace "ml". */
export function argoWorkflowsRules(): TargetRules {
  const runs = new Set<string>();
  const failure = (status: number, code: number, message: string): TargetReply => ({ status, body: { code, message } });
  return {
    starts: ({ method }) => method === 'POST',
    runs: () => runs.size,
    reply: (request) => {
      if (!hasBearer(request, argoWorkflowsToken)) return failure(401, 16, 'token not valid');
      if (request.path !== '/api/v1/workflows/ml/submit') return failure(404, 5, 'Not Found');
      const body = jsonBody(request);
      if (body === undefined) return failure(400, 3, 'invalid JSON');
      const unknown = unknownKey(body, 'namespace', 'resourceKind', 'resourceName', 'submitOptions');
      if (unknown !== undefined) return failure(400, 3, `unknown field "${unknown}" in workflow.WorkflowSubmitRequest`);
      const { resourceKind: kind, resourceName: template, submitOptions: options } = body;
      if (kind !== 'WorkflowTemplate' || template !== 'retrain') return failure(404, 5, 'template not found');
      if (!isObject(options)) return failure(400, 3, 'submitOptions');
      const unknownOption = unknownKey(options, 'name', 'generateName', 'parameters', 'labels', 'entryPoint');
      if (unknownOption !== undefined)
        return failure(400, 3, `unknown field "${unknownOption}" in v1alpha1.SubmitOpts`);
      const { name, parameters = [] } = options;
      if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
        return failure(422, 3, 'name');
      if (!Array.isArray(parameters)) return failure(400, 3, 'parameters');
      const malformed = (parameters as unknown[]).some(
        (each) => typeof each !== 'string' || !/^[A-Za-z0-9_-]+=/.test(each),
      );
      if (malformed) return failure(400, 3, 'expected parameter of the form: NAME=VALUE');
      if (runs.has(name)) return failure(409, 6, `workflows.argoproj.io "${name}" already exists`);
      runs.add(name);
      return {
        status: 200,
        body: { metadata: { name, namespace: 'ml', uid: `uid-${runs.size}` }, spec: {}, status: {} },
      };
    },
  };
}
