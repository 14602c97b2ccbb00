import type { CallBody } from './target-protocol.js';

/** Headers that a declaration cannot set: ours, and those that belong to the connection. */
const RESERVED = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

const CONTENT_TYPES: Readonly<Record<CallBody['kind'], string>> = {
  none: '',
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
};

/** Returns the headers of a call by lower-case name, without those that authenticate it: declared ones, then ours. */
export function callHeaders(
  declared: Readonly<Record<string, string>>,
  runId: string,
  call: { readonly headers: Readonly<Record<string, string>>; readonly body: CallBody },
): Record<string, string> {
  const taken = Object.entries(declared)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !RESERVED.has(name) && !name.startsWith('webhook-'));
  const contentType = CONTENT_TYPES[call.body.kind];
  return {
    accept: 'application/json',
    ...Object.fromEntries(taken),
    ...(contentType === '' ? {} : { 'content-type': contentType }),
    ...call.headers,
    'user-agent': 'plumbline',
    'idempotency-key': runId,
  };
}
