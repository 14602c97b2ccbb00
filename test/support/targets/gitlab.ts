import { formBody } from './read-request.js';
import type { TargetRules } from './target-server.js';

export const gitlabToken = 'glptt-test';

/** GitLab 18, trigger a pipeline of the project "ml/loans" with a token. Every call is a pipeline. */
export function gitlabRules(): TargetRules {
  let runs = 0;
  return {
    starts: ({ method }) => method === 'POST',
    runs: () => runs,
    reply: (request) => {
      const form = formBody(request);
      if (form === undefined) return { status: 415, body: { error: 'The provided content-type is not supported.' } };
      const known = request.path === '/api/v4/projects/ml%2Floans/trigger/pipeline';
      if (!known || form.get('token') !== gitlabToken) return { status: 404, body: { message: '404 Not Found' } };
      const ref = form.get('ref');
      if (ref === null) return { status: 400, body: { error: 'ref is missing' } };
      if (ref !== 'main') return { status: 400, body: { message: { base: ['Reference not found'] } } };
      for (const name of form.keys()) {
        if (name === 'token' || name === 'ref' || /^variables\[[A-Za-z0-9_]+\]$/.test(name)) continue;
        return { status: 400, body: { message: 'variables needs to be a map of key-valued strings' } };
      }
      runs++;
      const web = `https://gitlab.example.com/ml/loans/-/pipelines/${runs}`;
      return { status: 201, body: { id: runs, iid: runs, ref, status: 'created', source: 'trigger', web_url: web } };
    },
  };
}
