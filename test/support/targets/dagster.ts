import { buildSchema, graphqlSync } from 'graphql';
import { isObject, jsonBody } from './read-request.js';
import type { TargetReply, TargetRequest, TargetRules } from './target-server.js';

export const dagsterToken = 'user:dagster-cloud';

/** The part of the GraphQL schema of Dagster 1.12 that launches and finds runs. */
const schema = buildSchema(`
  scalar RunConfigData
  type Query { runsOrError(filter: RunsFilter, cursor: String, limit: Int): RunsOrError! }
  type Mutation { launchRun(executionParams: ExecutionParams!): LaunchRunResult! }
  input RunsFilter { runIds: [String] pipelineName: String tags: [ExecutionTag!] statuses: [String!] }
  input ExecutionTag { key: String! value: String! }
  input JobOrPipelineSelector {
    pipelineName: String
    jobName: String
    repositoryName: String!
    repositoryLocationName: String!
    solidSelection: [String!]
  }
  input ExecutionMetadata { tags: [ExecutionTag!] rootRunId: String parentRunId: String }
  input ExecutionParams {
    selector: JobOrPipelineSelector!
    runConfigData: RunConfigData
    mode: String
    executionMetadata: ExecutionMetadata
    stepKeys: [String!]
    preset: String
  }
  union RunsOrError = Runs | InvalidPipelineRunsFilterError | PythonError
  type Runs { results: [Run!]! count: Int }
  type Run { id: ID! runId: String! }
  union LaunchRunResult =
    LaunchRunSuccess | RunConfigValidationInvalid | PipelineNotFoundError | InvalidSubsetError | UnauthorizedError | PythonError
  type LaunchRunSuccess { run: Run! }
  type RunConfigValidationInvalid { pipelineName: String! errors: [RunConfigError!]! }
  type RunConfigError { message: String! }
  type PipelineNotFoundError { message: String! }
  type InvalidSubsetError { message: String! }
  type UnauthorizedError { message: String! }
  type InvalidPipelineRunsFilterError { message: String! }
  type PythonError { message: String! stack: [String!]! }
`);

interface ExecutionParams {
  readonly selector: {
    readonly jobName?: string;
    readonly repositoryName: string;
    readonly repositoryLocationName: string;
  };
  readonly runConfigData?: unknown;
  readonly executionMetadata?: { readonly tags?: readonly Tag[] };
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Dagster: its GraphQL, where failures have status 200. Knows the job "retrain" of the code location "ml". */
export function dagsterRules(): TargetRules {
  const runs: { id: string; runId: string; tags: readonly Tag[] }[] = [];
  const resolvers = {
    runsOrError: ({ filter, limit = 25 }: { filter?: { tags?: readonly Tag[] }; limit?: number }) => {
      const wanted = filter?.tags ?? [];
      const has = (tags: readonly Tag[], { key, value }: Tag) =>
        tags.some((tag) => tag.key === key && tag.value === value);
      const results = runs.filter(({ tags }) => wanted.every((tag) => has(tags, tag))).slice(0, limit);
      return { __typename: 'Runs', results, count: results.length };
    },
    launchRun: ({
      executionParams: { selector, runConfigData, executionMetadata },
    }: {
      executionParams: ExecutionParams;
    }) => {
      const { jobName, repositoryName, repositoryLocationName } = selector;
      if (jobName !== 'retrain' || repositoryName !== '__repository__' || repositoryLocationName !== 'ml') {
        return { __typename: 'PipelineNotFoundError', message: `Could not find job ${jobName}` };
      }
      if (!isObject(runConfigData) || !isObject(runConfigData.ops)) {
        const message = 'Missing required config entry "ops" at the root.';
        return { __typename: 'RunConfigValidationInvalid', pipelineName: jobName, errors: [{ message }] };
      }
      const run = { id: `dagster-${runs.length + 1}`, runId: `dagster-${runs.length + 1}` };
      runs.push({ ...run, tags: executionMetadata?.tags ?? [] });
      return { __typename: 'LaunchRunSuccess', run };
    },
  };
  return {
    starts: ({ body }) => body.includes('launchRun('),
    runs: () => runs.length,
    reply: (request) => reply(request, resolvers),
  };
}

function reply(request: TargetRequest, resolvers: object): TargetReply {
  if (request.headers['dagster-cloud-api-token'] !== dagsterToken) return { status: 401, body: 'Unauthorized' };
  if (request.path !== '/graphql' || request.method !== 'POST') return { status: 404, body: 'Not Found' };
  const body = jsonBody(request);
  if (typeof body?.query !== 'string' || !isObject(body.variables))
    return { status: 400, body: 'No GraphQL query found' };
  const result = graphqlSync({ schema, source: body.query, rootValue: resolvers, variableValues: body.variables });
  // A document that does not fit the schema has no data at all.
  return { status: result.data === undefined ? 400 : 200, body: result };
}
