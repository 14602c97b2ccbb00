import type { RetrainingRequest, TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { idAt, parseJson } from './read-json.js';
import type { TargetProtocol } from './target-protocol.js';

/** Argo Workflows, submit from a template. The run id is in the name of the workflow, so a second call is refused with 409. */
export function argoWorkflowsProtocol(target: TargetOf<'argo_workflows'>): TargetProtocol {
  const started = (name: string) => ({
    reading: 'started' as const,
    run: { externalId: name, externalUrl: beneath(target.url, 'workflows', target.namespace, name) },
  });
  return {
    repeatable: true,
    call: (request) => {
      const parameters = Object.entries(fillTemplates(target.parameters, placeholderValues(request)));
      return {
        method: 'POST',
        url: beneath(target.url, 'api', 'v1', 'workflows', target.namespace, 'submit'),
        headers: {},
        body: {
          kind: 'json',
          value: {
            namespace: target.namespace,
            resourceKind: target.kind,
            resourceName: target.template,
            submitOptions: {
              name: workflowName(request),
              parameters: parameters.map(([name, value]) => `${name}=${plainText(value)}`),
            },
          },
        },
      };
    },
    lookups: () => [],
    read: ({ status, text }, request) => {
      if (status === 409) return started(workflowName(request));
      if (status !== 200) return { reading: 'refused', detail: text };
      const name = idAt(parseJson(text), '/metadata/name');
      return name === '' ? { reading: 'unclear' } : started(name);
    },
  };
}

/** A name that Kubernetes takes, also as a label: 43 characters. */
function workflowName({ runId }: RetrainingRequest): string {
  return `retraining-${runId}`;
}
