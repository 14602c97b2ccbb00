import { randomUUID } from 'node:crypto';

/** Encoded parameters beyond this length go into a body: proxies and servers bound the length of a URL. */
const MAX_URL_LENGTH = 4_096;

export interface MultipartParameters {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Returns parameters of a statement as the body of a form, or undefined where they fit into the URL. The client does this for
 * queries alone.
 */
export function multipartParameters(params: Readonly<Record<string, unknown>>): MultipartParameters | undefined {
  const parts = Object.entries(params).map(([name, value]) => [name, formatParameter(value)] as const);
  const length = parts.reduce((sum, [name, text]) => sum + name.length + encodeURIComponent(text).length, 0);
  if (length <= MAX_URL_LENGTH) return undefined;
  const boundary = randomUUID();
  const fields = parts.map(
    ([name, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="param_${name}"\r\n\r\n${text}\r\n`,
  );
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: `${fields.join('')}--${boundary}--\r\n`,
  };
}

/** A value as the server reads parameters: escaped text, and in lists quoted text. */
function formatParameter(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map((item) => (typeof item === 'string' ? `'${escape(item)}'` : formatParameter(item))).join(',')}]`;
  }
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new TypeError(`a parameter of a statement is a text, a number or a list of them, not ${typeof value}`);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escape(text: string): string {
  return text.replace(/[\\'\t\n\r]/g, (character) => ESCAPES[character]!);
}
