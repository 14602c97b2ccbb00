import type { TargetOf } from '@plumbline/contracts';
import { fillTemplates } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import type { TargetProtocol } from './target-protocol.js';

/** Argo Events, webhook event source: 200 means that the event is on its bus; what the sensor makes of it is not said. */
export function argoEventsProtocol(target: TargetOf<'argo_events'>): TargetProtocol {
  return {
    repeatable: target.idempotent,
    call: (request) => ({
      method: 'POST',
      url: target.url,
      headers: {},
      body: { kind: 'json', value: fillTemplates(target.parameters, placeholderValues(request)) },
    }),
    lookups: () => [],
    read: ({ status, text }) =>
      status >= 200 && status < 300
        ? { reading: 'started', run: { externalId: '', externalUrl: '' } }
        : { reading: 'refused', detail: text },
  };
}
