import { hasBearer, isObject, jsonBody, type JsonObject, unknownKey } from './read-request.js';
import type { TargetReply, TargetRequest, TargetRules } from './target-server.js';

export const githubToken = 'github_pat_test';
/** What the workflow "train.yml" declares. */
const INPUTS = ['run_id', 'model', 'features', 'callback'];
const MAX_PAYLOAD_CHARACTERS = 65_535;

/** GitHub REST, API version 2022-11-28: repository dispatch and workflow dispatch in "acme/models". Every call starts a run. */
export function githubRules(): TargetRules {
  let runs = 0;
  return {
    starts: ({ method }) => method === 'POST',
    runs: () => runs,
    reply: (request) => {
      const { headers, path } = request;
      if (headers['user-agent'] === undefined) return failure(403, 'Request forbidden by administrative rules.');
      if (!hasBearer(request, githubToken)) return failure(401, 'Bad credentials');
      if (headers['x-github-api-version'] !== '2022-11-28') return failure(400, 'Unsupported API version');
      if (headers.accept !== 'application/vnd.github+json') return failure(415, 'Unsupported media type');
      const body = jsonBody(request);
      if (body === undefined) return failure(400, 'Problems parsing JSON');
      if (path === '/repos/acme/models/dispatches') return dispatch(body);
      if (path === '/repos/acme/models/actions/workflows/train.yml/dispatches') return workflow(request, body);
      return failure(404, 'Not Found');
    },
  };

  function dispatch(body: JsonObject): TargetReply {
    const unknown = unknownKey(body, 'event_type', 'client_payload');
    if (unknown !== undefined) return failure(422, `"${unknown}" is not a permitted key.`);
    const { event_type: type, client_payload: payload = {} } = body;
    if (typeof type !== 'string' || type.length > 100) return failure(422, 'event_type');
    if (!isObject(payload)) return failure(422, 'client_payload');
    if (Object.keys(payload).length > 10) return failure(422, 'No more than 10 properties are allowed');
    if (JSON.stringify(payload).length > MAX_PAYLOAD_CHARACTERS) return failure(422, 'client_payload is too large.');
    runs++;
    return { status: 204 };
  }

  function workflow(_request: TargetRequest, body: JsonObject): TargetReply {
    const unknown = unknownKey(body, 'ref', 'inputs', 'return_run_details');
    if (unknown !== undefined) return failure(422, `"${unknown}" is not a permitted key.`);
    const { ref, inputs = {}, return_run_details: details = false } = body;
    if (ref !== 'main') return failure(422, `No ref found for: ${String(ref)}`);
    if (!isObject(inputs)) return failure(422, 'inputs');
    const unexpected = Object.keys(inputs).filter((name) => !INPUTS.includes(name));
    if (unexpected.length > 0) return failure(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
    const notText = Object.entries(inputs).find(([, value]) => typeof value !== 'string');
    if (notText !== undefined) return failure(422, `For 'properties/${notText[0]}', it is not a string.`);
    runs++;
    if (details !== true) return { status: 204 };
    const run = `acme/models/actions/runs/${runs}`;
    return {
      status: 200,
      body: {
        workflow_run_id: runs,
        run_url: `https://api.github.com/repos/${run}`,
        html_url: `https://github.com/${run}`,
      },
    };
  }
}

function failure(status: number, message: string): TargetReply {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}
