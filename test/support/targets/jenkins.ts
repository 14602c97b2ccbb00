import { formBody, hasBasic } from './read-request.js';
import type { TargetReply, TargetRequest, TargetRules } from './target-server.js';

export const jenkinsLogin = { username: 'plumbline', password: 'jenkins-api-token' };
/** What the job "ml/retrain" declares; others are left out, as Jenkins does. */
const DECLARED = ['RUN_ID', 'MODEL', 'FEATURES'];

interface Build {
  readonly id: number;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

export interface JenkinsRules extends TargetRules {
  /** Takes what waits in the queue to executors. */
  execute(): void;
}

/** Jenkins 2.516 LTS, remote access API: buildWithParameters of a job in a folder, the queue and the builds. */
export function jenkinsRules(): JenkinsRules {
  const queue: Build[] = [];
  const builds: Build[] = [];
  let lastId = 0;
  return {
    starts: ({ path }) => path.endsWith('/buildWithParameters'),
    runs: () => lastId,
    execute: () => builds.unshift(...queue.splice(0)),
    reply: (request, baseUrl) => {
      if (!hasBasic(request, jenkinsLogin.username, jenkinsLogin.password)) return { status: 401, body: '<html>401' };
      switch (request.path) {
        case '/queue/api/json':
          return list(request, 'items', queue, `${baseUrl}/queue/item/`);
        case '/job/ml/job/retrain/api/json':
          return list(request, 'builds', builds, `${baseUrl}/job/ml/job/retrain/`);
        case '/job/ml/job/retrain/buildWithParameters':
          return build(request, baseUrl);
        default:
          return { status: 404, body: '<html>404' };
      }
    },
  };

  function build(request: TargetRequest, baseUrl: string): TargetReply {
    if (request.method !== 'POST') return { status: 405, body: '<html>405' };
    const form = formBody(request);
    if (form === undefined) return { status: 400, body: 'Nothing is submitted' };
    const parameters = [...form].map(([name, value]) => ({ name, value }));
    queue.push({ id: ++lastId, parameters: parameters.filter(({ name }) => DECLARED.includes(name)) });
    return { status: 201, headers: { location: `${baseUrl}/queue/item/${lastId}/` } };
  }

  function list({ query }: TargetRequest, name: string, items: readonly Build[], url: string): TargetReply {
    const range = name === 'builds' ? '{0,50}' : '';
    if (query.get('tree') !== `${name}[id,url,actions[parameters[name,value]]]${range}`) {
      return { status: 500, body: 'the tree is not well formed' };
    }
    const shown = items.map(({ id, parameters }) => ({
      id: name === 'builds' ? String(id) : id,
      url: `${url}${id}/`,
      // An action without parameters is an empty object.
      actions: [{}, { _class: 'hudson.model.ParametersAction', parameters }],
    }));
    return { status: 200, body: { _class: 'hudson.model.Queue', [name]: shown } };
  }
}
