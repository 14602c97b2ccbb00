import type { RetrainingRequest, TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { atPointer, idAt, parseJson } from './read-json.js';
import type { Lookup, StartedRun, TargetProtocol } from './target-protocol.js';

/** Kubeflow Pipelines, API v2beta1. It knows no key, so it is asked first whether a run has the run id as its name. */
export function kubeflowProtocol(target: TargetOf<'kubeflow'>): TargetProtocol {
  const runsUrl = beneath(target.url, 'apis', 'v2beta1', 'runs');
  return {
    repeatable: true,
    call: (request) => ({
      method: 'POST',
      url: runsUrl,
      headers: {},
      body: {
        kind: 'json',
        value: {
          display_name: request.runId,
          pipeline_version_reference: {
            pipeline_id: target.pipeline_id,
            pipeline_version_id: target.pipeline_version_id,
          },
          runtime_config: { parameters: fillTemplates(target.parameters, placeholderValues(request)) },
          experiment_id: target.experiment_id,
          service_account: target.service_account,
        },
      },
    }),
    lookups: (request) => [lookup(target, runsUrl, request)],
    read: ({ status, text }) => {
      if (status !== 200) return { reading: 'refused', detail: text };
      const externalId = idAt(parseJson(text), '/run_id');
      return externalId === '' ? { reading: 'unclear' } : { reading: 'started', run: runOf(target, externalId) };
    },
  };
}

function lookup(target: TargetOf<'kubeflow'>, runsUrl: string, { runId }: RetrainingRequest): Lookup {
  const filter = { predicates: [{ key: 'display_name', operation: 'EQUALS', string_value: runId }] };
  const query = new URLSearchParams({ page_size: '1', filter: JSON.stringify(filter) });
  if (target.experiment_id !== undefined) query.set('experiment_id', target.experiment_id);
  return {
    call: { method: 'GET', url: `${runsUrl}?${query.toString()}`, headers: {}, body: { kind: 'none' } },
    find: ({ text }) => {
      const json = parseJson(text);
      if (atPointer(json, '/runs/0/display_name') === runId) return runOf(target, idAt(json, '/runs/0/run_id'));
      // Without runs there is no list either.
      const runs = atPointer(json, '/runs') ?? [];
      return typeof json === 'object' && json !== null && Array.isArray(runs) && runs.length === 0 ? 'none' : undefined;
    },
    // None is a short answer; the details of a run may be a long one.
    whenTooLong: { externalId: '', externalUrl: '' },
  };
}

function runOf({ url }: TargetOf<'kubeflow'>, externalId: string): StartedRun {
  const externalUrl = externalId === '' ? '' : `${beneath(url)}/#/runs/details/${encodeURIComponent(externalId)}`;
  return { externalId, externalUrl };
}
