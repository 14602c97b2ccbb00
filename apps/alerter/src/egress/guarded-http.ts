import { isIP } from 'node:net';
import { Agent, buildConnector, errors, request, type Dispatcher } from 'undici';
import { AddressGuard } from './address-guard.js';
import { EgressError } from './egress-error.js';
import { addressRefused, guardedLookup, type ResolveName } from './guarded-lookup.js';

const CONNECT_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface GuardedHttpOptions {
  /** CIDR ranges that may be reached although they are not public. */
  readonly allowedAddresses: readonly string[];
  readonly allowHttp: boolean;
  readonly connectTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
  /** In place of the system's resolver. */
  readonly resolveName?: ResolveName;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whose body is read: that of a success is left unread where nobody needs it, so that it cannot do harm. */
  readonly reads: 'failures' | 'all';
  /** Of a success; 64 kB when absent. */
  readonly maxAnswerBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; the first value of each. */
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfter: string | undefined;
  /** The body of a success, "" where only failures are read; at most 64 kB of that of a failure. */
  readonly text: string;
}

/**
 * The only way to an address that a user configured. What is checked is the address that the socket gets, after names are
 * resolved, so neither a strange notation nor a name that resolves differently the second time gets around it. Redirects are
 * not followed; proxies of the environment are not used.
 */
export class GuardedHttp {
  private readonly agent: Agent;
  private readonly allowHttp: boolean;
  private readonly totalTimeoutMs: number;

  /** @throws RangeError when an allowed range is none */
  constructor(options: GuardedHttpOptions) {
    this.allowHttp = options.allowHttp;
    this.totalTimeoutMs = options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS;
    this.agent = new Agent({
      connect: guardedConnector(
        new AddressGuard(options.allowedAddresses),
        options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        options.resolveName,
      ),
      // A connection each: one kept alive may be closed by the other side just as it is used, which looks like a failed send.
      pipelining: 0,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Posts and returns the answer, whatever its status, without the body of a success.
   * @throws EgressError when there is none
   * @throws the signal's reason when it aborts
   */
  async post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    return this.send({ method: 'POST', url, headers, body, reads: 'failures' }, signal);
  }

  /**
   * Sends and returns the answer, whatever its status.
   * @throws EgressError when there is none, or that of a success cannot be read whole
   * @throws the signal's reason when it aborts
   */
  async send(wanted: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, url, headers, body } = wanted;
    signal.throwIfAborted();
    this.checkUrl(url);
    const timeout = AbortSignal.timeout(this.totalTimeoutMs);
    try {
      const response = await request(url, {
        dispatcher: this.agent,
        method,
        headers,
        body: body ?? null,
        signal: AbortSignal.any([signal, timeout]),
      });
      const answered = firstValues(response.headers);
      return {
        status: response.statusCode,
        headers: answered,
        retryAfter: answered['retry-after'],
        text: await answerText(response, wanted),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof EgressError) throw error;
      if (timeout.aborted) throw new EgressError('timeout', `no answer within ${this.totalTimeoutMs} ms`);
      throw egressError(error);
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private checkUrl(url: string): void {
    if (!URL.canParse(url)) throw new EgressError('invalid_request', 'the address is not a URL');
    const { protocol } = new URL(url);
    if (protocol === 'https:' || (protocol === 'http:' && this.allowHttp)) return;
    throw new EgressError('tls_required', 'the address must begin with https:// (setting alerting.allowHttp)');
  }
}

function guardedConnector(guard: AddressGuard, timeoutMs: number, resolveName?: ResolveName): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: guardedLookup(guard, resolveName) });
  return (options, callback) => {
    // A socket does not look up what is an address already.
    if (isIP(options.hostname) !== 0 && !guard.allows(options.hostname)) callback(addressRefused(), null);
    else connect(options, callback);
  };
}

/** Codes of a connection that never stood, so that nothing went over it. */
const NEVER_CONNECTED = new Set([
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function egressError(error: unknown): EgressError {
  if (error instanceof EgressError) return error;
  if (error instanceof errors.InvalidArgumentError) {
    return new EgressError('invalid_request', `the request cannot be made: ${error.message}`, { cause: error });
  }
  if (error instanceof errors.ConnectTimeoutError) {
    return new EgressError('not_connected', 'no connection in time', { cause: error });
  }
  const code = (error as { code?: unknown } | null)?.code;
  const cause = typeof code === 'string' ? code : 'failed';
  const reason = NEVER_CONNECTED.has(cause) ? 'not_connected' : 'connection';
  return new EgressError(reason, `no answer: connection ${cause}`, { cause: error });
}

function firstValues(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const [first] = [value].flat();
    if (first !== undefined) values[name.toLowerCase()] = first;
  }
  return values;
}

/** The body as far as it is wanted. Of a failure it is for people, so what goes wrong while reading it does not matter. */
async function answerText(
  { statusCode, body }: Dispatcher.ResponseData,
  { reads, maxAnswerBytes = MAX_ANSWER_BYTES }: HttpRequest,
): Promise<string> {
  body.on('error', () => undefined);
  const success = statusCode >= 200 && statusCode < 300;
  const maxBytes = success ? maxAnswerBytes : MAX_ANSWER_BYTES;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    if (success && reads === 'failures') return '';
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes <= maxBytes) continue;
      if (success) throw new EgressError('answer_too_long', `the answer is longer than ${maxBytes} bytes`);
      break;
    }
  } catch (error) {
    // The status of a failure is the answer.
    if (success) throw error;
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}
