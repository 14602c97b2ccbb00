import type { TargetOf } from '@plumbline/contracts';
import { beneath } from './base-url.js';
import { fillTemplates, plainText } from './fill-template.js';
import { placeholderValues } from './placeholder-values.js';
import { atPointer, idAt, parseJson, webAddress } from './read-json.js';
import type { TargetProtocol } from './target-protocol.js';

/** GitLab, trigger a pipeline with a token: each call is a pipeline, and the token can ask for none. */
export function gitlabProtocol(target: TargetOf<'gitlab'>): TargetProtocol {
  return {
    repeatable: false,
    call: (request) => {
      const variables = fillTemplates(target.parameters, placeholderValues(request));
      return {
        method: 'POST',
        url: beneath(target.url, 'api', 'v4', 'projects', target.project, 'trigger', 'pipeline'),
        headers: {},
        body: {
          kind: 'form',
          fields: [
            ['token', target.token],
            ['ref', target.ref],
            ...Object.entries(variables).map(([name, value]) => [`variables[${name}]`, plainText(value)] as const),
          ],
        },
      };
    },
    lookups: () => [],
    read: ({ status, text }) => {
      if (status !== 201) return { reading: 'refused', detail: text };
      const json = parseJson(text);
      const externalUrl = webAddress(atPointer(json, '/web_url'));
      return { reading: 'started', run: { externalId: idAt(json, '/id'), externalUrl } };
    },
  };
}
