import type { RetrainingTarget, Secret, TargetAuth } from '@plumbline/contracts';
import { targetAuth } from '@plumbline/monitoring';
import type { SendResult } from '../../channels/channel.js';
import { secretForms } from '../../secrets/secret-form.js';
import type { Secrets } from '../../secrets/secrets.js';
import type { AccessTokens, TokenSource } from './access-tokens.js';
import { type MessageToSign, sigv4Headers } from './sigv4-headers.js';

export interface AuthContext {
  readonly secrets: Secrets;
  readonly tokens: AccessTokens;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export type AuthHeaders =
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly result: Exclude<SendResult, { outcome: 'delivered' }> };

/**
 * Returns the headers by which a call to a target authenticates itself, by lower-case name.
 * @param message what is sent with them
 * @throws the signal's reason when it aborts
 */
export async function authHeaders(
  target: RetrainingTarget,
  message: MessageToSign,
  context: AuthContext,
): Promise<AuthHeaders> {
  const source = tokenSource(target);
  if (source !== undefined) return bearerOfSource(source, context);
  const auth = targetAuth(target);
  switch (auth.type) {
    case 'basic':
      return header(context, auth.password, 'authorization', (password) => basic(auth.username, password));
    case 'bearer':
      return header(context, auth.token, 'authorization', (token) => `Bearer ${token}`);
    case 'header':
      return header(context, auth.value, auth.name.toLowerCase(), (value) => value);
    case 'sigv4':
      return signature(auth, message, context);
    default:
      return { ok: true, headers: {} };
  }
}

/** Returns where the access token of a target comes from; undefined when it needs none. */
export function tokenSource(target: RetrainingTarget): TokenSource | undefined {
  const auth = targetAuth(target);
  if (auth.type === 'oauth2') return auth;
  if (auth.type !== 'airflow' || target.preset !== 'airflow3') return undefined;
  return { ...auth, token_url: `${target.url.replace(/\/+$/, '')}/auth/token` };
}

async function bearerOfSource(source: TokenSource, { tokens, nowMs, signal }: AuthContext): Promise<AuthHeaders> {
  const token = await tokens.get(source, nowMs, signal);
  if (token.ok) return { ok: true, headers: { authorization: `Bearer ${token.token}` } };
  const { retryable, status, detail, retryAfterMs } = token;
  if (!retryable) return { ok: false, result: { outcome: 'rejected', status, detail } };
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { ok: false, result: { outcome: 'retryable', status, detail, ...later } };
}

async function header(
  { secrets }: AuthContext,
  secret: Secret,
  name: string,
  write: (value: string) => string,
): Promise<AuthHeaders> {
  const resolved = await secrets.read(secret, secretForms.any);
  if (!resolved.ok) return waiting(resolved.problem);
  return { ok: true, headers: { [name]: write(resolved.value) } };
}

async function signature(
  auth: Extract<TargetAuth, { type: 'sigv4' }>,
  message: MessageToSign,
  { secrets, nowMs }: AuthContext,
): Promise<AuthHeaders> {
  const references = [auth.access_key_id, auth.secret_access_key, ...(auth.session_token ? [auth.session_token] : [])];
  const values: string[] = [];
  for (const reference of references) {
    const resolved = await secrets.read(reference, secretForms.any);
    if (!resolved.ok) return waiting(resolved.problem);
    values.push(resolved.value);
  }
  const [accessKeyId = '', secretAccessKey = '', sessionToken] = values;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const scope = { service: 'sagemaker', region: auth.region };
  return { ok: true, headers: sigv4Headers(message, scope, credentials, nowMs) };
}

/** The operator can repair this without anybody declaring the target again, so the call waits. */
function waiting(problem: string): AuthHeaders {
  return { ok: false, result: { outcome: 'retryable', status: 0, detail: problem } };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
