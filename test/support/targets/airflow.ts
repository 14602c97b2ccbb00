import { hasBasic, hasBearer, isObject, jsonBody, unknownKey } from './read-request.js';
import type { TargetRequest, TargetRules } from './target-server.js';

export const airflowLogin = { username: 'plumbline', password: 'airflow-pass' };
const RUN_ID = /^[A-Za-z0-9_.~:+-]{1,250}$/;

/** Airflow 2.10, stable REST API: create a DAG run. Knows the DAG "retrain". */
export function airflow2Rules(): TargetRules {
  const runs = new Set<string>();
  const problem = (status: number, title: string, detail: unknown) => ({
    status,
    body: { type: 'https://airflow.apache.org/docs', title, status, detail },
  });
  return {
    starts: ({ method }) => method === 'POST',
    runs: () => runs.size,
    reply: (request) => {
      if (!hasBasic(request, airflowLogin.username, airflowLogin.password)) return problem(401, 'Unauthorized', null);
      if (request.method !== 'POST') return problem(405, 'Method Not Allowed', null);
      if (request.path !== '/api/v1/dags/retrain/dagRuns') return problem(404, 'DAG not found', null);
      const body = jsonBody(request);
      if (body === undefined) return problem(415, 'Unsupported Media Type', null);
      const unknown = unknownKey(
        body,
        'conf',
        'dag_run_id',
        'data_interval_end',
        'data_interval_start',
        'execution_date',
        'logical_date',
        'note',
      );
      if (unknown !== undefined) return problem(400, 'Bad Request', `{'${unknown}': ['Unknown field.']}`);
      const { dag_run_id: runId, conf = {} } = body;
      if (typeof runId !== 'string' || !RUN_ID.test(runId)) return problem(400, 'Bad Request', 'dag_run_id');
      if (!isObject(conf)) return problem(400, 'Bad Request', "{'conf': ['Not a valid mapping type.']}");
      if (runs.has(runId)) {
        return problem(409, 'Conflict', `DAGRun with DAG ID: 'retrain' and DAGRun ID: '${runId}' already exists`);
      }
      runs.add(runId);
      return { status: 200, body: { dag_id: 'retrain', dag_run_id: runId, state: 'queued', conf, run_type: 'manual' } };
    },
  };
}

export interface Airflow3Rules extends TargetRules {
  /** Makes the tokens that were given invalid. */
  revoke(): void;
  tokensGiven(): number;
}

/** Airflow 3.1: tokens of /auth/token, and trigger a DAG run of API v2. Knows the DAG "retrain". */
export function airflow3Rules(): Airflow3Rules {
  const runs = new Set<string>();
  let given = 0;
  let valid = '';
  const invalid = (type: string, field: string) => ({
    status: 422,
    body: { detail: [{ type, loc: ['body', field], msg: type }] },
  });
  const token = (request: TargetRequest) => {
    const body = jsonBody(request);
    if (body?.username !== airflowLogin.username || body.password !== airflowLogin.password) {
      return { status: 401, body: { detail: 'Invalid credentials' } };
    }
    valid = `airflow-token-${++given}`;
    return { status: 201, body: { access_token: valid } };
  };
  return {
    starts: ({ method, path }) => method === 'POST' && path.endsWith('/dagRuns'),
    runs: () => runs.size,
    revoke: () => {
      valid = '';
    },
    tokensGiven: () => given,
    reply: (request) => {
      if (request.path === '/auth/token' && request.method === 'POST') return token(request);
      if (valid === '' || !hasBearer(request, valid)) return { status: 401, body: { detail: 'Not authenticated' } };
      if (request.path !== '/api/v2/dags/retrain/dagRuns') return { status: 404, body: { detail: 'DAG not found' } };
      const body = jsonBody(request);
      if (body === undefined) return invalid('model_attributes_type', 'body');
      const unknown = unknownKey(
        body,
        'conf',
        'dag_run_id',
        'data_interval_end',
        'data_interval_start',
        'logical_date',
        'note',
        'run_after',
      );
      if (unknown !== undefined) return invalid('extra_forbidden', unknown);
      if (!('logical_date' in body)) return invalid('missing', 'logical_date');
      const { dag_run_id: runId, conf = {}, logical_date: logicalDate } = body;
      if (typeof runId !== 'string' || !RUN_ID.test(runId)) return invalid('string_type', 'dag_run_id');
      if (logicalDate !== null && typeof logicalDate !== 'string') return invalid('datetime_type', 'logical_date');
      if (!isObject(conf)) return invalid('dict_type', 'conf');
      if (runs.has(runId)) return { status: 409, body: { detail: { reason: 'Unique constraint violation' } } };
      runs.add(runId);
      return { status: 200, body: { dag_id: 'retrain', dag_run_id: runId, logical_date: null, state: 'queued', conf } };
    },
  };
}
