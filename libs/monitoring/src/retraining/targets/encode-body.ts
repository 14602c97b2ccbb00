import type { Secret } from '@plumbline/contracts';
import type { CallBody } from './target-protocol.js';

/** Returns the secrets that a body holds by reference. */
export function secretsOfBody(body: CallBody): Secret[] {
  if (body.kind !== 'form') return [];
  return body.fields.flatMap(([, value]) => (typeof value === 'string' ? [] : [value]));
}

/** Returns a body as text; `reveal` gives what a secret stands for. */
export function encodeBody(body: CallBody, reveal: (secret: Secret) => string): string {
  switch (body.kind) {
    case 'none':
      return '';
    case 'json':
      return JSON.stringify(body.value);
    case 'form': {
      const fields = new URLSearchParams();
      for (const [name, value] of body.fields) fields.append(name, typeof value === 'string' ? value : reveal(value));
      return fields.toString();
    }
  }
}
