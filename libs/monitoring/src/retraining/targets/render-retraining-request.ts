import type { RetrainingRequest, RetrainingTarget, Secret, TargetAuth } from '@plumbline/contracts';
import { callHeaders } from './call-headers.js';
import { protocolOfTarget } from './protocol-of-target.js';
import { targetAuth } from './target-auth.js';
import type { CallBody, TargetCall } from './target-protocol.js';

/**
 * Returns what would be sent to a target, as text for people: the questions asked first, then the request with headers and
 * body. Secrets are shown by name, and so is the signed address of the callback.
 */
export function renderRetrainingRequest(target: RetrainingTarget, request: RetrainingRequest): string {
  const protocol = protocolOfTarget(target);
  const shown = { ...request, callbackUrl: '<signed address of the callback>' };
  const call = protocol.call(shown);
  const headers = { ...callHeaders(target.headers, request.runId, call), ...shownAuth(targetAuth(target)) };
  const signature =
    target.preset === 'webhook' && target.secret !== undefined
      ? [`webhook-signature: ${shownSecret('signature with', target.secret)}`]
      : [];
  return [
    ...protocol.lookups(shown).map((lookup) => `first asked: ${firstLine(lookup.call)}`),
    firstLine(call),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...signature,
    '',
    shownBody(call.body),
  ].join('\n');
}

/** Returns a secret by its reference, never its value. */
export function nameOfSecret(secret: Secret): string {
  return 'env' in secret ? `environment variable ${secret.env}` : `file ${secret.file}`;
}

function firstLine({ method, url }: TargetCall): string {
  return `${method} ${url}`;
}

function shownAuth(auth: TargetAuth): Record<string, string> {
  switch (auth.type) {
    case 'none':
      return {};
    case 'basic':
      return { authorization: `Basic ${shownSecret(`${auth.username} and`, auth.password)}` };
    case 'bearer':
      return { authorization: `Bearer ${shownSecret('', auth.token)}` };
    case 'header':
      return { [auth.name.toLowerCase()]: shownSecret('', auth.value) };
    case 'oauth2':
      return { authorization: `Bearer <token of ${auth.token_url} for ${auth.client_id}>` };
    case 'sigv4': {
      const [id, key] = [auth.access_key_id, auth.secret_access_key].map(nameOfSecret);
      return { authorization: `AWS4-HMAC-SHA256 <signature with ${id} and ${key}>` };
    }
    case 'airflow':
      return { authorization: `Bearer <token of /auth/token for ${auth.username}>` };
  }
}

function shownSecret(before: string, secret: Secret): string {
  return `<${before === '' ? '' : `${before} `}${nameOfSecret(secret)}>`;
}

function shownBody(body: CallBody): string {
  if (body.kind === 'json') return JSON.stringify(body.value, null, 2);
  if (body.kind === 'none') return '';
  const field = ([name, value]: (typeof body.fields)[number]) =>
    `${name}=${typeof value === 'string' ? value : shownSecret('', value)}`;
  return body.fields.map(field).join('\n');
}
