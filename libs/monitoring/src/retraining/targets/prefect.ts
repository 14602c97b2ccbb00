import type { TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { idAt, parseJson } from './read-json.js';
import type { TargetProtocol } from './target-protocol.js';

/** Prefect 3, create a flow run from a deployment: 201, or 200 with the earlier run when the idempotency key was used. */
export function prefect3Protocol(target: TargetOf<'prefect3'>): TargetProtocol {
  return {
    repeatable: true,
    call: (request) => ({
      method: 'POST',
      url: beneath(target.url, 'deployments', target.deployment_id, 'create_flow_run'),
      headers: {},
      body: {
        kind: 'json',
        value: {
          parameters: fillTemplates(target.parameters, placeholderValues(request)),
          idempotency_key: request.runId,
        },
      },
    }),
    lookups: () => [],
    read: ({ status, text }) => {
      if (status !== 200 && status !== 201) return { reading: 'refused', detail: text };
      const externalId = idAt(parseJson(text), '/id');
      if (externalId === '') return { reading: 'unclear' };
      return { reading: 'started', run: { externalId, externalUrl: runUrl(target.url, externalId) } };
    },
  };
}

/** The page of a flow run: of Prefect Cloud, or of the server whose API it is. */
function runUrl(apiUrl: string, id: string): string {
  const base = beneath(apiUrl);
  const cloud = /^https:\/\/api\.prefect\.cloud\/api\/accounts\/([^/]+)\/workspaces\/([^/]+)$/.exec(base);
  if (cloud !== null) return `https://app.prefect.cloud/account/${cloud[1]}/workspace/${cloud[2]}/runs/flow-run/${id}`;
  return base.endsWith('/api') ? beneath(base.slice(0, -'/api'.length), 'runs', 'flow-run', id) : '';
}
