import type { TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { atPointer, idAt, parseJson, webAddress } from './read-json.js';
import type { AnswerReading, TargetAnswer, TargetProtocol } from './target-protocol.js';

const GITHUB_HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
const MAX_BODY_BYTES = 65_535;

/** GitHub, create a repository dispatch event: answered with 204 and nothing, and each call is an event. */
export function githubDispatchProtocol(target: TargetOf<'github_dispatch'>): TargetProtocol {
  return {
    repeatable: false,
    maxBodyBytes: MAX_BODY_BYTES,
    call: (request) => ({
      method: 'POST',
      url: `${repositoryUrl(target)}/dispatches`,
      headers: GITHUB_HEADERS,
      body: {
        kind: 'json',
        value: {
          event_type: target.event_type,
          client_payload: fillTemplates(target.parameters, placeholderValues(request)),
        },
      },
    }),
    lookups: () => [],
    read: (answer) =>
      answer.status === 204 ? { reading: 'started', run: { externalId: '', externalUrl: '' } } : refusal(answer),
  };
}

/** GitHub, create a workflow dispatch event: 204, or 200 with the run where `return_run_details` is known. Each call is a run. */
export function githubWorkflowProtocol(target: TargetOf<'github_workflow'>): TargetProtocol {
  return {
    repeatable: false,
    maxBodyBytes: MAX_BODY_BYTES,
    call: (request) => {
      const inputs = fillTemplates(target.parameters, placeholderValues(request));
      return {
        method: 'POST',
        url: `${repositoryUrl(target)}/actions/workflows/${encodeURIComponent(target.workflow)}/dispatches`,
        headers: GITHUB_HEADERS,
        body: {
          kind: 'json',
          value: {
            ref: target.ref,
            inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, plainText(value)])),
            ...(target.run_details ? { return_run_details: true } : {}),
          },
        },
      };
    },
    lookups: () => [],
    read: (answer) => {
      if (answer.status !== 200 && answer.status !== 204) return refusal(answer);
      const json = parseJson(answer.text);
      const externalUrl = webAddress(atPointer(json, '/html_url'));
      return { reading: 'started', run: { externalId: idAt(json, '/workflow_run_id'), externalUrl } };
    },
  };
}

/** GitHub says "too many requests" with status 403 too. */
function refusal({ status, text, headers }: TargetAnswer): AnswerReading {
  const limited = headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0';
  return status === 403 && limited ? { reading: 'later', detail: text } : { reading: 'refused', detail: text };
}

function repositoryUrl({ url, repository }: TargetOf<'github_dispatch' | 'github_workflow'>): string {
  return beneath(url, 'repos', ...repository.split('/'));
}
