import type { RetrainingRequest, RetrainingTarget, Secret } from '@plumbline/contracts';
import {
  callHeaders,
  encodeBody,
  type Lookup,
  mayPass,
  protocolOfTarget,
  readTargetAnswer,
  secretsOfBody,
  type StartedRun,
  type TargetCall,
  type TargetProtocol,
} from '@plumbline/monitoring';
import type { SendResult } from '../../channels/channel.js';
import { EgressError } from '../../egress/egress-error.js';
import type { GuardedHttp, HttpAnswer } from '../../egress/guarded-http.js';
import { secretForms } from '../../secrets/secret-form.js';
import type { Secrets } from '../../secrets/secrets.js';
import { cleaned, parseRetryAfter } from '../../webhook/answer-to-result.js';
import { webhookHeaders } from '../../webhook/webhook-headers.js';
import { authHeaders, tokenSource } from './auth-headers.js';
import { AccessTokens } from './access-tokens.js';

type NotStarted = Exclude<SendResult, { outcome: 'delivered' }>;

/**
 * What became of one call. `delivered`: the run was started, now or by an earlier call. `retryable`: make the same call again.
 * `rejected`: no run was started, or it is not known and must not be tried again; `detail` says which.
 */
export type TriggerResult =
  ({ readonly outcome: 'delivered'; readonly status: number; readonly detail: string } & StartedRun) | NotStarted;

export interface TriggerContext {
  readonly attemptedAtMs: number;
  readonly signal: AbortSignal;
}

export interface RetrainingCallerDependencies {
  readonly http: GuardedHttp;
  readonly secrets: Secrets;
}

/** What became of one HTTP request: an answer, none, or it was not made. */
type Exchange =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  | { readonly kind: 'lost'; readonly error: EgressError }
  | { readonly kind: 'not_made'; readonly result: NotStarted };

/** Calls retraining targets. One for the process: it keeps access tokens. */
export class RetrainingCaller {
  private readonly tokens: AccessTokens;

  constructor(private readonly dependencies: RetrainingCallerDependencies) {
    this.tokens = new AccessTokens(dependencies.http, dependencies.secrets);
  }

  /**
   * Makes one attempt to start the run of a request. Where the target keeps no key but can be asked, it is asked first. A second
   * attempt never starts a second run where `isRepeatable(target)`; elsewhere the result of an attempt whose outcome is not known
   * is `rejected`.
   * @throws the signal's reason when it aborts
   */
  async triggerRetraining(
    target: RetrainingTarget,
    request: RetrainingRequest,
    context: TriggerContext,
  ): Promise<TriggerResult> {
    const protocol = protocolOfTarget(target);
    for (const lookup of protocol.lookups(request)) {
      const result = this.readLookup(lookup, await this.exchange(target, request, lookup.call, context), context);
      if (result !== 'none') return result;
    }
    const call = protocol.call(request);
    const tooLong = bodyTooLong(call, protocol.maxBodyBytes);
    if (tooLong !== undefined) return { outcome: 'rejected', status: 0, detail: tooLong };
    return readCall(protocol, request, await this.exchange(target, request, call, context), context);
  }

  private readLookup(lookup: Lookup, exchange: Exchange, { attemptedAtMs }: TriggerContext): TriggerResult | 'none' {
    const detail = 'the run was started by an earlier call';
    switch (exchange.kind) {
      case 'not_made':
        return exchange.result;
      case 'lost': {
        const { error } = exchange;
        if (error.reason === 'answer_too_long' && lookup.whenTooLong !== undefined) {
          return { outcome: 'delivered', status: 200, detail, ...lookup.whenTooLong };
        }
        return { outcome: error.retryable ? 'retryable' : 'rejected', status: 0, detail: asked(error.message) };
      }
      case 'answered': {
        const { status, text } = exchange.answer;
        if (mayPass(status)) return again(exchange.answer, asked(cleaned(text)), attemptedAtMs);
        if (status !== 200) return { outcome: 'rejected', status, detail: asked(cleaned(text)) };
        const found = lookup.find(exchange.answer);
        if (found === 'none') return 'none';
        if (found === undefined) return { outcome: 'retryable', status, detail: asked(cleaned(text)) };
        return { outcome: 'delivered', status, detail, ...found };
      }
    }
  }

  /** Makes a request; once more with a fresh token when a kept one is refused, which means that nothing was done. */
  private async exchange(
    target: RetrainingTarget,
    request: RetrainingRequest,
    call: TargetCall,
    context: TriggerContext,
  ): Promise<Exchange> {
    const first = await this.exchangeOnce(target, request, call, context);
    const source = tokenSource(target);
    if (source === undefined || first.kind !== 'answered' || first.answer.status !== 401) return first;
    this.tokens.forget(source);
    return this.exchangeOnce(target, request, call, context);
  }

  private async exchangeOnce(
    target: RetrainingTarget,
    request: RetrainingRequest,
    call: TargetCall,
    { attemptedAtMs, signal }: TriggerContext,
  ): Promise<Exchange> {
    const { http, secrets } = this.dependencies;
    const revealed = new Map<Secret, string>();
    for (const secret of secretsOfBody(call.body)) {
      const resolved = await secrets.read(secret, secretForms.any);
      if (!resolved.ok) return waitForOperator(resolved.problem);
      revealed.set(secret, resolved.value);
    }
    const body = encodeBody(call.body, (secret) => revealed.get(secret) ?? '');

    const signed = await this.signatureHeaders(target, request, body, attemptedAtMs);
    if (!signed.ok) return waitForOperator(signed.problem);
    const unauthenticated = { ...signed.headers, ...callHeaders(target.headers, request.runId, call) };
    const message = { call, headers: unauthenticated, body };
    const auth = await authHeaders(target, message, { secrets, tokens: this.tokens, nowMs: attemptedAtMs, signal });
    if (!auth.ok) return { kind: 'not_made', result: auth.result };
    const headers = { ...unauthenticated, ...auth.headers };
    try {
      const sent = call.body.kind === 'none' ? {} : { body };
      const answer = await http.send({ method: call.method, url: call.url, headers, ...sent, reads: 'all' }, signal);
      return { kind: 'answered', answer };
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      return { kind: 'lost', error };
    }
  }

  /** Of a webhook only: what Standard Webhooks wants, signed where a secret is declared. */
  private async signatureHeaders(
    target: RetrainingTarget,
    { runId }: RetrainingRequest,
    body: string,
    attemptedAtMs: number,
  ): Promise<{ ok: true; headers: Record<string, string> } | { ok: false; problem: string }> {
    if (target.preset !== 'webhook') return { ok: true, headers: {} };
    const keys: Buffer[] = [];
    if (target.secret !== undefined) {
      const resolved = await this.dependencies.secrets.read(target.secret, secretForms.signingKey);
      if (!resolved.ok) return resolved;
      keys.push(Buffer.from(resolved.value.slice('whsec_'.length), 'base64'));
    }
    return { ok: true, headers: webhookHeaders({ id: runId, body, attemptedAtMs, keys, headers: {} }) };
  }
}

function readCall(
  protocol: TargetProtocol,
  request: RetrainingRequest,
  exchange: Exchange,
  { attemptedAtMs }: TriggerContext,
): TriggerResult {
  switch (exchange.kind) {
    case 'not_made':
      return exchange.result;
    case 'lost': {
      const { error } = exchange;
      if (error.maybeSent) return outcomeUnknown(protocol, 0, error.message);
      return { outcome: error.retryable ? 'retryable' : 'rejected', status: 0, detail: error.message };
    }
    case 'answered': {
      const { answer } = exchange;
      const { status } = answer;
      const read = readTargetAnswer(protocol, answer, request);
      switch (read.verdict) {
        case 'started':
          return { outcome: 'delivered', status, detail: '', ...read.run };
        case 'again':
          return again(answer, cleaned(read.detail), attemptedAtMs);
        case 'unknown':
          return outcomeUnknown(protocol, status, cleaned(read.detail));
        case 'refused':
          return { outcome: 'rejected', status, detail: cleaned(read.detail) };
      }
    }
  }
}

function outcomeUnknown({ repeatable }: TargetProtocol, status: number, detail: string): NotStarted {
  if (repeatable) return { outcome: 'retryable', status, detail };
  const sentence =
    'Whether a run was started is not known, and the call is not made again, because a second one could start a second run: look for it at the target.';
  return { outcome: 'rejected', status, detail: `${detail}${detail === '' ? '' : '. '}${sentence}` };
}

function again(answer: HttpAnswer, detail: string, nowMs: number): NotStarted {
  const retryAfterMs = parseRetryAfter(answer.retryAfter, nowMs);
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { outcome: 'retryable', status: answer.status, detail, ...later };
}

/** The operator can repair this without anybody declaring the target again, so the call waits. */
function waitForOperator(problem: string): Exchange {
  return { kind: 'not_made', result: { outcome: 'retryable', status: 0, detail: problem } };
}

function asked(detail: string): string {
  return `asked whether the run exists, the target did not say: ${detail}`;
}

function bodyTooLong(call: TargetCall, maxBytes: number | undefined): string | undefined {
  if (maxBytes === undefined) return undefined;
  const sizeBytes = Buffer.byteLength(encodeBody(call.body, () => ''));
  if (sizeBytes <= maxBytes) return undefined;
  return `the request has ${sizeBytes} bytes, and the target takes ${maxBytes}: pass fewer parameters`;
}
