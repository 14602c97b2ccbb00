import { z } from 'zod';
import { templateSchema, templatesSchema } from './retraining-placeholders.js';
import { secretSchema, webhookUrlSchema } from './secret.schema.js';

const NOT_DOTS = 'must not be "." or ".."';

/** A record whose keys must match; `rule` tells people what a key must be. */
function recordOf<Value extends z.ZodType>(key: RegExp, rule: string, value: Value) {
  const error = ({ code }: { readonly code?: string }) => (code === 'invalid_key' ? rule : undefined);
  return z.record(z.string().regex(key), value, { error });
}

/** A header name of RFC 9110. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
const headersSchema = recordOf(
  HEADER_NAME,
  'must be the name of an HTTP header, as in X-Team',
  z
    .string()
    .max(4096)
    .regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII on one line'),
)
  .default({})
  .describe('sent as they are; secrets belong in auth');

const targetUrlSchema = webhookUrlSchema.refine((url) => !/^[a-z]+:\/\/[^/?#]*@/i.test(url), {
  error: 'must not hold a user name or password: use auth',
});
const baseUrlSchema = targetUrlSchema.refine((url) => !/[?#]/.test(url), {
  error: 'must be the base address of the server, without ? and #',
});

const basicAuthSchema = z.strictObject({
  type: z.literal('basic'),
  username: z.string().min(1),
  password: secretSchema,
});
const commonAuth = [
  z.strictObject({ type: z.literal('none') }),
  basicAuthSchema,
  z.strictObject({ type: z.literal('bearer'), token: secretSchema }),
  z.strictObject({
    type: z.literal('header'),
    name: z.string().regex(HEADER_NAME, 'must be the name of an HTTP header'),
    value: secretSchema,
  }),
  z
    .strictObject({
      type: z.literal('oauth2'),
      token_url: targetUrlSchema,
      client_id: z.string().min(1),
      client_secret: secretSchema,
      scope: z.string().optional(),
      audience: z.string().optional(),
      client_auth: z
        .enum(['basic', 'body'])
        .default('basic')
        .describe('where the token endpoint takes id and secret of the client'),
    })
    .describe('OAuth 2 client credentials; the token is kept until shortly before its end'),
] as const;
const authSchema = z
  .discriminatedUnion('type', commonAuth)
  .default({ type: 'none' })
  .describe('how the call authenticates itself');

const airflow3AuthSchema = z
  .discriminatedUnion('type', [
    ...commonAuth,
    z
      .strictObject({ type: z.literal('airflow'), username: z.string().min(1), password: secretSchema })
      .describe('a token of POST /auth/token'),
  ])
  .default({ type: 'none' });

/** RFC 6901. */
const jsonPointerSchema = z
  .string()
  .max(512)
  .regex(/^(\/([^~/]|~[01])*)*$/, 'must be a JSON pointer, as in /data/id');
const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const parameters = templatesSchema.default({});
const base = { url: baseUrlSchema, auth: authSchema, headers: headersSchema };

/** What is passed on where nothing is declared and the target takes anything. */
const standardParameters = {
  run_id: '{{run_id}}',
  model: '{{model}}',
  version: '{{version}}',
  policy: '{{policy}}',
  reason: '{{reason}}',
  features: '{{features}}',
  requested_at: '{{requested_at}}',
  callback_url: '{{callback_url}}',
};
const standardVariables = Object.fromEntries(
  Object.entries(standardParameters).map(([name, value]) => [`PLUMBLINE_${name.toUpperCase()}`, value]),
);

const webhookTargetSchema = z
  .strictObject({
    // Optional first: without a preset it is this one.
    preset: z.literal('webhook').optional().default('webhook'),
    url: targetUrlSchema,
    method: z.enum(['POST', 'PUT', 'PATCH']).default('POST'),
    auth: authSchema,
    secret: secretSchema
      .optional()
      .describe('signs each request as Standard Webhooks does; the value is "whsec_" and base64'),
    headers: headersSchema,
    parameters: parameters.describe('passed on in the standard body; texts may hold placeholders as in {{run_id}}'),
    body: templateSchema.optional().describe('the body instead of the standard one; texts may hold placeholders'),
    encoding: z.enum(['json', 'form']).default('json').describe('of the body; a form takes an object of plain values'),
    idempotent: z
      .boolean()
      .default(true)
      .describe(
        'a second call with the same Idempotency-Key starts nothing; if not, one without answer is not repeated',
      ),
    success: z
      .strictObject({
        status: z.array(z.number().int().min(200).max(499)).min(1).optional().describe('any 2xx when absent'),
        body: z
          .union([
            z.strictObject({ pointer: jsonPointerSchema, equals: scalarSchema }),
            z.strictObject({ pointer: jsonPointerSchema, one_of: z.array(scalarSchema).min(1) }),
          ])
          .optional()
          .describe('what the JSON of the answer must hold'),
      })
      .default({})
      .describe('which answers mean that a run was started'),
    external_id: jsonPointerSchema.optional().describe('where the answer holds the id of the run'),
    external_url: jsonPointerSchema.optional().describe('where the answer holds the address of the run'),
  })
  .superRefine(({ body, encoding, parameters: given }, context) => {
    if (body !== undefined && Object.keys(given).length > 0) {
      const message = 'parameters are part of the standard body: write them into body';
      context.addIssue({ code: 'custom', path: ['parameters'], message });
    }
    if (encoding === 'form' && (typeof body !== 'object' || body === null || Array.isArray(body))) {
      const message = 'a form needs an object: its keys are the fields';
      context.addIssue({ code: 'custom', path: ['body'], message });
    }
  });

const dagIdSchema = z
  .string()
  .min(1)
  .max(250)
  .regex(/^(?!\.{1,2}$)/, NOT_DOTS);

const airflow2TargetSchema = z.strictObject({
  preset: z.literal('airflow2'),
  ...base,
  dag_id: dagIdSchema,
  parameters: templatesSchema.default(standardParameters).describe('conf of the DAG run'),
});

const airflow3TargetSchema = z.strictObject({
  preset: z.literal('airflow3'),
  ...base,
  auth: airflow3AuthSchema,
  dag_id: dagIdSchema,
  parameters: templatesSchema.default(standardParameters).describe('conf of the DAG run'),
});

const kubeflowTargetSchema = z.strictObject({
  preset: z.literal('kubeflow'),
  ...base,
  pipeline_id: z.string().min(1),
  pipeline_version_id: z.string().min(1).optional().describe('the newest version when absent'),
  experiment_id: z.string().min(1).optional().describe('needed where Kubeflow has several users'),
  service_account: z.string().min(1).optional(),
  parameters: parameters.describe('parameters of the pipeline, with the types it declares'),
});

const repositorySchema = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, 'must be OWNER/NAME of a repository');
const github = {
  url: baseUrlSchema.default('https://api.github.com').describe('of GitHub Enterprise Server: https://HOST/api/v3'),
  repository: repositorySchema,
  token: secretSchema.describe('a token that may write contents (dispatch) or actions (workflow)'),
  headers: headersSchema,
};

const githubDispatchTargetSchema = z.strictObject({
  preset: z.literal('github_dispatch'),
  ...github,
  event_type: z.string().min(1).max(100).default('plumbline-retraining'),
  parameters: templatesSchema
    .default(standardParameters)
    .refine((values) => Object.keys(values).length <= 10, { error: 'GitHub takes at most 10 properties: nest them' })
    .describe('client_payload of the event'),
});

const githubWorkflowTargetSchema = z.strictObject({
  preset: z.literal('github_workflow'),
  ...github,
  workflow: z
    .union([
      z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,200}$/, 'must be a file name, as in train.yml'),
      z.number().int().positive(),
    ])
    .describe('file name or id'),
  ref: z.string().min(1).max(250).default('main').describe('branch or tag'),
  run_details: z
    .boolean()
    .default(true)
    .describe('asks for id and address of the run; false for servers that do not know return_run_details'),
  parameters: parameters
    .refine((values) => Object.keys(values).length <= 25, { error: 'GitHub takes at most 25 inputs' })
    .describe('inputs that the workflow declares, as texts'),
});

const gitlabTargetSchema = z.strictObject({
  preset: z.literal('gitlab'),
  url: baseUrlSchema.default('https://gitlab.com'),
  project: z
    .union([
      z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9_.][A-Za-z0-9_.\-/]{0,254}$/, 'must be the path of a project'),
      z.number().int().positive(),
    ])
    .describe('path or id'),
  ref: z.string().min(1).max(250).default('main').describe('branch or tag'),
  token: secretSchema.describe('a pipeline trigger token'),
  headers: headersSchema,
  parameters: recordOf(/^[A-Za-z0-9_]{1,255}$/, 'must be letters, digits and "_"', templateSchema)
    .default(standardVariables)
    .describe('variables of the pipeline, as texts'),
});

const jenkinsTargetSchema = z.strictObject({
  preset: z.literal('jenkins'),
  ...base,
  job: z
    .string()
    .regex(/^[^/?#\\]+(\/[^/?#\\]+)*$/, 'must be the name of a job, with its folders as in team/train')
    .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))/, NOT_DOTS)
    .max(500),
  parameters: parameters.describe(
    'parameters that the job declares, as texts; with one that is exactly {{run_id}} a call can be repeated safely',
  ),
});

const prefect3TargetSchema = z.strictObject({
  preset: z.literal('prefect3'),
  ...base,
  url: baseUrlSchema.describe('PREFECT_API_URL, as in http://prefect:4200/api'),
  deployment_id: z.uuid(),
  parameters: parameters.describe('parameters of the flow'),
});

const dagsterTargetSchema = z.strictObject({
  preset: z.literal('dagster'),
  ...base,
  location: z.string().min(1).describe('name of the code location'),
  repository: z.string().min(1).default('__repository__'),
  job: z.string().min(1),
  parameters: parameters.describe('run config'),
});

const argoEventsTargetSchema = z.strictObject({
  preset: z.literal('argo_events'),
  ...base,
  url: targetUrlSchema.describe('of the endpoint of the webhook event source'),
  idempotent: z.boolean().default(false).describe('the sensor starts nothing for a run_id that it has seen'),
  parameters: templatesSchema.default(standardParameters).describe('the event, as JSON'),
});

const argoWorkflowsTargetSchema = z.strictObject({
  preset: z.literal('argo_workflows'),
  ...base,
  namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the name of a namespace'),
  kind: z.enum(['WorkflowTemplate', 'ClusterWorkflowTemplate', 'CronWorkflow']).default('WorkflowTemplate'),
  template: z.string().min(1).max(253).describe('name of the template'),
  parameters: recordOf(/^[A-Za-z0-9_-]{1,256}$/, 'must be letters, digits, "_" and "-"', templateSchema)
    .default({})
    .describe('parameters of the workflow, as texts'),
});

const databricksTargetSchema = z.strictObject({
  preset: z.literal('databricks'),
  ...base,
  job_id: z.number().int().positive(),
  parameters: parameters.describe('job parameters, as texts'),
});

const sagemakerTargetSchema = z.strictObject({
  preset: z.literal('sagemaker'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region of AWS, as in eu-central-1'),
  url: baseUrlSchema.optional().describe('https://api.sagemaker.REGION.amazonaws.com when absent'),
  pipeline: z.string().regex(/^[A-Za-z0-9](-*[A-Za-z0-9]){0,255}$/, 'must be the name of a pipeline'),
  access_key_id: secretSchema,
  secret_access_key: secretSchema,
  session_token: secretSchema.optional(),
  headers: headersSchema,
  parameters: recordOf(/^[A-Za-z0-9_-]{1,256}$/, 'must be letters, digits, "_" and "-"', templateSchema)
    .default({})
    .describe('parameters that the pipeline declares, as texts'),
});

export const retrainingPresets = [
  'webhook',
  'airflow2',
  'airflow3',
  'kubeflow',
  'github_dispatch',
  'github_workflow',
  'gitlab',
  'jenkins',
  'prefect3',
  'dagster',
  'argo_events',
  'argo_workflows',
  'databricks',
  'sagemaker',
] as const;

/** Whom a retraining policy calls, and how. Without a preset it is a webhook. */
export const retrainingTargetSchema = z.discriminatedUnion(
  'preset',
  [
    webhookTargetSchema,
    airflow2TargetSchema,
    airflow3TargetSchema,
    kubeflowTargetSchema,
    githubDispatchTargetSchema,
    githubWorkflowTargetSchema,
    gitlabTargetSchema,
    jenkinsTargetSchema,
    prefect3TargetSchema,
    dagsterTargetSchema,
    argoEventsTargetSchema,
    argoWorkflowsTargetSchema,
    databricksTargetSchema,
    sagemakerTargetSchema,
  ],
  { error: ({ code }) => (code === 'invalid_union' ? `must be one of ${retrainingPresets.join(', ')}` : undefined) },
);
export type RetrainingTarget = z.infer<typeof retrainingTargetSchema>;
export type RetrainingPreset = (typeof retrainingPresets)[number];

/** The target as one preset declares it. */
export type TargetOf<Preset extends RetrainingPreset> = Extract<RetrainingTarget, { preset: Preset }>;

/** How calls authenticate themselves; `airflow` is for Airflow 3 only, `sigv4` for AWS. */
export type TargetAuth =
  | TargetOf<'airflow3'>['auth']
  | ({ readonly type: 'sigv4' } & Pick<
      TargetOf<'sagemaker'>,
      'region' | 'access_key_id' | 'secret_access_key' | 'session_token'
    >);
