import type { RetrainingRequest, TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { atPointer, idAt, parseJson } from './read-json.js';
import type { AnswerReading, Lookup, StartedRun, TargetCall, TargetProtocol } from './target-protocol.js';

/** Tag by which a run is found again. */
const RUN_TAG = 'plumbline/run_id';

const LAUNCH = `mutation LaunchRetraining($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on PipelineNotFoundError { message }
    ... on InvalidSubsetError { message }
    ... on UnauthorizedError { message }
    ... on PythonError { message }
  }
}`;

const FIND = `query FindRetraining($tags: [ExecutionTag!]) {
  runsOrError(filter: { tags: $tags }, limit: 1) {
    __typename
    ... on Runs { results { runId } }
  }
}`;

/** Dagster, GraphQL: 200 is the status of failures too, so the body decides. A tag tells whether the run was launched before. */
export function dagsterProtocol(target: TargetOf<'dagster'>): TargetProtocol {
  return {
    repeatable: true,
    call: (request) => {
      const selector = {
        repositoryLocationName: target.location,
        repositoryName: target.repository,
        jobName: target.job,
      };
      const runConfigData = fillTemplates(target.parameters, placeholderValues(request));
      const params = { selector, runConfigData, executionMetadata: { tags: tagsOf(request) } };
      return graphql(target, LAUNCH, { params });
    },
    lookups: (request) => [lookup(target, request)],
    read: ({ status, text }) => (status === 200 ? readLaunch(target, text) : { reading: 'refused', detail: text }),
  };
}

function graphql({ url }: TargetOf<'dagster'>, query: string, variables: object): TargetCall {
  return {
    method: 'POST',
    url: beneath(url, 'graphql'),
    headers: {},
    body: { kind: 'json', value: { query, variables } },
  };
}

function tagsOf({ runId }: RetrainingRequest): readonly object[] {
  return [{ key: RUN_TAG, value: runId }];
}

function readLaunch(target: TargetOf<'dagster'>, text: string): AnswerReading {
  const json = parseJson(text);
  if (json === undefined) return { reading: 'unclear' };
  const type = atPointer(json, '/data/launchRun/__typename');
  if (type === 'LaunchRunSuccess') {
    return { reading: 'started', run: runOf(target, idAt(json, '/data/launchRun/run/runId')) };
  }
  const messages = ['/data/launchRun/message', '/data/launchRun/errors/0/message', '/errors/0/message'];
  const message = messages.map((pointer) => atPointer(json, pointer)).find((each) => typeof each === 'string');
  return { reading: 'refused', detail: [type, message].filter((part) => typeof part === 'string').join(': ') };
}

function lookup(target: TargetOf<'dagster'>, request: RetrainingRequest): Lookup {
  return {
    call: graphql(target, FIND, { tags: tagsOf(request) }),
    find: ({ text }) => {
      const results = atPointer(parseJson(text), '/data/runsOrError/results');
      if (!Array.isArray(results)) return undefined;
      return results.length === 0 ? 'none' : runOf(target, idAt(results, '/0/runId'));
    },
    whenTooLong: undefined,
  };
}

function runOf({ url }: TargetOf<'dagster'>, externalId: string): StartedRun {
  return { externalId, externalUrl: externalId === '' ? '' : beneath(url, 'runs', externalId) };
}
