import { declaredHeaders } from '@plumbline/contracts';
import type { CallBody } from './target-protocol.js';

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
  const contentType = CONTENT_TYPES[call.body.kind];
  return {
    accept: 'application/json',
    ...declaredHeaders(declared),
    ...(contentType === '' ? {} : { 'content-type': contentType }),
    ...call.headers,
    'user-agent': 'plumbline',
    'idempotency-key': runId,
  };
}
