import type { RetrainingRequest, TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { idAt, parseJson } from './read-json.js';
import type { AnswerReading, TargetAnswer, TargetProtocol } from './target-protocol.js';

/** Airflow 2, stable REST API v1: the run id is the id of the DAG run, so a second call is refused with 409. */
export function airflow2Protocol(target: TargetOf<'airflow2'>): TargetProtocol {
  const runUrl = (id: string) =>
    `${beneath(target.url, 'dags', target.dag_id, 'grid')}?dag_run_id=${encodeURIComponent(id)}`;
  return {
    repeatable: true,
    call: (request) => ({
      method: 'POST',
      url: beneath(target.url, 'api', 'v1', 'dags', target.dag_id, 'dagRuns'),
      headers: {},
      body: { kind: 'json', value: { dag_run_id: request.runId, conf: confOf(target, request) } },
    }),
    lookups: () => [],
    read: (answer, { runId }) => read(answer, runId, runUrl),
  };
}

/** Airflow 3, REST API v2: `logical_date` must be there, and null lets several runs of a moment stand side by side. */
export function airflow3Protocol(target: TargetOf<'airflow3'>): TargetProtocol {
  const runUrl = (id: string) => beneath(target.url, 'dags', target.dag_id, 'runs', id);
  return {
    repeatable: true,
    call: (request) => ({
      method: 'POST',
      url: beneath(target.url, 'api', 'v2', 'dags', target.dag_id, 'dagRuns'),
      headers: {},
      body: {
        kind: 'json',
        value: { dag_run_id: request.runId, logical_date: null, conf: confOf(target, request) },
      },
    }),
    lookups: () => [],
    read: (answer, { runId }) => read(answer, runId, runUrl),
  };
}

function confOf({ parameters }: TargetOf<'airflow2' | 'airflow3'>, request: RetrainingRequest): object {
  return fillTemplates(parameters, placeholderValues(request));
}

function read({ status, text }: TargetAnswer, runId: string, runUrl: (id: string) => string): AnswerReading {
  if (status === 409) return { reading: 'started', run: { externalId: runId, externalUrl: runUrl(runId) } };
  if (status !== 200 && status !== 201) return { reading: 'refused', detail: text };
  // A page of a login in front of it has status 200 too.
  const externalId = idAt(parseJson(text), '/dag_run_id');
  return externalId === ''
    ? { reading: 'unclear' }
    : { reading: 'started', run: { externalId, externalUrl: runUrl(externalId) } };
}
