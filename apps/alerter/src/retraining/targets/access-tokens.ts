import { type Secret, type TargetAuth } from '@plumbline/contracts';
import { atPointer, mayPass, parseJson } from '@plumbline/monitoring';
import { EgressError } from '../../egress/egress-error.js';
import type { GuardedHttp, HttpAnswer, HttpRequest } from '../../egress/guarded-http.js';
import { secretForms } from '../../secrets/secret-form.js';
import type { Secrets } from '../../secrets/secrets.js';
import { cleaned, parseRetryAfter } from '../../webhook/answer-to-result.js';

/** Where a token comes from; of Airflow, with the address of its token endpoint. */
export type TokenSource =
  Extract<TargetAuth, { type: 'oauth2' }> | (Extract<TargetAuth, { type: 'airflow' }> & { readonly token_url: string });

export type TokenResult =
  | { readonly ok: true; readonly token: string }
  /** `retryable`: it may be had later. `status` is that of HTTP, 0 where there was none. */
  | {
      readonly ok: false;
      readonly retryable: boolean;
      readonly status: number;
      readonly detail: string;
      readonly retryAfterMs?: number;
    };

/** Of a token whose endpoint does not say how long it lasts. */
const DEFAULT_LIFETIME_MS = 600_000;
/** A token is not used so shortly before its end: the call takes a while, and clocks differ. */
const MARGIN_MS = 60_000;
const MAX_TOKENS = 1000;

interface KeptToken {
  readonly token: string;
  readonly usableUntilMs: number;
}

/** Gets access tokens and keeps each until shortly before its end. */
export class AccessTokens {
  private readonly kept = new Map<string, KeptToken>();

  constructor(
    private readonly http: GuardedHttp,
    private readonly secrets: Secrets,
  ) {}

  /**
   * Returns a token, a kept one if there is one.
   * @throws the signal's reason when it aborts
   */
  async get(source: TokenSource, nowMs: number, signal: AbortSignal): Promise<TokenResult> {
    const kept = this.kept.get(keyOf(source));
    if (kept !== undefined && nowMs < kept.usableUntilMs) return { ok: true, token: kept.token };
    const secret = await this.secrets.read(secretOf(source), secretForms.any);
    // The operator can repair this without anybody declaring the target again.
    if (!secret.ok) return { ok: false, retryable: true, status: 0, detail: secret.problem };
    let answer: HttpAnswer;
    try {
      answer = await this.http.send(tokenRequest(source, secret.value), signal);
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      return { ok: false, retryable: error.retryable, status: 0, detail: `no access token: ${error.message}` };
    }
    return this.take(source, answer, nowMs);
  }

  /** Forgets a token that was not accepted. */
  forget(source: TokenSource): void {
    this.kept.delete(keyOf(source));
  }

  private take(source: TokenSource, answer: HttpAnswer, nowMs: number): TokenResult {
    const { status } = answer;
    const json = parseJson(answer.text);
    if (status !== 200 && status !== 201) return refusal(answer, json, nowMs);
    const token = atPointer(json, '/access_token');
    const type = atPointer(json, '/token_type') ?? 'bearer';
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) {
      return { ok: false, retryable: false, status, detail: 'the answer of the token endpoint holds no access_token' };
    }
    if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
      return { ok: false, retryable: false, status, detail: 'the token endpoint gives no bearer tokens' };
    }
    const expiresInS = Number(atPointer(json, '/expires_in'));
    const lifetimeMs = expiresInS > 0 ? expiresInS * 1000 : DEFAULT_LIFETIME_MS;
    if (this.kept.size >= MAX_TOKENS) this.kept.clear();
    this.kept.set(keyOf(source), { token, usableUntilMs: nowMs + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 2) });
    return { ok: true, token };
  }
}

function tokenRequest(source: TokenSource, secret: string): HttpRequest {
  const common = { method: 'POST', url: source.token_url, reads: 'all' } as const;
  const headers = { accept: 'application/json', 'user-agent': 'plumbline' };
  if (source.type === 'airflow') {
    const body = JSON.stringify({ username: source.username, password: secret });
    return { ...common, headers: { ...headers, 'content-type': 'application/json' }, body };
  }
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (source.scope !== undefined) form.set('scope', source.scope);
  if (source.audience !== undefined) form.set('audience', source.audience);
  if (source.client_auth === 'body') {
    form.set('client_id', source.client_id);
    form.set('client_secret', secret);
  }
  const authorization = source.client_auth === 'basic' ? { authorization: clientBasic(source.client_id, secret) } : {};
  const contentType = { 'content-type': 'application/x-www-form-urlencoded' };
  return { ...common, headers: { ...headers, ...contentType, ...authorization }, body: form.toString() };
}

/** RFC 6749, 2.3.1: both parts are form-encoded first. */
function clientBasic(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ '': part }).toString().slice(1));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

/** What an endpoint gives as its reason is shown, the rest of its answer is not: it is no place for strangers to look. */
function refusal(answer: HttpAnswer, json: unknown, nowMs: number): TokenResult {
  const reasons = ['/error', '/error_description', '/detail'].map((pointer) => atPointer(json, pointer));
  const said = cleaned(reasons.filter((reason) => typeof reason === 'string').join(': '));
  const { status } = answer;
  const detail = `no access token: the token endpoint answered ${status}${said === '' ? '' : `, ${said}`}`;
  const retryAfterMs = parseRetryAfter(answer.retryAfter, nowMs);
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { ok: false, retryable: mayPass(status), status, detail, ...later };
}

function secretOf(source: TokenSource): Secret {
  return source.type === 'airflow' ? source.password : source.client_secret;
}

/** By reference to its secret: a secret that was rotated is met by the 401 that the old token earns. */
function keyOf(source: TokenSource): string {
  return JSON.stringify(source);
}
