import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RetrainingPreset, type RetrainingRequest, retrainingTargetSchema } from '@plumbline/contracts';
import { isRepeatable } from '@plumbline/monitoring';
import { Webhook } from 'standardwebhooks';
import { parse } from 'yaml';
import { GuardedHttp } from '../../apps/alerter/src/egress/guarded-http.js';
import { RetrainingCaller, type TriggerResult } from '../../apps/alerter/src/retraining/targets/retraining-caller.js';
import { Secrets } from '../../apps/alerter/src/secrets/secrets.js';
import { airflow2Rules, airflow3Rules, airflowLogin } from '../support/targets/airflow.js';
import { argoEventsRules, argoEventsToken } from '../support/targets/argo-events.js';
import { argoWorkflowsRules, argoWorkflowsToken } from '../support/targets/argo-workflows.js';
import { dagsterRules, dagsterToken } from '../support/targets/dagster.js';
import { databricksClient, databricksRules } from '../support/targets/databricks.js';
import { githubRules, githubToken } from '../support/targets/github.js';
import { gitlabRules, gitlabToken } from '../support/targets/gitlab.js';
import { jenkinsLogin, jenkinsRules } from '../support/targets/jenkins.js';
import { kubeflowRules, kubeflowToken } from '../support/targets/kubeflow.js';
import { awsKeys, sagemakerRules } from '../support/targets/sagemaker.js';
import { prefectDeployment, prefectLogin, prefectRules } from '../support/targets/prefect.js';
import {
  type TargetFault,
  type TargetReply,
  type TargetRules,
  TargetServer,
} from '../support/targets/target-server.js';
import { webhookRules, webhookSecret } from '../support/targets/webhook.js';

const RUN_ID = '0123456789abcdef0123456789abcdef';
const NOW_MS = Date.UTC(2026, 0, 8, 12);
const UNKNOWN = 'a second one could start a second run';

const request: RetrainingRequest = {
  runId: RUN_ID,
  project: 'p',
  model: 'loans',
  version: '7',
  policy: 'weekly',
  reason: '2 alerts are firing: drift on "age" (critical).',
  alertIds: ['a1', 'a2'],
  features: ['age', 'income'],
  requestedAtMs: NOW_MS - 1000,
  runUrl: `https://plumbline.example/v1/retraining-runs/${RUN_ID}`,
  callbackUrl: 'https://plumbline.example/links?token=signed',
};
const standard = {
  run_id: RUN_ID,
  model: 'loans',
  version: '7',
  policy: 'weekly',
  reason: request.reason,
  features: ['age', 'income'],
  requested_at: '2026-01-08T11:59:59.000Z',
  callback_url: request.callbackUrl,
};

const environment = {
  PLUMBLINE_SECRET_AIRFLOW: airflowLogin.password,
  PLUMBLINE_SECRET_KUBEFLOW: kubeflowToken,
  PLUMBLINE_SECRET_GITHUB: githubToken,
  PLUMBLINE_SECRET_GITLAB: gitlabToken,
  PLUMBLINE_SECRET_JENKINS: jenkinsLogin.password,
  PLUMBLINE_SECRET_PREFECT: prefectLogin.password,
  PLUMBLINE_SECRET_DAGSTER: dagsterToken,
  PLUMBLINE_SECRET_ARGO_EVENTS: argoEventsToken,
  PLUMBLINE_SECRET_ARGO_WORKFLOWS: argoWorkflowsToken,
  PLUMBLINE_SECRET_DATABRICKS: databricksClient.secret,
  PLUMBLINE_SECRET_AWS_ID: awsKeys.id,
  PLUMBLINE_SECRET_AWS_KEY: awsKeys.secret,
  PLUMBLINE_SECRET_AWS_SESSION: awsKeys.session,
  PLUMBLINE_SECRET_WRONG: 'wrong',
  HOOK_SECRET: webhookSecret,
};
const secretOf = (name: string) => ({ env: `PLUMBLINE_SECRET_${name}` });

interface Preset {
  readonly preset: RetrainingPreset;
  readonly rules: () => TargetRules;
  /** The declaration for a server at that address, with that secret. */
  readonly declare: (url: string, secret: { env: string }) => object;
  readonly secret: { env: string };
  /** What is sent: its path and its body, JSON as a value, a form as its fields. */
  readonly path: string;
  readonly body: unknown;
  /** Of the first run; "URL" stands for the address of the server. */
  readonly externalId: string;
  readonly externalUrl: string;
  readonly repeatable: boolean;
  readonly contentType?: string;
}

const presets: readonly Preset[] = [
  {
    preset: 'webhook',
    rules: webhookRules,
    declare: (url, secret) => ({
      url: `${url}/train`,
      secret,
      parameters: { rows: '{{alert_count}}' },
      success: { status: [202], body: { pointer: '/state', one_of: ['queued', 'running'] } },
      external_id: '/job/id',
      external_url: '/job/url',
    }),
    secret: { env: 'HOOK_SECRET' },
    path: '/train',
    body: {
      run_id: RUN_ID,
      project: 'p',
      model: 'loans',
      version: '7',
      policy: 'weekly',
      reason: request.reason,
      alerts: ['a1', 'a2'],
      features: ['age', 'income'],
      parameters: { rows: 2 },
      requested_at: '2026-01-08T11:59:59.000Z',
      status_url: `${request.runUrl}/status`,
      callback_url: request.callbackUrl,
    },
    externalId: 'job-1',
    externalUrl: 'https://jobs.example.com/job-1',
    repeatable: true,
  },
  {
    preset: 'airflow2',
    rules: airflow2Rules,
    declare: (url, password) => ({
      preset: 'airflow2',
      url,
      dag_id: 'retrain',
      auth: { type: 'basic', username: airflowLogin.username, password },
    }),
    secret: secretOf('AIRFLOW'),
    path: '/api/v1/dags/retrain/dagRuns',
    body: { dag_run_id: RUN_ID, conf: standard },
    externalId: RUN_ID,
    externalUrl: `URL/dags/retrain/grid?dag_run_id=${RUN_ID}`,
    repeatable: true,
  },
  {
    preset: 'airflow3',
    rules: airflow3Rules,
    declare: (url, password) => ({
      preset: 'airflow3',
      url: `${url}/`,
      dag_id: 'retrain',
      auth: { type: 'airflow', username: airflowLogin.username, password },
      parameters: { features: '{{features}}', rows: '{{alert_count}}', note: 'for {{model}}', fixed: 0.5 },
    }),
    secret: secretOf('AIRFLOW'),
    path: '/api/v2/dags/retrain/dagRuns',
    body: {
      dag_run_id: RUN_ID,
      logical_date: null,
      conf: { features: ['age', 'income'], rows: 2, note: 'for loans', fixed: 0.5 },
    },
    externalId: RUN_ID,
    externalUrl: `URL/dags/retrain/runs/${RUN_ID}`,
    repeatable: true,
  },
  {
    preset: 'kubeflow',
    rules: kubeflowRules,
    declare: (url, token) => ({
      preset: 'kubeflow',
      url,
      pipeline_id: 'pipeline-1',
      pipeline_version_id: 'version-1',
      experiment_id: 'experiment-1',
      auth: { type: 'bearer', token },
      parameters: {
        model: '{{model}}',
        alert_count: '{{alert_count}}',
        features: '{{features}}',
        options: { deep: true },
      },
    }),
    secret: secretOf('KUBEFLOW'),
    path: '/apis/v2beta1/runs',
    body: {
      display_name: RUN_ID,
      experiment_id: 'experiment-1',
      pipeline_version_reference: { pipeline_id: 'pipeline-1', pipeline_version_id: 'version-1' },
      runtime_config: {
        parameters: { model: 'loans', alert_count: 2, features: ['age', 'income'], options: { deep: true } },
      },
    },
    externalId: 'kfp-1',
    externalUrl: 'URL/#/runs/details/kfp-1',
    repeatable: true,
  },
  {
    preset: 'github_dispatch',
    rules: githubRules,
    declare: (url, token) => ({ preset: 'github_dispatch', url, repository: 'acme/models', token }),
    secret: secretOf('GITHUB'),
    path: '/repos/acme/models/dispatches',
    body: { event_type: 'plumbline-retraining', client_payload: standard },
    externalId: '',
    externalUrl: '',
    repeatable: false,
  },
  {
    preset: 'github_workflow',
    rules: githubRules,
    declare: (url, token) => ({
      preset: 'github_workflow',
      url,
      repository: 'acme/models',
      workflow: 'train.yml',
      token,
      parameters: { run_id: '{{run_id}}', features: '{{features}}' },
    }),
    secret: secretOf('GITHUB'),
    path: '/repos/acme/models/actions/workflows/train.yml/dispatches',
    body: { ref: 'main', inputs: { run_id: RUN_ID, features: '["age","income"]' }, return_run_details: true },
    externalId: '1',
    externalUrl: 'https://github.com/acme/models/actions/runs/1',
    repeatable: false,
  },
  {
    preset: 'gitlab',
    rules: gitlabRules,
    declare: (url, token) => ({
      preset: 'gitlab',
      url,
      project: 'ml/loans',
      token,
      parameters: { PLUMBLINE_RUN_ID: '{{run_id}}', FEATURES: '{{features}}', ROWS: '{{alert_count}}' },
    }),
    secret: secretOf('GITLAB'),
    path: '/api/v4/projects/ml%2Floans/trigger/pipeline',
    body: [
      ['token', gitlabToken],
      ['ref', 'main'],
      ['variables[PLUMBLINE_RUN_ID]', RUN_ID],
      ['variables[FEATURES]', '["age","income"]'],
      ['variables[ROWS]', '2'],
    ],
    externalId: '1',
    externalUrl: 'https://gitlab.example.com/ml/loans/-/pipelines/1',
    repeatable: false,
  },
  {
    preset: 'jenkins',
    rules: jenkinsRules,
    declare: (url, password) => ({
      preset: 'jenkins',
      url,
      job: 'ml/retrain',
      auth: { type: 'basic', username: jenkinsLogin.username, password },
      parameters: { RUN_ID: '{{run_id}}', MODEL: '{{model}}', UNDECLARED: 'x' },
    }),
    secret: secretOf('JENKINS'),
    path: '/job/ml/job/retrain/buildWithParameters',
    body: [
      ['RUN_ID', RUN_ID],
      ['MODEL', 'loans'],
      ['UNDECLARED', 'x'],
    ],
    externalId: '1',
    externalUrl: 'URL/queue/item/1/',
    repeatable: true,
  },
  {
    preset: 'prefect3',
    rules: prefectRules,
    declare: (url, password) => ({
      preset: 'prefect3',
      url: `${url}/api`,
      deployment_id: prefectDeployment,
      auth: { type: 'basic', username: prefectLogin.username, password },
      parameters: { features: '{{features}}', since_ms: '{{requested_at_ms}}' },
    }),
    secret: secretOf('PREFECT'),
    path: `/api/deployments/${prefectDeployment}/create_flow_run`,
    body: { parameters: { features: ['age', 'income'], since_ms: NOW_MS - 1000 }, idempotency_key: RUN_ID },
    externalId: '0c9d0e0f-0000-4000-8000-000000000000',
    externalUrl: 'URL/runs/flow-run/0c9d0e0f-0000-4000-8000-000000000000',
    repeatable: true,
  },
  {
    preset: 'dagster',
    rules: dagsterRules,
    declare: (url, value) => ({
      preset: 'dagster',
      url,
      location: 'ml',
      job: 'retrain',
      auth: { type: 'header', name: 'Dagster-Cloud-Api-Token', value },
      parameters: { ops: { train: { config: { features: '{{features}}' } } } },
    }),
    secret: secretOf('DAGSTER'),
    path: '/graphql',
    body: {
      query: expect.stringContaining('mutation') as string,
      variables: {
        params: {
          selector: { repositoryLocationName: 'ml', repositoryName: '__repository__', jobName: 'retrain' },
          runConfigData: { ops: { train: { config: { features: ['age', 'income'] } } } },
          executionMetadata: { tags: [{ key: 'plumbline/run_id', value: RUN_ID }] },
        },
      },
    },
    externalId: 'dagster-1',
    externalUrl: 'URL/runs/dagster-1',
    repeatable: true,
  },
  {
    preset: 'argo_events',
    rules: argoEventsRules,
    declare: (url, token) => ({ preset: 'argo_events', url: `${url}/retrain`, auth: { type: 'bearer', token } }),
    secret: secretOf('ARGO_EVENTS'),
    path: '/retrain',
    body: standard,
    externalId: '',
    externalUrl: '',
    repeatable: false,
  },
  {
    preset: 'argo_workflows',
    rules: argoWorkflowsRules,
    declare: (url, token) => ({
      preset: 'argo_workflows',
      url,
      namespace: 'ml',
      template: 'retrain',
      auth: { type: 'bearer', token },
      parameters: { model: '{{model}}', features: '{{features}}' },
    }),
    secret: secretOf('ARGO_WORKFLOWS'),
    path: '/api/v1/workflows/ml/submit',
    body: {
      namespace: 'ml',
      resourceKind: 'WorkflowTemplate',
      resourceName: 'retrain',
      submitOptions: { name: `retraining-${RUN_ID}`, parameters: ['model=loans', 'features=["age","income"]'] },
    },
    externalId: `retraining-${RUN_ID}`,
    externalUrl: `URL/workflows/ml/retraining-${RUN_ID}`,
    repeatable: true,
  },
  {
    preset: 'databricks',
    rules: databricksRules,
    declare: (url, client_secret) => ({
      preset: 'databricks',
      url,
      job_id: 77,
      auth: {
        type: 'oauth2',
        token_url: `${url}/oidc/v1/token`,
        client_id: databricksClient.id,
        client_secret,
        scope: 'all-apis',
      },
      parameters: { model: '{{model}}', rows: '{{alert_count}}' },
    }),
    secret: secretOf('DATABRICKS'),
    path: '/api/2.2/jobs/run-now',
    body: { job_id: 77, job_parameters: { model: 'loans', rows: '2' }, idempotency_token: RUN_ID },
    externalId: '9007199254740993',
    externalUrl: 'URL/jobs/77/runs/9007199254740993',
    repeatable: true,
  },
  {
    preset: 'sagemaker',
    rules: sagemakerRules,
    declare: (url, secret_access_key) => ({
      preset: 'sagemaker',
      url,
      region: 'eu-central-1',
      pipeline: 'retrain-loans',
      access_key_id: secretOf('AWS_ID'),
      secret_access_key,
      session_token: secretOf('AWS_SESSION'),
      headers: { 'X-Team': 'ml ops' },
      parameters: { Features: '{{features}}', Rows: '{{alert_count}}' },
    }),
    secret: secretOf('AWS_KEY'),
    path: '/',
    body: {
      PipelineName: 'retrain-loans',
      PipelineParameters: [
        { Name: 'Features', Value: '["age","income"]' },
        { Name: 'Rows', Value: '2' },
      ],
      ClientRequestToken: RUN_ID,
    },
    externalId: 'arn:aws:sagemaker:eu-central-1:123456789012:pipeline/retrain-loans/execution/run1',
    externalUrl: '',
    repeatable: true,
  },
];

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve<Rules extends TargetRules>(rules: Rules): Promise<TargetServer & { readonly rules: Rules }> {
  const server = await TargetServer.start(rules);
  open.push(server);
  return server as TargetServer & { readonly rules: Rules };
}

function callerOf(totalTimeoutMs = 60_000): RetrainingCaller {
  const http = new GuardedHttp({ allowedAddresses: ['127.0.0.0/8'], allowHttp: true, totalTimeoutMs });
  open.push(http);
  return new RetrainingCaller({ http, secrets: new Secrets(environment, '') });
}

const live = new AbortController().signal;

function trigger(target: object, caller = callerOf(), values: Partial<RetrainingRequest> = {}, attemptedAtMs = NOW_MS) {
  const context = { attemptedAtMs, signal: live };
  return caller.triggerRetraining(retrainingTargetSchema.parse(target), { ...request, ...values }, context);
}

it('tests every preset', () => {
  expect(presets.map(({ preset }) => preset)).toEqual(
    retrainingTargetSchema.options.map(({ shape }) => [...shape.preset._zod.values][0]),
  );
});

it('has an example of every preset in the documentation, each of which can be declared', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/retraining.md'), 'utf8');
  const examples = [...text.slice(text.indexOf('### Examples')).matchAll(/```yaml\n(.*?)```/gs)];
  const declared = examples.map(([, example = '']) => retrainingTargetSchema.parse(parse(example)).preset);
  expect([...new Set(declared)].sort()).toEqual(presets.map(({ preset }) => preset).sort());
});

describe.each(presets)('$preset', ({ rules, declare, secret, path, body, repeatable, ...expected }) => {
  const delivered = (url: string) => ({
    outcome: 'delivered',
    externalId: expected.externalId,
    externalUrl: expected.externalUrl.replace('URL', url),
  });

  it('starts one run, with a request that the target takes, and says which run it is', async () => {
    const server = await serve(rules());
    expect(await trigger(declare(server.url, secret))).toMatchObject(delivered(server.url));
    expect(server.rules.runs()).toBe(1);
    const [sent] = server.starts();
    expect(sent!.path).toBe(path);
    expect(sent!.headers['idempotency-key']).toBe(RUN_ID);
    const form = sent!.headers['content-type'] === 'application/x-www-form-urlencoded';
    expect(form ? [...new URLSearchParams(sent!.body)] : JSON.parse(sent!.body)).toEqual(body);
  });

  it('starts no second run when it is called again, or says that it would', async () => {
    const server = await serve(rules());
    const target = declare(server.url, secret);
    expect(isRepeatable(retrainingTargetSchema.parse(target))).toBe(repeatable);
    if (!repeatable) return;
    const caller = callerOf();
    expect(await trigger(target, caller)).toMatchObject(delivered(server.url));
    expect(await trigger(target, caller)).toMatchObject(delivered(server.url));
    expect(server.rules.runs()).toBe(1);
    await trigger(target, caller, { runId: 'fedcba9876543210fedcba9876543210' });
    expect(server.rules.runs()).toBe(2);
  });

  it.each<TargetFault>(['hang', 'close', 'start, then close', { status: 502, body: 'bad gateway' }, { status: 504 }])(
    'does not know what became of a call that met %j, and never starts a second run',
    async (fault) => {
      const server = await serve(rules());
      const target = declare(server.url, secret);
      server.faults.push(fault);
      // A short time-out only where it is waited for: elsewhere a busy machine would need it.
      const result = await trigger(target, callerOf(fault === 'hang' ? 1_000 : 60_000));
      expect(result).toMatchObject(
        repeatable
          ? { outcome: 'retryable' }
          : { outcome: 'rejected', detail: expect.stringContaining(UNKNOWN) as string },
      );
      if (!repeatable) return;
      server.faults.length = 0;
      expect(await trigger(target)).toMatchObject({ outcome: 'delivered' });
      expect(server.rules.runs()).toBe(1);
    },
  );

  it('tells nonsense after a start from a run, where the answer is what counts', async () => {
    const server = await serve(rules());
    const target = declare(server.url, secret);
    server.faults.push('start, then nonsense');
    const result = await trigger(target);
    if (!repeatable || expected.externalId === '' || path.includes('buildWithParameters')) {
      expect(result).toMatchObject({ outcome: 'delivered', externalId: '', externalUrl: '' });
      return;
    }
    expect(result).toMatchObject({ outcome: 'retryable', detail: expect.stringContaining('<html>') as string });
    expect(await trigger(target)).toMatchObject({ outcome: 'delivered' });
    expect(server.rules.runs()).toBe(1);
  });

  it.each<[TargetReply, Partial<TriggerResult>]>([
    [
      { status: 429, headers: { 'retry-after': '120' } },
      { outcome: 'retryable', status: 429, retryAfterMs: 120_000 },
    ],
    [
      { status: 500, body: ' it\n\tbroke\u0000 ' },
      { outcome: 'retryable', status: 500, detail: 'it broke' },
    ],
    [{ status: 503 }, { outcome: 'retryable', status: 503 }],
    [
      { status: 400, body: 'x'.repeat(1000) },
      { outcome: 'rejected', status: 400, detail: 'x'.repeat(200) },
    ],
    [{ status: 403 }, { outcome: 'rejected', status: 403 }],
    [{ status: 408 }, { outcome: 'rejected', status: 408 }],
    [
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      { outcome: 'rejected', status: 307 },
    ],
  ])('meets %j', async (fault, result) => {
    const server = await serve(rules());
    server.faults.push(fault);
    expect(await trigger(declare(server.url, secret))).toMatchObject(result);
    expect(server.rules.runs()).toBe(0);
  });

  it('is refused with another secret, and waits for one that is not there', async () => {
    const server = await serve(rules());
    const wrong = secret.env === 'HOOK_SECRET' ? { env: 'HOOK_SECRET_WRONG' } : secretOf('WRONG');
    const refused = await trigger(declare(server.url, wrong));
    if (secret.env !== 'HOOK_SECRET') {
      expect(refused).toMatchObject({ outcome: 'rejected' });
      expect([401, 403, 404]).toContain(refused.status);
    }
    const missing = await trigger(declare(server.url, secretOf('NONE')));
    expect(missing).toMatchObject({ outcome: 'retryable', status: 0 });
    expect(missing.detail).toContain('PLUMBLINE_SECRET_NONE');
    expect(server.rules.runs()).toBe(0);
  });

  it('waits for a target that is not there, and for nothing that may not be called', async () => {
    // Nobody listens on port 1.
    const result = await trigger(declare('http://127.0.0.1:1', secret));
    expect(result).toMatchObject({
      outcome: 'retryable',
      status: 0,
      detail: expect.stringContaining('ECONNREFUSED') as string,
    });
    const server = await serve(rules());
    const http = new GuardedHttp({ allowedAddresses: [], allowHttp: true });
    open.push(http);
    const caller = new RetrainingCaller({ http, secrets: new Secrets(environment, '') });
    const refused = await trigger(declare(server.url, secret), caller);
    expect(refused).toMatchObject({ outcome: 'rejected', status: 0 });
    expect(refused.detail).toContain('alerting.allowedAddresses');
  });

  it('throws what it is interrupted with', async () => {
    const server = await serve(rules());
    server.faults.push('hang');
    const abort = new AbortController();
    const reason = new Error('shutting down');
    const target = retrainingTargetSchema.parse(declare(server.url, secret));
    const calling = callerOf().triggerRetraining(target, request, { attemptedAtMs: NOW_MS, signal: abort.signal });
    while (server.starts().length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(reason);
    await expect(calling).rejects.toBe(reason);
  });
});

describe('targets with rules of their own', () => {
  const declared = (preset: RetrainingPreset, url: string) => {
    const { declare, secret } = presets.find((each) => each.preset === preset)!;
    return declare(url, secret) as Record<string, unknown>;
  };

  it.each<[string, RetrainingPreset, () => TargetRules, object, number, string]>([
    ['an unknown DAG', 'airflow3', airflow3Rules, { dag_id: 'other' }, 404, 'DAG not found'],
    [
      'a parameter of the wrong type',
      'kubeflow',
      kubeflowRules,
      { parameters: { alert_count: 'x' } },
      400,
      'wrong type',
    ],
    ['an input that is not declared', 'github_workflow', githubRules, { parameters: { rows: 1 } }, 422, 'Unexpected'],
    ['an unknown branch', 'github_workflow', githubRules, { ref: 'gone' }, 422, 'No ref found'],
    ['an unknown branch', 'gitlab', gitlabRules, { ref: 'gone' }, 400, 'Reference not found'],
    ['a list that is none', 'prefect3', prefectRules, { parameters: { features: '{{model}}' } }, 409, 'not an array'],
    ['a failure with status 200', 'dagster', dagsterRules, { job: 'other' }, 200, 'PipelineNotFoundError: Could not'],
    ['a wrong run config', 'dagster', dagsterRules, { parameters: {} }, 200, 'RunConfigValidationInvalid: Missing'],
    ['an unknown template', 'argo_workflows', argoWorkflowsRules, { template: 'other' }, 404, 'template not found'],
    ['an unknown pipeline', 'sagemaker', sagemakerRules, { pipeline: 'other' }, 400, 'does not exist'],
    ['an unknown job', 'databricks', databricksRules, { job_id: 78 }, 400, 'INVALID_PARAMETER_VALUE'],
  ])('shows %s of %s as what it is', async (_, preset, rules, values, status, detail) => {
    const server = await serve(rules());
    const result = await trigger({ ...declared(preset, server.url), ...values });
    expect(result).toMatchObject({ outcome: 'rejected', status });
    expect(result.detail).toContain(detail);
    expect(server.rules.runs()).toBe(0);
  });

  it('does not send GitHub more than it takes', async () => {
    const server = await serve(githubRules());
    const features = Array.from({ length: 10_000 }, (_, index) => `feature-${index}`);
    const result = await trigger(declared('github_dispatch', server.url), callerOf(), { features });
    expect(result).toMatchObject({ outcome: 'rejected', status: 0 });
    expect(result.detail).toContain('the target takes 65535: pass fewer parameters');
    expect(server.requests).toEqual([]);
  });

  it('calls SageMaker later when it says with status 400 that it is too much', async () => {
    const server = await serve(sagemakerRules());
    server.faults.push({
      status: 400,
      body: { __type: 'com.amazon.coral#ThrottlingException', message: 'Rate exceeded' },
    });
    expect(await trigger(declared('sagemaker', server.url))).toMatchObject({ outcome: 'retryable', status: 400 });
  });

  it.each(['github_dispatch', 'github_workflow'] as const)('calls %s later when it limits the rate', async (preset) => {
    const server = await serve(githubRules());
    server.faults.push({ status: 403, headers: { 'retry-after': '60' } });
    server.faults.push({ status: 403, headers: { 'x-ratelimit-remaining': '0' } });
    const target = declared(preset, server.url);
    expect(await trigger(target)).toMatchObject({ outcome: 'retryable', status: 403, retryAfterMs: 60_000 });
    expect(await trigger(target)).toMatchObject({ outcome: 'retryable', status: 403 });
  });

  it('takes a workflow run without details', async () => {
    const server = await serve(githubRules());
    const result = await trigger({ ...declared('github_workflow', server.url), run_details: false });
    expect(result).toMatchObject({ outcome: 'delivered', status: 204, externalId: '' });
  });

  it('finds a run of Jenkins in the queue and among the builds', async () => {
    const server = await serve(jenkinsRules());
    const target = declared('jenkins', server.url);
    server.faults.push('start, then close');
    expect(await trigger(target)).toMatchObject({ outcome: 'retryable' });
    expect(await trigger(target)).toMatchObject({ outcome: 'delivered', externalUrl: `${server.url}/queue/item/1/` });
    server.rules.execute();
    expect(await trigger(target)).toMatchObject({
      outcome: 'delivered',
      externalUrl: `${server.url}/job/ml/job/retrain/1/`,
    });
    expect(server.rules.runs()).toBe(1);
    expect(server.starts()).toHaveLength(1);
  });

  it('does not repeat a call of Jenkins without a parameter that holds the run id', async () => {
    const server = await serve(jenkinsRules());
    const target = { ...declared('jenkins', server.url), parameters: { MODEL: 'for {{run_id}}' } };
    expect(isRepeatable(retrainingTargetSchema.parse(target))).toBe(false);
    server.faults.push('start, then close');
    expect(await trigger(target)).toMatchObject({
      outcome: 'rejected',
      detail: expect.stringContaining(UNKNOWN) as string,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('repeats a call of Argo Events where the sensor is said to know the key', async () => {
    const server = await serve(argoEventsRules());
    server.faults.push('close');
    const target = { ...declared('argo_events', server.url), idempotent: true };
    expect(await trigger(target)).toMatchObject({ outcome: 'retryable', status: 0 });
  });

  it('starts nothing when the question before the call is not answered', async () => {
    const refusing = await serve({ starts: () => false, runs: () => 0, reply: () => ({ status: 403, body: 'no' }) });
    const failing = await serve({ starts: () => false, runs: () => 0, reply: () => ({ status: 503 }) });
    const babbling = await serve({
      starts: () => false,
      runs: () => 0,
      reply: () => ({ status: 200, body: '<html>' }),
    });
    for (const preset of ['kubeflow', 'jenkins', 'dagster'] as const) {
      const detail = expect.stringContaining('the target did not say') as string;
      expect(await trigger(declared(preset, refusing.url))).toMatchObject({ outcome: 'rejected', status: 403, detail });
      expect(await trigger(declared(preset, failing.url))).toMatchObject({ outcome: 'retryable', status: 503, detail });
      expect(await trigger(declared(preset, babbling.url))).toMatchObject({ outcome: 'retryable', detail });
    }
    const requests = [refusing, failing, babbling].flatMap((server) => server.requests);
    expect(requests.some(({ path, body }) => path.includes('buildWith') || body.includes('launchRun'))).toBe(false);
    expect(requests).toHaveLength(9);
  });

  it('takes a list of Kubeflow that is too long to read for a run that is there', async () => {
    const reply = () => ({ status: 200, body: { runs: [{ display_name: RUN_ID, details: 'x'.repeat(200_000) }] } });
    const server = await serve({ starts: () => false, runs: () => 0, reply });
    expect(await trigger(declared('kubeflow', server.url))).toMatchObject({ outcome: 'delivered', externalId: '' });
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('webhook', () => {
  const url = (server: TargetServer) => `${server.url}/train`;

  it('signs so that the standardwebhooks package verifies it', async () => {
    const server = await serve(webhookRules());
    const now = Date.now();
    await trigger({ url: url(server), secret: { env: 'HOOK_SECRET' } }, callerOf(), {}, now);
    await trigger({ url: url(server), secret: { env: 'HOOK_SECRET' } }, callerOf(), {}, now + 5_000);
    const [first, second] = server.requests;
    for (const { body, headers } of [first!, second!]) {
      expect(new Webhook(webhookSecret).verify(body, headers as Record<string, string>)).toMatchObject({
        run_id: RUN_ID,
      });
    }
    expect(second!.body).toBe(first!.body);
  });

  it('sends declared headers, method, body and encoding, and keeps its own headers', async () => {
    const server = await serve(webhookRules());
    const headers = { 'X-Team': 'ml', 'Idempotency-Key': 'mine', Host: 'evil.example' };
    const body = { model: '{{model}}', features: '{{features}}', n: '{{feature_count}}', nothing: null };
    const target = { url: url(server), headers, method: 'PUT', encoding: 'form', body, success: { status: [202] } };
    expect(await trigger(target)).toMatchObject({ outcome: 'delivered', status: 202 });
    const [sent] = server.requests;
    expect(sent!.method).toBe('PUT');
    expect([...new URLSearchParams(sent!.body)]).toEqual([
      ['model', 'loans'],
      ['features', '["age","income"]'],
      ['n', '2'],
      ['nothing', ''],
    ]);
    expect(sent!.headers).toMatchObject({
      'x-team': 'ml',
      'idempotency-key': RUN_ID,
      host: new URL(server.url).host,
      'content-type': 'application/x-www-form-urlencoded',
    });
  });

  it.each<[object, object, Partial<TriggerResult>]>([
    [{}, { status: 204 }, { outcome: 'delivered' }],
    [{ status: [200, 409] }, { status: 409, body: {} }, { outcome: 'delivered', status: 409 }],
    [{ status: [200] }, { status: 201, body: {} }, { outcome: 'rejected', status: 201 }],
    [{ body: { pointer: '/ok', equals: true } }, { status: 200, body: { ok: true } }, { outcome: 'delivered' }],
    [
      { body: { pointer: '/ok', equals: true } },
      { status: 200, body: { ok: 'true' } },
      { outcome: 'rejected', detail: 'the answer does not say success: /ok is "true"' },
    ],
    [
      { body: { pointer: '/a/0', one_of: [1, null] } },
      { status: 200, body: { a: [] } },
      { outcome: 'rejected', detail: 'the answer does not say success: /a/0 is not there' },
    ],
    [{ body: { pointer: '/a/0', one_of: [1, null] } }, { status: 200, body: { a: [null] } }, { outcome: 'delivered' }],
    [{ body: { pointer: '/ok', equals: true } }, { status: 200, body: 'ok' }, { outcome: 'retryable' }],
  ])('with success %j takes %j as %j', async (success, reply, result) => {
    const server = await serve({ starts: () => true, runs: () => 0, reply: () => reply as TargetReply });
    expect(await trigger({ url: url(server), success })).toMatchObject(result);
  });

  it('takes no address that a browser should not open, and no id that cannot be shown', async () => {
    const reply = () => ({ status: 200, body: { id: 'a\u0000b', url: 'javascript:alert(1)' } });
    const server = await serve({ starts: () => true, runs: () => 0, reply });
    const target = { url: url(server), external_id: '/id', external_url: '/url' };
    expect(await trigger(target)).toMatchObject({ outcome: 'delivered', externalId: '', externalUrl: '' });
  });

  it('does not repeat a call that may have worked where the pipeline keeps no keys', async () => {
    const server = await serve(webhookRules());
    server.faults.push('start, then close');
    const result = await trigger({ url: url(server), idempotent: false });
    expect(result).toMatchObject({ outcome: 'rejected', detail: expect.stringContaining(UNKNOWN) as string });
  });

  it('does not know of an answer without end', async () => {
    const reply = () => ({ status: 200, body: 'x'.repeat(1_000_000) });
    const server = await serve({ starts: () => true, runs: () => 0, reply });
    expect(await trigger({ url: url(server) })).toMatchObject({ outcome: 'retryable', status: 0 });
    const once = await trigger({ url: url(server), idempotent: false });
    expect(once).toMatchObject({ outcome: 'rejected', detail: expect.stringContaining(UNKNOWN) as string });
  });
});

describe('access tokens', () => {
  const { declare, secret } = presets.find(({ preset }) => preset === 'databricks')!;

  it('are kept until shortly before their end', async () => {
    const server = await serve(databricksRules(3600));
    const caller = callerOf();
    const at = (ms: number) => trigger(declare(server.url, secret), caller, {}, NOW_MS + ms);
    for (const ms of [0, 1_000, 3_539_000]) expect(await at(ms)).toMatchObject({ outcome: 'delivered' });
    expect(server.rules.tokensGiven()).toBe(1);
    await at(3_540_000);
    expect(server.rules.tokensGiven()).toBe(2);
  });

  it('are fetched anew once when one is not accepted any more', async () => {
    const databricks = await serve(databricksRules());
    const airflow = await serve(airflow3Rules());
    const caller = callerOf();
    const targets = [declare(databricks.url, secret), presets[2]!.declare(airflow.url, presets[2]!.secret)];
    for (const target of targets) expect(await trigger(target, caller)).toMatchObject({ outcome: 'delivered' });
    databricks.rules.revoke();
    airflow.rules.revoke();
    for (const target of targets) expect(await trigger(target, caller)).toMatchObject({ outcome: 'delivered' });
    expect([databricks.rules.tokensGiven(), airflow.rules.tokensGiven()]).toEqual([2, 2]);
    expect([databricks.rules.runs(), airflow.rules.runs()]).toEqual([1, 1]);
  });

  it('are asked for twice at most when none is accepted', async () => {
    let given = 0;
    const server = await serve({
      starts: ({ path }) => path.endsWith('/run-now'),
      runs: () => 0,
      reply: ({ path }) =>
        path.endsWith('/token') ? { status: 200, body: { access_token: `t${++given}` } } : { status: 401, body: 'no' },
    });
    expect(await trigger(declare(server.url, secret))).toMatchObject({
      outcome: 'rejected',
      status: 401,
      detail: 'no',
    });
    expect(given).toBe(2);
  });

  it.each<[TargetReply, Partial<TriggerResult>]>([
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { outcome: 'retryable', status: 429, retryAfterMs: 7_000 },
    ],
    [
      { status: 503 },
      { outcome: 'retryable', status: 503, detail: 'no access token: the token endpoint answered 503' },
    ],
    [
      { status: 400, body: { error: 'invalid_scope', secret: 'hunter2' } },
      { outcome: 'rejected', detail: 'no access token: the token endpoint answered 400, invalid_scope' },
    ],
    [
      { status: 200, body: '<html>' },
      { outcome: 'rejected', detail: expect.stringContaining('no access_token') as string },
    ],
    [{ status: 200, body: { access_token: 'a\r\nb' } }, { outcome: 'rejected' }],
    [{ status: 200, body: { access_token: 'a', token_type: 'mac' } }, { outcome: 'rejected' }],
  ])('meet %j of their endpoint', async (reply, result) => {
    const server = await serve({ starts: ({ path }) => path.endsWith('/run-now'), runs: () => 0, reply: () => reply });
    expect(await trigger(declare(server.url, secret))).toMatchObject(result);
    expect(server.starts()).toEqual([]);
  });

  it('can be had by id and secret in the body', async () => {
    const server = await serve(databricksRules());
    const target = declare(server.url, secret) as { auth: object };
    await trigger({ ...target, auth: { ...target.auth, client_auth: 'body', audience: 'jobs' } });
    expect([...new URLSearchParams(server.requests[0]!.body)]).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'all-apis'],
      ['audience', 'jobs'],
      ['client_id', databricksClient.id],
      ['client_secret', databricksClient.secret],
    ]);
    expect(server.requests[0]!.headers.authorization).toBeUndefined();
  });
});
