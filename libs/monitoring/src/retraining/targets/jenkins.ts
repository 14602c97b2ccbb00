import type { TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { atPointer, idAt, parseJson, webAddress } from './read-json.js';
import type { Lookup, TargetCall, TargetProtocol } from './target-protocol.js';

const RECENT_BUILDS = 50;

/**
 * Jenkins, buildWithParameters: answered with 201 and the place in the queue. It knows no key; where a parameter holds the run
 * id, the queue and the last builds are searched for it first (in this order: what leaves the queue becomes a build).
 */
export function jenkinsProtocol(target: TargetOf<'jenkins'>): TargetProtocol {
  const jobUrl = beneath(target.url, ...target.job.split('/').flatMap((name) => ['job', name]));
  const key = Object.entries(target.parameters).find(([, value]) => /^\{\{\s*run_id\s*\}\}$/.test(String(value)))?.[0];
  return {
    repeatable: key !== undefined,
    call: (request) => {
      const parameters = Object.entries(fillTemplates(target.parameters, placeholderValues(request)));
      const fields = parameters.map(([name, value]) => [name, plainText(value)] as const);
      return { method: 'POST', url: `${jobUrl}/buildWithParameters`, headers: {}, body: { kind: 'form', fields } };
    },
    lookups: ({ runId }) =>
      key === undefined
        ? []
        : [
            lookup(question(beneath(target.url, 'queue', 'api', 'json'), 'items[id,url,', ']'), 'items', key, runId),
            lookup(question(`${jobUrl}/api/json`, 'builds[id,url,', `]{0,${RECENT_BUILDS}}`), 'builds', key, runId),
          ],
    read: ({ status, text, headers: { location } }) => {
      if (status !== 201) return { reading: 'refused', detail: text };
      const externalUrl = location === undefined ? '' : webAddress(new URL(location, `${beneath(target.url)}/`).href);
      const externalId = /\/queue\/item\/(\d+)\/?$/.exec(externalUrl)?.[1] ?? '';
      return { reading: 'started', run: { externalId, externalUrl } };
    },
  };
}

function question(url: string, before: string, after: string): TargetCall {
  const query = new URLSearchParams({ tree: `${before}actions[parameters[name,value]]${after}` });
  return { method: 'GET', url: `${url}?${query.toString()}`, headers: {}, body: { kind: 'none' } };
}

function lookup(call: TargetCall, list: 'items' | 'builds', key: string, runId: string): Lookup {
  return {
    call,
    find: ({ text }) => {
      const items = atPointer(parseJson(text), `/${list}`);
      if (!Array.isArray(items)) return undefined;
      const found: unknown = items.find((item) => hasParameter(item, key, runId));
      if (found === undefined) return 'none';
      return { externalId: idAt(found, '/id'), externalUrl: webAddress(atPointer(found, '/url')) };
    },
    whenTooLong: undefined,
  };
}

function hasParameter(item: unknown, name: string, value: string): boolean {
  const actions = listAt(item, '/actions');
  return actions
    .flatMap((action) => listAt(action, '/parameters'))
    .some((each) => atPointer(each, '/name') === name && atPointer(each, '/value') === value);
}

function listAt(value: unknown, pointer: string): readonly unknown[] {
  const found = atPointer(value, pointer);
  return Array.isArray(found) ? found : [];
}
