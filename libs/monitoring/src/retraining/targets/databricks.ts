import type { TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import type { TargetProtocol } from './target-protocol.js';

/** Databricks Jobs 2.2, run now: the idempotency token (64 characters at most) makes a second call answer with the first run. */
export function databricksProtocol(target: TargetOf<'databricks'>): TargetProtocol {
  return {
    repeatable: true,
    call: (request) => {
      const parameters = Object.entries(fillTemplates(target.parameters, placeholderValues(request)));
      return {
        method: 'POST',
        url: beneath(target.url, 'api', '2.2', 'jobs', 'run-now'),
        headers: {},
        body: {
          kind: 'json',
          value: {
            job_id: target.job_id,
            job_parameters: Object.fromEntries(parameters.map(([name, value]) => [name, plainText(value)])),
            idempotency_token: request.runId,
          },
        },
      };
    },
    lookups: () => [],
    read: ({ status, text }) => {
      if (status !== 200) return { reading: 'refused', detail: text };
      // Ids are 64-bit numbers, which JSON.parse would round.
      const externalId = /"run_id"\s*:\s*"?(\d{1,20})\b/.exec(text)?.[1];
      if (externalId === undefined) return { reading: 'unclear' };
      const externalUrl = beneath(target.url, 'jobs', target.job_id, 'runs', externalId);
      return { reading: 'started', run: { externalId, externalUrl } };
    },
  };
}
